"""Many rows in one call: each succeeds or fails by itself, and the answer tells of all."""

from __future__ import annotations

from typing import Any

import pytest
from tablestore import (
    BatchGetRowRequest,
    BatchWriteRowRequest,
    ComparatorType,
    Condition,
    DeleteRowItem,
    PutRowItem,
    Row,
    RowExistenceExpectation,
    SingleColumnCondition,
    TableInBatchGetRowItem,
    TableInBatchWriteRowItem,
    UpdateRowItem,
)

from tests.emulator.aliyun.tablestore.asking import EXIST, IGNORE, create, get, put, refused


def write(client: Any, **tables: list[Any]) -> Any:
    request = BatchWriteRowRequest()
    for table, items in tables.items():
        request.add(TableInBatchWriteRowItem(table, items))
    return client.batch_write_row(request)


def read(client: Any, columns: Any = (), column_filter: Any = None, **tables: list[str]) -> Any:
    request = BatchGetRowRequest()
    for table, names in tables.items():
        wanted = [[("pk", name)] for name in names]
        request.add(TableInBatchGetRowItem(table, wanted, list(columns), column_filter, 1))
    return client.batch_get_row(request)


def putting(pk: str, condition: Any = IGNORE, **columns: Any) -> Any:
    return PutRowItem(Row([("pk", pk)], list(columns.items())), condition)


@pytest.mark.parametrize("native", [True, False])
def test_puts_updates_and_removals_in_two_tables_are_one_call(client: Any, ots: Any, native: bool) -> None:
    client = ots.ots(enable_native=native)
    create(client, "u")
    put(client, "old", x=1)
    put(client, "gone", x=1)
    updating = UpdateRowItem(Row([("pk", "old")], {"put": [("y", 2)], "delete_all": ["x"]}), IGNORE)
    answer = write(
        client, t=[putting("a", n=1), updating, DeleteRowItem(Row([("pk", "gone")]), IGNORE)], u=[putting("b")]
    )
    assert answer.is_all_succeed()
    assert (get(client, "a"), get(client, "old"), get(client, "gone")) == ({"n": 1}, {"y": 2}, None)
    assert get(client, "b", table="u") == {}


def test_a_row_that_fails_leaves_the_others_of_its_batch_done(client: Any) -> None:
    answer = write(client, t=[putting("a", n=1), putting("b", EXIST, n=1), putting("c", n=1)], nothing=[putting("a")])
    assert not answer.is_all_succeed()
    done, failed = answer.get_put()
    assert len(done) == 2
    assert [(one.error_code, one.error_message) for one in failed] == [
        ("OTSConditionCheckFail", "Condition check failed."),
        ("OTSObjectNotExist", "Requested table does not exist."),
    ]
    assert (get(client, "a"), get(client, "b"), get(client, "c")) == ({"n": 1}, None, {"n": 1})


def test_conditions_in_a_batch_see_what_it_wrote_before(client: Any) -> None:
    first = SingleColumnCondition("n", 1, ComparatorType.EQUAL, False)
    answer = write(client, t=[putting("a", n=1), putting("a", Condition(RowExistenceExpectation.IGNORE, first), n=2)])
    assert answer.is_all_succeed()
    assert get(client, "a") == {"n": 2}


def test_more_than_200_rows_are_refused_and_none_is_written(client: Any) -> None:
    assert "200" in refused(write, client, t=[putting(f"a{n}", n=n) for n in range(201)])[2]
    assert get(client, "a0") is None
    assert write(client, t=[putting(f"a{n}", n=n) for n in range(200)]).is_all_succeed()


def test_more_than_4_mb_are_refused_and_none_is_written(client: Any) -> None:
    big = "v" * (2 * 1024 * 1024 - 100)
    assert write(client, t=[putting("a", x=big), putting("b", x=big)]).is_all_succeed()
    items = [putting("c", x=big), putting("d", x=big), putting("e", x="v" * 500)]
    assert "4194304 bytes" in refused(write, client, t=items)[2]
    assert get(client, "c") is None


def test_an_empty_batch_is_refused(client: Any) -> None:
    assert refused(write, client)[2] == "No row is specified in BatchWriteRow."
    assert refused(write, client, t=[])[2] == "No operation is specified for table: 't'."
    assert refused(read, client)[2] == "No row specified in the request of BatchGetRow."


def test_rows_come_back_in_the_order_asked_for_with_holes_where_there_are_none(client: Any) -> None:
    put(client, "a", n=1, m=1)
    put(client, "b", n=2)
    found = read(client, ["n"], t=["b", "none", "a"]).get_result_by_table("t")
    assert [one.row and one.row.primary_key[0][1] for one in found] == ["b", None, "a"]
    assert [name for name, _, _ in found[2].row.attribute_columns] == ["n"]


def test_a_filter_of_a_batch_leaves_rows_out(client: Any) -> None:
    put(client, "a", n=1)
    put(client, "b", n=2)
    found = read(
        client, column_filter=SingleColumnCondition("n", 2, ComparatorType.EQUAL), t=["a", "b"]
    ).get_result_by_table("t")
    assert [one.row is None for one in found] == [True, False]


def test_a_table_that_is_not_there_fails_row_by_row(client: Any) -> None:
    put(client, "a", n=1)
    answer = read(client, t=["a"], nothing=["a"])
    assert answer.get_result_by_table("t")[0].is_ok
    assert answer.get_result_by_table("nothing")[0].error_code == "OTSObjectNotExist"


def test_more_than_100_rows_cannot_be_read_at_once(client: Any) -> None:
    assert "100" in refused(read, client, t=[f"a{n}" for n in range(101)])[2]
