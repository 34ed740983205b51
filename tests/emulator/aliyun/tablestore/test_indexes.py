"""Search indexes: how they are created and described, and when they see a write."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tablestore import (
    AnalyzerType,
    FieldSchema,
    FieldSort,
    FieldType,
    MatchAllQuery,
    PrimaryKeySort,
    Sort,
    SortOrder,
    SyncPhase,
    TermQuery,
)

from tests.emulator.aliyun.tablestore.asking import Clock, create, get, index, keys, put, refused, search
from tests.emulator.running import running_tablestore

K = FieldSchema("k", FieldType.KEYWORD, index=True, enable_sort_and_agg=True)
ALL = MatchAllQuery()


def test_an_index_is_told_as_it_was_made_with_what_was_left_out(client: Any) -> None:
    text = FieldSchema("t", FieldType.TEXT)
    inner = FieldSchema("id", FieldType.KEYWORD, index=True, is_array=True)
    index(client, [K, text, FieldSchema("n", FieldType.NESTED, sub_field_schemas=[inner])])
    meta, sync = client.describe_search_index("t", "i")
    assert [(one.field_name, one.field_type) for one in meta.fields] == [
        ("k", FieldType.KEYWORD),
        ("t", FieldType.TEXT),
        ("n", FieldType.NESTED),
    ]
    assert meta.fields[0].enable_sort_and_agg is True
    assert (meta.fields[1].index, meta.fields[1].analyzer) == (True, AnalyzerType.SINGLEWORD)
    assert [(one.field_name, one.is_array) for one in meta.fields[2].sub_field_schemas] == [("id", True)]
    assert meta.index_sort.sorters == []
    assert sync.sync_phase == SyncPhase.INCR
    assert abs(sync.current_sync_timestamp / 1e9 - time.time()) < 60


def test_an_index_without_nested_fields_is_sorted_by_key(client: Any) -> None:
    index(client, [K])
    (sorter,) = client.describe_search_index("t", "i")[0].index_sort.sorters
    assert isinstance(sorter, PrimaryKeySort)


def test_indexes_are_listed_of_one_table_or_all(client: Any) -> None:
    create(client, "u")
    index(client, [K])
    index(client, [K], "j")
    assert client.list_search_index("t") == [("t", "i"), ("t", "j")]
    assert client.list_search_index("u") == []
    assert client.list_search_index() == [("t", "i"), ("t", "j")]


def test_an_index_that_is_gone_answers_no_more_and_the_rows_stay(client: Any) -> None:
    index(client, [K])
    put(client, "a", k="x")
    client.delete_search_index("t", "i")
    for call in (search, lambda client, query: client.describe_search_index("t", "i")):
        assert refused(call, client, ALL)[:2] == (404, "OTSObjectNotExist")
    assert get(client, "a") == {"k": "x"}


def test_a_new_index_finds_the_rows_that_were_there(client: Any) -> None:
    put(client, "a", k="x")
    index(client, [K])
    assert keys(client, TermQuery("k", "x")) == ["a"]


@pytest.mark.parametrize(
    ("fields", "options", "message"),
    [
        ([], {}, "The number of fields must be in range: [1, 1000]."),
        ([K, K], {}, "Duplicated field name: 'k'."),
        ([FieldSchema("a b", FieldType.LONG)], {}, "Invalid field name: 'a b'."),
        ([FieldSchema("n", FieldType.NESTED)], {}, "The nested field 'n' has no fields."),
        (
            [FieldSchema("n", FieldType.NESTED, sub_field_schemas=[K])],
            {"index_sort": Sort([PrimaryKeySort(SortOrder.ASC)])},
            "A search index with nested fields cannot have an index sort.",
        ),
        ([K], {"index_sort": Sort([FieldSort("z", SortOrder.ASC)])}, "field [z] does not exist in the search index"),
        ([K], {"time_to_live": 90000}, "does not have this operation: CreateSearchIndex with a time to live"),
    ],
)
def test_what_cannot_be_an_index_is_refused(client: Any, fields: Any, options: Any, message: str) -> None:
    assert refused(index, client, fields, **options)[2].endswith(message)
    assert client.list_search_index("t") == []


def test_a_name_that_is_taken_is_refused(client: Any) -> None:
    index(client, [K])
    assert refused(index, client, [K])[:2] == (409, "OTSObjectAlreadyExist")


@pytest.fixture
def lagging(tmp_path: Path, clock: Clock) -> Iterator[Any]:
    """Run a Tablestore whose index sees a row 60 seconds late, by a clock that can be put forward."""
    with running_tablestore(tmp_path, lag_seconds=60, clock=clock) as running:
        client = running.ots()
        create(client)
        index(client, [K])
        yield client


def test_an_index_sees_writes_late_and_in_their_order_while_the_table_has_them_at_once(
    lagging: Any, clock: Clock
) -> None:
    put(lagging, "a", k="old")
    clock.ahead = 30
    put(lagging, "a", k="new")
    put(lagging, "b", k="new")
    assert get(lagging, "a") == {"k": "new"}
    assert keys(lagging, ALL) == []
    clock.ahead = 61
    assert keys(lagging, TermQuery("k", "old")) == ["a"]
    assert keys(lagging, TermQuery("k", "new")) == []
    clock.ahead = 91
    assert keys(lagging, TermQuery("k", "new")) == ["a", "b"]


def test_an_index_still_finds_a_row_that_was_just_removed(lagging: Any, clock: Clock) -> None:
    put(lagging, "a", k="x")
    clock.ahead = 61
    lagging.delete_row("t", [("pk", "a")], None)
    assert get(lagging, "a") is None
    assert keys(lagging, TermQuery("k", "x")) == ["a"]
    clock.ahead = 122
    assert keys(lagging, TermQuery("k", "x")) == []


def test_an_index_being_built_says_so_and_finds_no_rows_yet(lagging: Any, clock: Clock) -> None:
    put(lagging, "a", k="x")
    lagging.delete_search_index("t", "i")
    index(lagging, [K])
    assert lagging.describe_search_index("t", "i")[1].sync_phase == SyncPhase.FULL
    assert keys(lagging, ALL) == []
    clock.ahead = 61
    assert lagging.describe_search_index("t", "i")[1].sync_phase == SyncPhase.INCR
    assert keys(lagging, ALL) == ["a"]
