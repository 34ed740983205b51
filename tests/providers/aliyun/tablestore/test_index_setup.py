"""Making the index in Tablestore, and bringing one up to date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tablestore as ots

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import SCHEMA, ObjectRef
from imagelabels.domain.query import Query
from imagelabels.providers.aliyun.tablestore import index_setup
from imagelabels.providers.aliyun.tablestore.client import Instance
from imagelabels.providers.aliyun.tablestore.label_index import TablestoreLabelIndex
from imagelabels.providers.aliyun.tablestore.ledger import TablestoreLedger
from imagelabels.providers.aliyun.tablestore.tables import CHANGES, EVENTS, FIELDS, IMAGES, KEYS, SEARCH
from imagelabels.records.rows import image_pk
from tests.contract.asking import every
from tests.contract.samples import NOW, label, put, record
from tests.contract.tablestore_provider import instance
from tests.providers.aliyun.spoiled import lost, spoiled

ABOVE: dict[str, tuple[str, ...]] = {"dog": ("mammal",)}
DERIVED = ("ids", "categories", "labels", "confidence", "last_modified")


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Instance]:
    with instance(tmp_path) as opened:
        yield opened


def older(opened: Instance, key: str) -> ObjectRef:
    """A row as a version wrote it that had a schema less, without the columns that a search needs now."""
    ref = ObjectRef("oss", "album", key)
    put(TablestoreLedger(opened), replace(record(ref, (label("dog"),), ancestors=ABOVE), schema=SCHEMA - 1))
    assert opened.update(IMAGES, (image_pk(ref),), {}, DERIVED)
    return ref


def test_an_index_is_made_once_and_a_second_time_changes_nothing(opened: Instance) -> None:
    index_setup.create(opened)
    put(TablestoreLedger(opened), record())
    index_setup.create(opened)
    assert set(opened.sdk.list_table()) == set(KEYS)
    assert [tuple(one) for one in opened.sdk.list_search_index()] == [(IMAGES, SEARCH)]
    assert TablestoreLabelIndex(opened).search(Query()).records == (record(),)


def test_only_history_and_changes_expire(opened: Instance) -> None:
    index_setup.create_tables(opened)
    kept = {table: opened.sdk.describe_table(table).table_options.time_to_live for table in KEYS}
    assert kept == {table: 30 * 86400 if table in (EVENTS, CHANGES) else -1 for table in KEYS}


def test_what_was_cut_off_or_made_by_somebody_else_meanwhile_is_made_whole(tmp_path: Path) -> None:
    with spoiled(tmp_path) as (opened, spoiler, _):
        spoiler.next("CreateTable", lost, lost)
        spoiler.next("CreateSearchIndex", lost)
        index_setup.create(opened)
        assert spoiler.faults == []
        assert set(opened.sdk.list_table()) == set(KEYS)
        assert TablestoreLabelIndex(opened).search(Query()).records == ()


def test_rows_of_the_version_before_are_read_and_found_by_everything_after_a_migration(opened: Instance) -> None:
    index_setup.create(opened)
    ledger, index = TablestoreLedger(opened), TablestoreLabelIndex(opened)
    ref = older(opened, "old.jpg")
    row = ledger.row(ref)
    assert row is not None
    assert row.record is not None
    assert row.record.schema == SCHEMA - 1
    assert [one.ref for one in index.search(Query()).records] == [ref]
    assert index.search(Query(all_of=every("mammal"))).records == ()
    assert index_setup.migrate(opened) == 1
    whole = record(ref, (label("dog"),), ancestors=ABOVE)
    assert index.search(Query(all_of=every("mammal"))).records == (whole,)
    assert index.count(Query()).categories == {"mammal": 1}
    assert index_setup.migrate(opened) == 0


def test_a_migration_that_was_cut_off_goes_on_where_it_was(opened: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    index_setup.create(opened)
    for n in range(5):
        older(opened, f"{n}.jpg")
    whole = opened.update
    written: list[Any] = []

    def dies_at_the_third(*args: Any, **more: Any) -> bool:
        if len(written) == 2:
            raise Unavailable("timeout")
        written.append(args)
        return whole(*args, **more)

    monkeypatch.setattr(opened, "update", dies_at_the_third)
    with pytest.raises(Unavailable):
        index_setup.migrate(opened)
    monkeypatch.undo()
    assert index_setup.migrate(opened) == 3
    assert index_setup.migrate(opened) == 0
    assert TablestoreLabelIndex(opened).count(Query(all_of=every("mammal"))).total == 5


def _without_notes(opened: Instance) -> ObjectRef:
    """An index and a row as the version before wrote them: no search looked at notes."""
    index_setup.create_tables(opened)
    fields = [index_setup._schema(field) for field in FIELDS if field.name != "notes"]
    opened.sdk.create_search_index(IMAGES, SEARCH, ots.SearchIndexMeta(fields))
    ref = ObjectRef("oss", "album", "photo.heic")
    row = record(ref, (), "skipped", "unsupported_format")
    put(TablestoreLedger(opened), replace(row, notes=("format_heic",)))
    assert opened.update(IMAGES, (image_pk(ref),), {}, ("notes",))
    return ref


def test_notes_of_rows_from_before_notes_were_searched_are_counted_after_a_migration(opened: Instance) -> None:
    ref = _without_notes(opened)
    index = TablestoreLabelIndex(opened)
    with pytest.raises(Misconfigured, match="lacks notes: run `imagelabels index migrate`"):
        index.count(Query(state="skipped"))
    assert index_setup.migrate(opened) == 1
    assert index.count(Query(state="skipped")).notes == {"format_heic": 1}
    assert [row.ref for row in index.search(Query(state="skipped", reason="format_heic")).records] == [ref]
    assert index_setup.migrate(opened) == 0


def test_a_migration_that_was_cut_off_at_the_rows_does_not_make_the_index_look_up_to_date(
    opened: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_notes(opened)

    def dies(*args: Any, **more: Any) -> bool:
        raise Unavailable("timeout")

    monkeypatch.setattr(opened, "update", dies)
    with pytest.raises(Unavailable):
        index_setup.migrate(opened)
    monkeypatch.undo()
    assert index_setup.migrate(opened) == 1
    assert TablestoreLabelIndex(opened).count(Query(state="skipped")).notes == {"format_heic": 1}


def test_a_row_that_changes_during_a_migration_is_left_to_who_changes_it(
    opened: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_setup.create(opened)
    ledger, ref = TablestoreLedger(opened), older(opened, "old.jpg")
    newest = replace(record(ref, (label("cat"),)), updated_at=1_800_000_000_000)
    whole = opened.update

    def after_another(*args: Any, **more: Any) -> bool:
        monkeypatch.setattr(opened, "update", whole)
        put(ledger, newest, "e2")
        return whole(*args, **more)

    monkeypatch.setattr(opened, "update", after_another)
    assert index_setup.migrate(opened) == 0
    row = ledger.row(ref)
    assert row is not None
    assert row.record == newest


def test_locks_and_traces_without_a_record_pass_through_a_migration(opened: Instance) -> None:
    index_setup.create(opened)
    ledger, ref = TablestoreLedger(opened), ObjectRef("oss", "album", "locked.jpg")
    assert ledger.lock(ref, "a", NOW + 30, NOW, "e1")
    before = ledger.row(ref)
    assert index_setup.migrate(opened) == 0
    assert ledger.row(ref) == before


def test_an_index_that_was_never_made_is_made_by_a_migration(opened: Instance) -> None:
    assert index_setup.migrate(opened) == 0
    assert TablestoreLabelIndex(opened).search(Query()).records == ()
