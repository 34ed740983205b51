"""Writes under conditions, and reads with filters."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tablestore import (
    ComparatorType,
    CompositeColumnCondition,
    Condition,
    LogicalOperator,
    RegexRule,
    Row,
    RowExistenceExpectation,
    SingleColumnCondition,
    SingleColumnRegexCondition,
)
from tablestore.metadata import CastType

from emulator.aliyun.tablestore.context import Switches
from tests.emulator.aliyun.tablestore.asking import EXIST, IGNORE, NOT_EXIST, create, get, put, refused, update
from tests.emulator.running import RunningTablestore, running_tablestore

FAILED = (403, "OTSConditionCheckFail", "Condition check failed.")


def when(column: Any, existence: str = RowExistenceExpectation.IGNORE) -> Any:
    return Condition(existence, column)


def is_(name: str, value: Any, comparator: str = ComparatorType.EQUAL, missing: bool = False, **options: Any) -> Any:
    return SingleColumnCondition(name, value, comparator, missing, **options)


def both(operator: str, *parts: Any) -> Any:
    made = CompositeColumnCondition(operator)
    for part in parts:
        made.add_sub_condition(part)
    return made


WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "put": lambda client, condition: put(client, "a", condition=condition, n=2),
    "update": lambda client, condition: update(client, "a", {"put": [("n", 2)]}, condition),
    "delete": lambda client, condition: client.delete_row("t", [("pk", "a")], condition),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_that_should_be_there_and_is_not_is_not_made(client: Any, write: Any) -> None:
    assert refused(write, client, EXIST) == FAILED
    assert get(client, "a") is None


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_that_should_not_be_there_and_is_stays_as_it_was(client: Any, write: Any) -> None:
    put(client, "a", n=1)
    assert refused(write, client, NOT_EXIST) == FAILED
    assert get(client, "a") == {"n": 1}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_whose_condition_does_not_hold_changes_nothing(client: Any, write: Any) -> None:
    put(client, "a", n=1)
    assert refused(write, client, when(is_("n", 7))) == FAILED
    assert get(client, "a") == {"n": 1}
    write(client, when(is_("n", 1), RowExistenceExpectation.EXPECT_EXIST))
    assert get(client, "a") in ({"n": 2}, None)


C = ComparatorType
L = LogicalOperator


@pytest.mark.parametrize(
    ("column", "holds"),
    [
        (is_("n", 5), True),
        (is_("n", 5, C.NOT_EQUAL), False),
        (is_("n", 4, C.GREATER_THAN), True),
        (is_("n", 5, C.GREATER_THAN), False),
        (is_("n", 5, C.GREATER_EQUAL), True),
        (is_("n", 6, C.LESS_THAN), True),
        (is_("n", 5, C.LESS_THAN), False),
        (is_("n", 5, C.LESS_EQUAL), True),
        (is_("s", "狗"), True),
        (is_("s", "a", C.GREATER_THAN), True),
        (is_("f", 0.5), True),
        (is_("t", True), True),
        (is_("t", False), False),
        (is_("b", bytearray(b"\x01")), True),
        (is_("pk", "a"), True),
        (is_("pk", "b"), False),
        (is_("none", 1), False),
        (is_("none", 1, missing=True), True),
        (is_("none", 1, C.NOT_EQUAL), False),
        (is_("n", 7, missing=True), False),
        (is_("n", "5"), False),
        (is_("n", 5.0), False),
        (is_("n", True, C.NOT_EQUAL), True),
        (both(L.NOT, is_("n", 7)), True),
        (both(L.NOT, is_("none", 7)), True),
        (both(L.AND, is_("n", 5), is_("t", True)), True),
        (both(L.AND, is_("n", 5), is_("t", False)), False),
        (both(L.OR, is_("n", 6), is_("t", True)), True),
        (both(L.OR, is_("n", 6), is_("t", False)), False),
        (both(L.AND, is_("n", 5), both(L.NOT, both(L.OR, is_("n", 6), is_("s", "猫")))), True),
    ],
)
def test_the_same_rule_lets_a_write_pass_and_a_row_be_read(client: Any, column: Any, holds: bool) -> None:
    columns: dict[str, Any] = {"n": 5, "s": "狗", "f": 0.5, "t": True, "b": bytearray(b"\x01")}
    put(client, "a", **columns)
    assert get(client, "a", column_filter=column) == (columns if holds else None)
    if holds:
        put(client, "a", condition=when(column), done=True)
    else:
        assert refused(put, client, "a", condition=when(column), done=True) == FAILED
    assert get(client, "a") == ({"done": True} if holds else columns)


def test_a_condition_sees_older_versions_only_if_it_asks_for_them(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client, max_version=2)
    for n in (1, 2):
        client.update_row("t", Row([("pk", "a")], {"put": [("n", n, int(time.time() * 1000) + n)]}), IGNORE)
    assert get(client, "a", column_filter=is_("n", 1)) is None
    assert get(client, "a", column_filter=is_("n", 1, latest_version_only=False), max_version=2) is not None


def test_a_filter_sees_the_columns_asked_for_alone(client: Any) -> None:
    put(client, "a", n=1, m=1)
    assert get(client, "a", ["m"], column_filter=is_("n", 1)) is None
    assert get(client, "a", ["m", "n"], column_filter=is_("n", 1)) == {"n": 1, "m": 1}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_row_that_is_not_there_meets_a_condition_as_one_without_columns(client: Any, write: Any) -> None:
    assert refused(write, client, when(is_("n", 1))) == FAILED
    write(client, when(is_("n", 1, missing=True)))
    assert get(client, "a") in ({"n": 2}, None)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_switched_a_row_that_is_not_there_meets_no_condition(tmp_path: Path, write: Any) -> None:
    with running_tablestore(tmp_path, switches=Switches(missing_rows_as_empty=False)) as running:
        client = running.ots()
        create(client)
        assert refused(write, client, when(is_("n", 1, missing=True))) == FAILED
        put(client, "a", m=1)
        write(client, when(is_("n", 1, missing=True)))


def test_an_increment_under_a_condition_counts_only_while_it_holds(client: Any) -> None:
    below = when(is_("n", 2, ComparatorType.LESS_THAN, missing=True))
    for _ in range(2):
        update(client, "a", {"increment": [("n", 1)]}, below)
    assert refused(update, client, "a", {"increment": [("n", 1)]}, below) == FAILED
    assert get(client, "a") == {"n": 2}


def test_switched_an_increment_under_a_condition_is_refused(tmp_path: Path) -> None:
    with running_tablestore(tmp_path, switches=Switches(increments_with_conditions=False)) as running:
        client = running.ots()
        create(client)
        condition = when(is_("n", 2, missing=True))
        assert refused(update, client, "a", {"increment": [("n", 1)]}, condition)[:2] == (400, "OTSParameterInvalid")
        update(client, "a", {"increment": [("n", 1)]})
        assert get(client, "a") == {"n": 1}


def test_more_than_10_comparisons_are_refused(client: Any) -> None:
    put(client, "a", n=1)
    assert refused(get, client, "a", column_filter=both(L.OR, *[is_("n", 1)] * 11))[:2] == (400, "OTSParameterInvalid")
    assert get(client, "a", column_filter=both(L.OR, *[is_("n", 1)] * 10)) == {"n": 1}


def test_regular_expressions_are_refused_by_name(client: Any) -> None:
    put(client, "a", n="1")
    rule = SingleColumnRegexCondition("n", ComparatorType.EQUAL, 1, RegexRule("([0-9])", CastType.VT_INTEGER))
    assert "regular expression" in refused(get, client, "a", column_filter=rule)[2]
