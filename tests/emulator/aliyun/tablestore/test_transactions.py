"""Local transactions: what is seen within and outside of them, how they end, and what they hold back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import tablestore
from tablestore import (
    INF_MAX,
    INF_MIN,
    Condition,
    DeleteRowItem,
    Direction,
    FieldSchema,
    FieldType,
    MatchAllQuery,
    PutRowItem,
    Row,
    RowExistenceExpectation,
    TableMeta,
    TableOptions,
)
from tablestore.metadata import BatchWriteRowRequest, TableInBatchWriteRowItem

from tests.emulator.aliyun.tablestore.asking import FREE, IGNORE, Clock, create, refused
from tests.emulator.aliyun.tablestore.asking import search as asked
from tests.emulator.running import running_tablestore

KEY = (("owner", "STRING"), ("n", "INTEGER"))
CONFLICT = (409, "OTSRowOperationConflict", "Data is being modified by the other request.")


@pytest.fixture
def client(tmp_path: Any, clock: Clock) -> Iterator[Any]:
    with running_tablestore(tmp_path, clock=clock) as running:
        client = running.ots()
        create(client, key=KEY)
        yield client


def key(n: Any, owner: str = "a") -> list[tuple[str, Any]]:
    return [("owner", owner), ("n", n)]


def put(client: Any, n: int, value: int, transaction: str | None = None, owner: str = "a") -> None:
    client.put_row("t", Row(key(n, owner), [("v", value)]), IGNORE, None, transaction)


def get(client: Any, n: int, transaction: str | None = None) -> Any:
    _, row, _ = client.get_row("t", key(n), max_version=1, transaction_id=transaction)
    return row.attribute_columns[0][1] if row else None


def listed(client: Any, transaction: str | None = None, backward: bool = False) -> list[tuple[int, int]]:
    ends = [key(INF_MIN), key(INF_MAX)]
    start, end = reversed(ends) if backward else ends
    direction = Direction.BACKWARD if backward else Direction.FORWARD
    rows = client.get_range("t", direction, start, end, max_version=1, transaction_id=transaction)[2]
    return [(row.primary_key[1][1], row.attribute_columns[0][1]) for row in rows]


def start(client: Any, owner: str = "a") -> str:
    name: str = client.start_local_transaction("t", [("owner", owner)])
    return name


def test_changes_are_seen_within_a_transaction_and_by_others_once_it_is_committed(client: Any) -> None:
    for n in (1, 2, 3):
        put(client, n, n)
    name = start(client)
    put(client, 2, 20, name)
    put(client, 5, 50, name)
    client.delete_row("t", key(3), IGNORE, None, name)
    client.update_row("t", Row(key(2), {"increment": [("v", 1)]}), IGNORE, None, name)
    assert (get(client, 2, name), get(client, 3, name), get(client, 5, name)) == (21, None, 50)
    assert (get(client, 2), get(client, 3), get(client, 5)) == (2, 3, None)
    assert listed(client, name) == [(1, 1), (2, 21), (5, 50)]
    assert listed(client, name, backward=True) == [(5, 50), (2, 21), (1, 1)]
    assert listed(client) == [(1, 1), (2, 2), (3, 3)]
    client.commit_transaction(name)
    assert listed(client) == [(1, 1), (2, 21), (5, 50)]


def test_an_aborted_transaction_leaves_nothing(client: Any) -> None:
    put(client, 1, 1)
    name = start(client)
    put(client, 1, 2, name)
    client.abort_transaction(name)
    assert get(client, 1) == 1
    put(client, 1, 3)


def test_conditions_in_a_transaction_see_its_own_changes(client: Any) -> None:
    name = start(client)
    put(client, 1, 1, name)
    row = Row(key(1), [("v", 2)])
    absent = Condition(RowExistenceExpectation.EXPECT_NOT_EXIST)
    assert refused(client.put_row, "t", row, absent, None, name)[1] == "OTSConditionCheckFail"


def test_nobody_else_writes_to_a_partition_that_a_transaction_holds(client: Any) -> None:
    name = start(client)
    assert refused(put, client, 1, 1) == CONFLICT
    assert refused(start, client) == CONFLICT
    put(client, 1, 1, owner="b")
    client.abort_transaction(start(client, "b"))
    client.commit_transaction(name)
    put(client, 1, 1)


def test_a_transaction_ends_by_itself_after_sixty_seconds(client: Any, clock: Clock) -> None:
    name = start(client)
    put(client, 1, 1, name)
    clock.ahead += 59
    put(client, 2, 2, name)
    clock.ahead += 2
    for call in (client.commit_transaction, client.abort_transaction):
        assert refused(call, name) == (400, "OTSSessionNotExist", "Session not exist or may be timeout.")
    assert refused(get, client, 1, name)[1] == "OTSSessionNotExist"
    put(client, 1, 3)
    assert listed(client) == [(1, 3)]


def test_a_transaction_reaches_no_other_partition_and_no_other_table(client: Any) -> None:
    create(client, "u", KEY)
    name = start(client)
    outside = "Data out of scope of transaction. Transaction PartKey:a. Data PartKey:b"
    assert refused(put, client, 1, 1, name, "b") == (400, "OTSDataOutOfRange", outside)
    assert refused(client.put_row, "u", Row(key(1), []), IGNORE, None, name)[1] == "OTSDataOutOfRange"
    far = [("owner", INF_MIN), ("n", INF_MIN)]
    call = client.get_range
    scan = refused(call, "t", "FORWARD", far, key(INF_MAX), max_version=1, transaction_id=name)
    assert scan[1] == "OTSDataOutOfRange"


def test_each_row_of_a_batch_joins_the_transaction_or_fails_by_itself(client: Any) -> None:
    put(client, 1, 1)
    name = start(client)
    items = [
        PutRowItem(Row(key(2), [("v", 2)]), IGNORE),
        DeleteRowItem(Row(key(1)), IGNORE),
        PutRowItem(Row(key(3, "b"), [("v", 3)]), IGNORE),
    ]
    request = BatchWriteRowRequest()
    request.add(TableInBatchWriteRowItem("t", items))
    request.set_transaction_id(name)
    answer = client.batch_write_row(request)
    puts, deletions = answer.get_put_by_table("t"), answer.get_delete_by_table("t")
    assert [[item.is_ok for item in items] for items in (puts, deletions)] == [[True, False], [True]]
    assert (listed(client, name), listed(client)) == ([(2, 2)], [(1, 1)])


@pytest.mark.parametrize("name", ["no such id", "", "x" * 32])
def test_what_is_no_transaction_id_is_refused(client: Any, name: str) -> None:
    assert refused(client.commit_transaction, name) == (400, "OTSParameterInvalid", "TransactionID is invalid.")


def test_a_transaction_writes_at_most_four_megabytes(client: Any) -> None:
    name = start(client)
    client.put_row("t", Row(key(1), [("v", "x" * 2**21)]), IGNORE, None, name)
    row = Row(key(2), [("v", "x" * 2**21)])
    assert refused(client.put_row, "t", row, IGNORE, None, name)[1] == "OTSOutOfTransactionDataSizeLimit"


def test_the_search_index_sees_a_transaction_when_it_is_committed(client: Any) -> None:
    client.create_search_index("t", "i", tablestore.SearchIndexMeta([FieldSchema("v", FieldType.LONG)]))
    name = start(client)
    put(client, 1, 1, name)
    assert asked(client, MatchAllQuery()).total_count == 0
    client.commit_transaction(name)
    assert asked(client, MatchAllQuery()).total_count == 1


def test_a_table_that_is_deleted_in_the_meantime_stays_so(client: Any) -> None:
    name = start(client)
    put(client, 1, 1, name)
    client.delete_table("t")
    create(client, key=KEY)
    client.commit_transaction(name)
    assert listed(client) == []


def test_a_table_that_counts_its_keys_has_no_transactions(client: Any) -> None:
    meta = TableMeta("u", [("owner", "STRING"), ("n", "INTEGER", tablestore.PK_AUTO_INCR)])
    client.create_table(meta, TableOptions(), FREE)
    said = refused(client.start_local_transaction, "u", [("owner", "a")])[2]
    assert said == "A table with an auto-increment column does not have transactions."


@pytest.mark.parametrize("partition", [key(1), [("owner", 1)], [("other", "a")]])
def test_a_transaction_starts_with_the_first_column_of_the_key_alone(client: Any, partition: Any) -> None:
    assert refused(client.start_local_transaction, "t", partition)[:2] == (400, "OTSInvalidPK")
