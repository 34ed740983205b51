"""Readers of changes in Tablestore wait for the youngest ones, and are refused when old ones have expired."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from imagelabels.domain.changes import KEPT_DAYS, CursorTooOld
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.changes import HELD_BACK, TablestoreChanges
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
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
