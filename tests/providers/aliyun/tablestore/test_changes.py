"""Readers of changes in Tablestore wait for the youngest ones, and are refused when old ones have expired."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path

import pytest

from imagelabels.domain.changes import KEPT_DAYS, CursorTooOld
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.tablestore import changes, index_setup
from imagelabels.providers.aliyun.tablestore.changes import HELD_BACK, TablestoreChanges
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import CHANGES
from tests.contract.samples import NOW, REF, entry, record
from tests.contract.tablestore_provider import instance

DAY = 86400


def test_the_youngest_changes_are_held_back_and_then_told(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        ledger, began = TablestoreLedger(opened), time.time()
        assert ledger.lock(REF, "t", NOW + 30, NOW, "e")
        assert ledger.finish(REF, "t", record(), entry(at=round(began * 1000)))

        told, cursor = TablestoreChanges(opened, lambda: began).since(None)
        assert told == ()
        later = TablestoreChanges(opened, lambda: time.time() + HELD_BACK / 1000 + 1)
        assert [one.ref.uri for one in later.since(cursor)[0]] == [REF.uri]


def test_a_change_that_was_held_back_is_told_later_and_not_before(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        ledger = TablestoreLedger(opened)
        assert ledger.lock(REF, "t", NOW + 30, NOW, "e")
        assert ledger.finish(REF, "t", record(), entry(at=round(time.time() * 1000)))

        written = time.time()
        told, cursor = TablestoreChanges(opened, lambda: written + 5).since(None)
        assert told == ()
        assert [one.ref for one in TablestoreChanges(opened, lambda: written + 16).since(cursor)[0]] == [REF]


def test_a_row_that_the_search_index_does_not_show_yet_would_be_in_no_copy(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        ledger, written = TablestoreLedger(opened), time.time()
        assert ledger.lock(REF, "t", NOW + 30, NOW, "e")
        assert ledger.finish(REF, "t", record(), entry(at=round(written * 1000)))

        cursor = TablestoreChanges(opened, lambda: written + 60).end()
        assert [one.ref for one in TablestoreChanges(opened, lambda: written + 90).since(cursor)[0]] == [REF]
        cursor = TablestoreChanges(opened, lambda: written + 400).end()
        assert TablestoreChanges(opened, lambda: written + 500).since(cursor)[0] == ()


def test_a_reader_that_comes_back_after_lines_have_expired_is_refused(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        cursor = TablestoreChanges(opened, lambda: NOW).end()
        with pytest.raises(CursorTooOld, match="start from an export"):
            TablestoreChanges(opened, lambda: NOW + KEPT_DAYS * DAY).since(cursor)


def written(opened: Instance, *refs: ObjectRef, at: int) -> None:
    """Write the lines of some changes of one moment, or write them anew."""
    for ref in refs:
        row = changes.line(opened, ref, f"token of {ref.key}", at).row
        opened.sdk.put_row(CHANGES, row)


def told_by_pages(reader: TablestoreChanges, cursor: str | None, limit: int) -> tuple[list[str], str]:
    keys: list[str] = []
    while True:
        told, cursor = reader.since(cursor, limit)
        keys += [one.ref.key for one in told]
        if len(told) < limit:
            return keys, cursor


def test_a_cursor_would_tell_of_a_picture_that_its_reader_may_not_see(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        at = round(time.time() * 1000)
        written(opened, *(ObjectRef("oss", "b", key) for key in "abcde"), at=at)
        reader = TablestoreChanges(opened, lambda: time.time() + HELD_BACK / 1000 + 1)
        (first,), cursor = reader.since(None, 1)
        plain = base64.urlsafe_b64decode(cursor + "==").decode()
        assert first.picture not in plain
        assert f"token of {first.ref.key}" not in plain
        for limit in (1, 2, 3, 5):
            assert sorted(told_by_pages(reader, None, limit)[0]) == list("abcde")


def test_a_line_that_was_written_anew_would_let_a_reader_miss_another_one(tmp_path: Path) -> None:
    with instance(tmp_path) as opened:
        index_setup.create_tables(opened)
        at = round(time.time() * 1000)
        refs = [ObjectRef("oss", "b", key) for key in "abcde"]
        written(opened, *refs, at=at)
        written(opened, ObjectRef("oss", "b", "later"), at=at + 1)
        until = round(time.time() * 1000) + 1
        reader = TablestoreChanges(opened, lambda: (until + HELD_BACK) / 1000)
        told, cursor = reader.since(None, 2)
        while round(time.time() * 1000) <= until:
            time.sleep(0.001)
        written(opened, told[-1].ref, at=at)  # The answer to the first request was lost, so it is repeated.
        keys, end = told_by_pages(reader, cursor, 2)
        assert {told[0].ref.key, *keys} >= {*"abcde", "later"} - {told[-1].ref.key}
        later = TablestoreChanges(opened, lambda: time.time() + HELD_BACK / 1000 + 1)
        assert told[-1].ref in [one.ref for one in later.since(end)[0]]


@pytest.mark.parametrize(
    "inner",
    [
        [1, 2, "a"],
        [1, 2, "0000000000001", "x" * 32],
        [1, 2, "0000000000001", 5],
        [1, 2, 1, "0" * 32],
        [1, 2, "0000000000001 ", "0" * 32],
        [1, True],
        [1, "2"],
        [1, 2, "0000000000001", "0" * 32, ""],
    ],
)
def test_what_is_no_cursor_of_ours_would_be_read_as_one(tmp_path: Path, inner: list[object]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(inner).encode()).decode().rstrip("=")
    with instance(tmp_path) as opened, pytest.raises(ValueError, match="no cursor"):
        TablestoreChanges(opened).since(cursor)
