"""Parallel scans: sessions, parts, tokens and their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tablestore import (
    ColumnReturnType,
    ColumnsToGet,
    FieldSchema,
    FieldType,
    MatchAllQuery,
    Row,
    ScanQuery,
    TermQuery,
)
from tablestore.metadata import BatchWriteRowRequest, PutRowItem, TableInBatchWriteRowItem

from emulator.aliyun.tablestore.search.sessions import MOST, Sessions
from emulator.core.refusal import Refusal
from tests.emulator.aliyun.tablestore.asking import IGNORE, NONE, Clock, create, index, put, refused
from tests.emulator.running import running_tablestore

ALL = MatchAllQuery()


@pytest.fixture
def client(tmp_path: Any, clock: Clock) -> Iterator[Any]:
    with running_tablestore(tmp_path, clock=clock) as running:
        client = running.ots()
        create(client)
        index(client, [FieldSchema("n", FieldType.LONG, index=True)])
        yield client


def fill(client: Any, rows: int) -> None:
    for begin in range(0, rows, 200):
        items = [
            PutRowItem(Row([("pk", f"{n:05}")], [("n", n % 2)]), IGNORE) for n in range(begin, min(begin + 200, rows))
        ]
        request = BatchWriteRowRequest()
        request.add(TableInBatchWriteRowItem("t", items))
        client.batch_write_row(request)


def scan(client: Any, session: Any, query: Any = ALL, columns: Any = NONE, **options: Any) -> Any:
    asked = ScanQuery(
        query, **{"limit": 2000, "next_token": None, "current_parallel_id": 0, "max_parallel": 1, **options}
    )
    return client.parallel_scan("t", "i", asked, session, columns)


def keys(answer: Any) -> list[str]:
    return [row[0][0][1] for row in answer.rows]


def test_a_scan_goes_on_with_its_token_until_it_is_empty(client: Any) -> None:
    fill(client, 5)
    session = client.compute_splits("t", "i").session_id
    first = scan(client, session, limit=3)
    second = scan(client, session, limit=3, next_token=first.next_token)
    last = scan(client, session, limit=3, next_token=second.next_token)
    assert keys(first) + keys(second) == ["00000", "00001", "00002", "00003", "00004"]
    assert (last.rows, last.next_token) == ([], b"")


def test_the_parts_of_a_scan_have_every_row_once(client: Any) -> None:
    fill(client, 2500)
    splits = client.compute_splits("t", "i")
    assert splits.splits_size == 3
    parts = [keys(scan(client, splits.session_id, current_parallel_id=part, max_parallel=3)) for part in range(3)]
    assert all(parts)
    assert sorted(key for part in parts for key in part) == [f"{n:05}" for n in range(2500)]


def test_a_scan_has_only_the_rows_and_columns_that_it_asks_for(client: Any) -> None:
    fill(client, 4)
    columns = ColumnsToGet(return_type=ColumnReturnType.ALL_FROM_INDEX)
    answer = scan(client, client.compute_splits("t", "i").session_id, TermQuery("n", 1), columns)
    assert [(row[0], [cell[:2] for cell in row[1]]) for row in answer.rows] == [
        ([("pk", "00001")], [("n", 1)]),
        ([("pk", "00003")], [("n", 1)]),
    ]


def test_a_scan_without_a_session_has_one_part(client: Any) -> None:
    fill(client, 2)
    assert keys(scan(client, None)) == ["00000", "00001"]


def test_a_session_lives_as_long_as_it_is_used_in_time(client: Any, clock: Clock) -> None:
    put(client, "a", n=1)
    session = client.compute_splits("t", "i").session_id
    for _ in range(3):
        clock.ahead += 29
        scan(client, session, alive_time=30)
    clock.ahead += 31
    assert refused(scan, client, session)[:2] == (400, "OTSSessionExpired")


def test_a_session_that_nobody_uses_is_over_after_a_minute(client: Any, clock: Clock) -> None:
    session = client.compute_splits("t", "i").session_id
    clock.ahead += 61
    assert refused(scan, client, session)[1] == "OTSSessionExpired"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_parallel": 2}, "[parallel_scan.max_parallel_id] must in (0 ,1], current max_parallel_id is 2"),
        (
            {"current_parallel_id": 1},
            "[parallel_scan.current_parallel_id] must in [0, max_parallel), current max_parallel is 1,"
            " current_parallel_id is 1",
        ),
        ({"limit": 2001}, "[parallel_scan.limit] must be in range: [1, 2000]"),
        ({"limit": 0}, "[parallel_scan.limit] must be in range: [1, 2000]"),
        ({"alive_time": 3601}, "[parallel_scan.alive_time] must be in range: [1, 3600]"),
        ({"next_token": b"!"}, "[parallel_scan.token] is invalid"),
        (
            {"columns": ColumnsToGet(return_type=ColumnReturnType.ALL)},
            "a parallel scan returns only columns that the search index holds",
        ),
    ],
)
def test_a_scan_that_cannot_be_says_why(client: Any, options: Any, message: str) -> None:
    session = client.compute_splits("t", "i").session_id
    assert refused(scan, client, session, **options) == (400, "OTSParameterInvalid", message)


def test_an_unknown_table_or_index_has_no_splits(client: Any) -> None:
    assert refused(client.compute_splits, "u", "i")[1:] == ("OTSParameterInvalid", "table [u] does not exist")
    assert refused(client.compute_splits, "t", "j")[1:] == ("OTSMetaNotMatch", "search index [j] does not exist")
    assert refused(client.compute_splits, "t", None)[2] == "[search index splits options] must not be null"


def test_only_the_newest_thousand_sessions_are_kept() -> None:
    sessions = Sessions()
    names = [sessions.start(1, "i", 1, 0) for _ in range(MOST + 1)]
    sessions.use(names[1], 1, "i", 60, 0)
    with pytest.raises(Refusal):
        sessions.use(names[0], 1, "i", 60, 0)


def test_a_session_is_for_the_index_for_which_it_was_started() -> None:
    sessions = Sessions()
    name = sessions.start(1, "i", 1, 0)
    for table, other in ((2, "i"), (1, "j")):
        with pytest.raises(Refusal):
            sessions.use(name, table, other, 60, 0)
