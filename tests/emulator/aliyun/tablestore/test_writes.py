"""Keys that the service counts, atomic batches, pages of columns, and split points."""

from __future__ import annotations

from typing import Any

import pytest
import tablestore
from tablestore import ReturnType, Row, TableMeta, TableOptions

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore import values as stored
from emulator.aliyun.tablestore.values import Cell
from tests.emulator.aliyun.tablestore.asking import FREE, IGNORE, create, get, put, refused
from tests.emulator.aliyun.tablestore.posting import posted
from tests.emulator.running import RunningTablestore

AUTO = tablestore.PK_AUTO_INCR
pb = messages.table


def test_a_key_that_the_service_counts_grows_with_every_row(ots: RunningTablestore) -> None:
    client = ots.ots()
    client.create_table(TableMeta("t", [("pk", "STRING"), ("n", "INTEGER", AUTO)]), TableOptions(), FREE)
    numbers = []
    for value in range(3):
        row = Row([("pk", "a"), ("n", AUTO)], [("v", value)])
        _, written = client.put_row("t", row, IGNORE, ReturnType.RT_PK)
        numbers.append(written.primary_key[1][1])
    assert numbers == sorted(set(numbers))
    _, row, _ = client.get_row("t", [("pk", "a"), ("n", numbers[1])], max_version=1)
    assert row.attribute_columns[0][1] == 1


def test_only_a_new_row_is_counted_and_only_in_its_own_column(ots: RunningTablestore) -> None:
    client = ots.ots()
    client.create_table(TableMeta("t", [("pk", "STRING"), ("n", "INTEGER", AUTO)]), TableOptions(), FREE)
    changed = Row([("pk", "a"), ("n", AUTO)], {"put": [("v", 1)]})
    assert refused(client.update_row, "t", changed, IGNORE)[1] == "OTSInvalidPK"
    create(client, "u", [("pk", "STRING"), ("n", "INTEGER")])
    assert refused(client.put_row, "u", Row([("pk", "a"), ("n", AUTO)], []), IGNORE)[1] == "OTSInvalidPK"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ([("a", "INTEGER", AUTO)], "The first primary key column 'a' cannot be auto-increment."),
        ([("a", "STRING"), ("b", "STRING", AUTO)], "The auto-increment column 'b' must be an integer."),
        ([("a", "STRING"), ("b", "INTEGER", AUTO), ("c", "INTEGER", AUTO)], "only one auto-increment column"),
    ],
)
def test_a_column_that_cannot_be_counted_is_refused(ots: RunningTablestore, key: Any, message: str) -> None:
    assert message in refused(ots.ots().create_table, TableMeta("t", key), TableOptions(), FREE)[2]


def batch(*rows: tuple[str, int], atomic: bool = True, **options: Any) -> Any:
    request = pb.BatchWriteRowRequest(**options)
    table = request.tables.add(table_name="t")
    for key, existence in rows:
        row = stored.Row((("pk", key),), (Cell("n", 1, 0),))
        change = plainbuffer.write([row._replace(cells=())])
        added = table.rows.add(type=pb.PUT, row_change=change)
        added.condition.row_existence = existence
    return request.SerializeToString() + (bytes([3 << 3, 1]) if atomic else b"")


def test_an_atomic_batch_writes_all_rows_or_none(ots: RunningTablestore, client: Any) -> None:
    put(client, "a")
    status, _ = posted(ots, "BatchWriteRow", batch(("b", pb.IGNORE), ("b", pb.EXPECT_EXIST)))
    assert (status, get(client, "b")) == (200, {})
    client.delete_row("t", [("pk", "b")], IGNORE)
    status, answer = posted(ots, "BatchWriteRow", batch(("b", pb.IGNORE), ("b", pb.EXPECT_NOT_EXIST)))
    assert (status, b"OTSConditionCheckFail" in answer) == (403, True)
    assert get(client, "b") is None
    assert posted(ots, "BatchWriteRow", batch(("b", pb.IGNORE), ("b", pb.EXPECT_NOT_EXIST), atomic=False))[0] == 200
    assert get(client, "b") == {}


