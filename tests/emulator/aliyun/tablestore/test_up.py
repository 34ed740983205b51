"""`python -m emulator up` serves Tablestore, keeps its rows across restarts, and takes its options."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tablestore import (
    ComparatorType,
    Condition,
    FieldSchema,
    FieldType,
    MatchAllQuery,
    OTSClient,
    RowExistenceExpectation,
    SingleColumnCondition,
)
from tablestore.retry import NoRetryPolicy

from tests.emulator.aliyun.tablestore.asking import create, get, index, keys, put, refused, update
from tests.emulator.functions.deployed import code
from tests.emulator.test_main import DETECTOR, up

pytestmark = pytest.mark.story

PASSING = Condition(RowExistenceExpectation.IGNORE, SingleColumnCondition("n", 1, ComparatorType.EQUAL))


@contextmanager
def client(folder: Path, *switches: str) -> Iterator[Any]:
    detector = shlex.join([sys.executable, str(code(folder / "detector", DETECTOR, "detect.py") / "detect.py")])
    command = [sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(folder / "data")]
    with up([*command, "--detector", detector, *switches]) as emulator:
        key = "emulator"
        client = OTSClient(emulator.url, key, key, "photos-inst", region="cn-hangzhou", retry_policy=NoRetryPolicy())
        try:
            yield client
        finally:
            client.connection.pool.clear()


def test_tables_and_their_indexes_are_there_after_a_restart(tmp_path: Path) -> None:
    with client(tmp_path) as first:
        create(first)
        index(first, [FieldSchema("n", FieldType.LONG)])
        put(first, "a", condition=PASSING, n=1)
        update(first, "a", {"increment": [("n", 1)]}, Condition(RowExistenceExpectation.EXPECT_EXIST))
        assert keys(first, MatchAllQuery()) == ["a"]
    with client(tmp_path) as second:
        assert get(second, "a") == {"n": 2}
        assert keys(second, MatchAllQuery()) == ["a"]


def test_its_switches_and_the_lag_are_taken(tmp_path: Path) -> None:
    with client(tmp_path, "--index-lag", "60", "--missing-rows-fail", "--no-conditional-increments") as switched:
        create(switched)
        index(switched, [FieldSchema("n", FieldType.LONG)])
        assert refused(put, switched, "a", condition=PASSING, n=1)[1] == "OTSConditionCheckFail"
        put(switched, "a", n=1)
        assert refused(update, switched, "a", {"increment": [("n", 1)]}, PASSING)[1] == "OTSParameterInvalid"
        assert keys(switched, MatchAllQuery()) == []