def test_an_atomic_batch_has_one_partition_and_no_transaction(ots: RunningTablestore, client: Any) -> None:
    status, answer = posted(ots, "BatchWriteRow", batch(("a", pb.IGNORE), ("b", pb.IGNORE)))
    (table,) = pb.BatchWriteRowResponse.FromString(answer).tables
    outside = ("OTSDataOutOfRange", "Data out of scope of atomic. Atomic PartKey:a. Data PartKey:b")
    assert (status, [(row.is_ok, row.error.code, row.error.message) for row in table.rows]) == (
        200,
        [(False, *outside)] * 2,
    )
    assert get(client, "a") is None
    name = client.start_local_transaction("t", [("pk", "a")])
    _, answer = posted(ots, "BatchWriteRow", batch(("a", pb.IGNORE), transaction_id=name))
    assert b"cannot be in a local transaction" in answer


def read(ots: RunningTablestore, **options: Any) -> Any:
    key = plainbuffer.write([stored.Row((("pk", "a"),), ())])
    request = pb.GetRowRequest(table_name="t", primary_key=key, max_versions=1, **options)
    status, answer = posted(ots, "GetRow", request.SerializeToString())
    if status != 200:
        return answer
    row = pb.GetRowResponse.FromString(answer).row
    return [cell.name for cell in plainbuffer.read_one(row).cells]


def page(offset: int, limit: int) -> bytes:
    inner = messages.filters.ColumnPaginationFilter(offset=offset, limit=limit).SerializeToString()
    whole: bytes = messages.filters.Filter(type=messages.filters.FT_COLUMN_PAGINATION, filter=inner).SerializeToString()
    return whole


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"filter": page(1, 2)}, ["b", "c"]),
        ({"filter": page(3, 9)}, ["d"]),
        ({"filter": page(9, 1)}, []),
        ({"start_column": "b"}, ["b", "c", "d"]),
        ({"end_column": "c"}, ["a", "b"]),
        ({"start_column": "b", "end_column": "d"}, ["b", "c"]),
    ],
)
def test_a_read_may_ask_for_a_page_of_the_columns(
    ots: RunningTablestore, client: Any, options: Any, names: list[str]
) -> None:
    put(client, "a", a=1, b=2, c=3, d=4)
    assert read(ots, **options) == names


@pytest.mark.parametrize("filter_bytes", [page(-1, 1), page(0, 0)])
def test_a_page_of_columns_that_cannot_be_is_refused(ots: RunningTablestore, client: Any, filter_bytes: bytes) -> None:
    put(client, "a", a=1)
    assert b"column pagination filter" in read(ots, filter=filter_bytes)


def split(ots: RunningTablestore, **options: Any) -> Any:
    request = pb.ComputeSplitPointsBySizeRequest(table_name="t", **options)
    status, answer = posted(ots, "ComputeSplitPointsBySize", request.SerializeToString())
    return pb.ComputeSplitPointsBySizeResponse.FromString(answer) if status == 200 else answer


def test_split_points_part_a_table_into_pieces_of_about_one_size(ots: RunningTablestore, client: Any) -> None:
    for n in range(10):
        put(client, f"k{n}", v="x" * 95)
    answer = split(ots, split_size=3, split_size_unit_in_byte=100)
    points = [plainbuffer.read_one(point).key for point in answer.split_points]
    assert points == [(("pk", "k3"),), (("pk", "k6"),), (("pk", "k9"),)]
    assert [(place.location, place.repeat) for place in answer.locations] == [("", 4)]
    assert [column.name for column in answer.schema] == ["pk"]
    assert list(split(ots, split_size=1).split_points) == []
    assert b"greater than 0" in split(ots, split_size=0)
