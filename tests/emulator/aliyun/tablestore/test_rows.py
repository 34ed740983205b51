"""Rows: values are read as they were written, with their types, versions and age."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import tablestore
from tablestore import INF_MIN, FieldSchema, FieldType, ReturnType, Row, TermQuery
from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
from tablestore.plainbuffer.plain_buffer_coded_stream import PlainBufferCodedInputStream
from tablestore.plainbuffer.plain_buffer_stream import PlainBufferInputStream
from tablestore.protobuf import table_store_pb2

from tests.emulator.aliyun.tablestore.asking import IGNORE, Clock, create, get, index, keys, put, refused, update
from tests.emulator.aliyun.tablestore.test_auth import signed
from tests.emulator.running import RunningTablestore, running_tablestore

VALUES: dict[str, Any] = {
    "s": "狗 \x00",
    "i": -(1 << 63),
    "f": 0.1,
    "t": True,
    "n": False,
    "b": bytearray(b"\x00\xff"),
    "e": "",
}


@pytest.mark.parametrize("native", [True, False])
def test_every_type_comes_back_as_it_was_put(ots: RunningTablestore, native: bool) -> None:
    client = ots.ots(enable_native=native)
    create(client)
    put(client, "a", **VALUES)
    found = get(client, "a")
    assert found is not None
    assert found == VALUES
    assert {name: type(value) for name, value in found.items()} == {n: type(v) for n, v in VALUES.items()}


def test_a_put_replaces_the_whole_row(client: Any) -> None:
    put(client, "a", x=1, y=2)
    put(client, "a", z=3)
    assert get(client, "a") == {"z": 3}


def test_a_row_that_is_not_there_is_none(client: Any) -> None:
    assert get(client, "a") is None


def test_a_row_without_columns_is_a_row(client: Any) -> None:
    put(client, "a")
    assert get(client, "a") == {}


def test_only_the_columns_asked_for_come_and_no_row_if_it_has_none_of_them(client: Any) -> None:
    put(client, "a", x=1, y=2)
    assert get(client, "a", ["y", "z"]) == {"y": 2}
    assert get(client, "a", ["z"]) is None
    assert get(client, "a", ["pk"]) == {}


def test_an_update_puts_and_deletes_columns_and_leaves_the_others(client: Any) -> None:
    put(client, "a", x=1, y=2, z=3)
    update(client, "a", {"put": [("x", "new"), ("w", 4)], "delete_all": ["y"]})
    assert get(client, "a") == {"x": "new", "z": 3, "w": 4}


def test_an_update_makes_a_row_and_one_that_only_deletes_does_not(client: Any) -> None:
    update(client, "a", {"put": [("x", 1)]})
    update(client, "b", {"delete_all": ["x"]})
    assert get(client, "a") == {"x": 1}
    assert get(client, "b") is None


def test_a_row_stays_when_its_last_column_goes(client: Any) -> None:
    put(client, "a", x=1)
    update(client, "a", {"delete_all": ["x"]})
    assert get(client, "a") == {}


def test_increments_add_up_and_a_missing_column_counts_as_0(client: Any) -> None:
    for step in (5, -7):
        update(client, "a", {"increment": [("n", step)]})
    assert get(client, "a") == {"n": -2}


@pytest.mark.parametrize("held", ["text", 0.5, (1 << 63) - 1])
def test_what_cannot_be_incremented_stays_as_it_was(client: Any, held: Any) -> None:
    put(client, "a", n=held)
    assert refused(update, client, "a", {"increment": [("n", 1)]})[:2] == (400, "OTSParameterInvalid")
    assert get(client, "a") == {"n": held}


def test_a_removed_row_is_gone_and_removing_it_again_is_no_error(client: Any) -> None:
    put(client, "a", x=1)
    for _ in range(2):
        client.delete_row("t", [("pk", "a")], IGNORE)
        assert get(client, "a") is None


def test_a_write_tells_the_key_if_asked(client: Any) -> None:
    _, row = client.put_row("t", Row([("pk", "a")], [("n", 4), ("x", 1)]), IGNORE, ReturnType.RT_PK)
    assert (row.primary_key, row.attribute_columns) == ([("pk", "a")], [])
    counted = Row([("pk", "a")], {"increment": [("n", 3)]})
    _, row = client.update_row("t", counted, IGNORE, ReturnType.RT_PK)
    assert row.primary_key == [("pk", "a")]


def test_an_update_tells_what_it_made_of_a_column_which_the_sdk_cannot_ask_for(ots: RunningTablestore) -> None:
    create(ots.ots())
    put(ots.ots(), "a", n=4, x=1)
    change = PlainBufferBuilder.serialize_for_update_row([("pk", "a")], {"INCREMENT": [("n", 3)]})
    request = table_store_pb2.UpdateRowRequest(table_name="t", row_change=bytes(change))
    request.condition.row_existence = table_store_pb2.IGNORE
    request.return_content.return_type = table_store_pb2.RT_AFTER_MODIFY
    request.return_content.return_column_names.append("n")
    body = request.SerializeToString()
    status, _, answer = ots.raw("POST", "/UpdateRow", signed("/UpdateRow", body), body)
    assert status == 200
    row = table_store_pb2.UpdateRowResponse.FromString(answer).row
    key, cells = PlainBufferCodedInputStream(PlainBufferInputStream(row)).read_row()
    assert (key, [cell[:2] for cell in cells]) == ([("pk", "a")], [("n", 7)])


def test_capacity_is_told_by_4_kb(client: Any) -> None:
    consumed, _ = client.put_row("t", Row([("pk", "a")], [("x", "v" * 8192)]), IGNORE)
    assert (consumed.read, consumed.write) == (0, 3)
    consumed, _, _ = client.get_row("t", [("pk", "a")], max_version=1)
    assert (consumed.read, consumed.write) == (3, 0)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ([("other", "a")], "Validate PK name fail. Input: other, Meta: pk."),
        ([("pk", 1)], "Validate PK type fail. Input: VT_INTEGER, Meta: VT_STRING."),
        ([("pk", bytearray(b"a"))], "Validate PK type fail. Input: VT_BLOB, Meta: VT_STRING."),
        ([("pk", "a"), ("b", 1)], "Validate PK size fail. Input: 2, Meta: 1."),
        ([("pk", INF_MIN)], "Validate PK type fail. Input: VT_INF_MIN, Meta: VT_STRING."),
    ],
)
def test_a_key_that_is_not_the_table_s_is_refused(client: Any, key: Any, message: str) -> None:
    expected = (400, "OTSInvalidPK", message)
    assert refused(client.put_row, "t", Row(key, [("x", 1)]), IGNORE) == expected
    assert refused(client.get_row, "t", key, max_version=1) == expected
    assert refused(client.delete_row, "t", key, IGNORE) == expected


def test_a_table_that_is_not_there_has_no_rows(client: Any) -> None:
    assert refused(put, client, "a", table="u", x=1) == (404, "OTSObjectNotExist", "Requested table does not exist.")


LONG = 2 * 1024 * 1024


@pytest.mark.parametrize(
    ("pk", "columns", "code", "message"),
    [
        ("k" * 1025, {"x": 1}, "OTSParameterInvalid", "exceeds the MaxLength: 1024 with CurrentLength: 1025"),
        ("狗" * 342, {"x": 1}, "OTSParameterInvalid", "with CurrentLength: 1026"),
        ("a", {"x": "v" * (LONG + 1)}, "OTSParameterInvalid", "exceeds the MaxLength: 2097152"),
        ("a", {"x": "v" * LONG, "y": "v" * LONG}, "OTSOutOfRowSizeLimit", "exceeds the limit 4194304"),
        ("a", {f"c{n}": n for n in range(1025)}, "OTSOutOfColumnCountLimit", "exceeds the limit 1024"),
        ("a", {"x y": 1}, "OTSParameterInvalid", "Invalid column name: 'x y'."),
        ("a", {"c" * 256: 1}, "OTSParameterInvalid", "Invalid column name"),
    ],
)
def test_what_is_over_a_limit_is_refused_and_not_kept(
    client: Any, pk: str, columns: dict[str, Any], code: str, message: str
) -> None:
    status, found, said = refused(put, client, pk, **columns)
    assert (status, found) == (400, code)
    assert message in said
    assert not list(client.get_range("t", "FORWARD", *ENDS, max_version=1)[2])


ENDS = ([("pk", INF_MIN)], [("pk", tablestore.INF_MAX)])


def test_a_column_cannot_have_the_name_of_the_key_s(client: Any) -> None:
    row = Row([("pk", "a")], [("pk", 1)])
    assert "has the name of a primary key column" in refused(client.put_row, "t", row, IGNORE)[2]


def test_what_is_at_the_limits_is_kept(client: Any) -> None:
    columns: dict[str, Any] = {f"c{n}": n for n in range(1023)} | {"x" * 255: "v" * LONG}
    put(client, "k" * 1024, **columns)
    assert get(client, "k" * 1024) == columns


def test_more_than_128_columns_cannot_be_asked_for(client: Any) -> None:
    names = [f"c{n}" for n in range(129)]
    assert "exceeds the limit 128" in refused(get, client, "a", names)[2]


@pytest.fixture
def versions(ots: RunningTablestore) -> Any:
    client = ots.ots()
    create(client, max_version=3)
    return client


def at(client: Any, *pairs: tuple[int, Any]) -> int:
    """Put versions of x at moments relative to now, and return now."""
    now = int(time.time() * 1000)
    for offset, value in pairs:
        client.update_row("t", Row([("pk", "a")], {"put": [("x", value, now + offset)]}), IGNORE)
    return now


def seen(client: Any, **options: Any) -> list[Any]:
    _, row, _ = client.get_row("t", [("pk", "a")], **options)
    return [] if row is None else [value for _, value, _ in row.attribute_columns]


def test_as_many_versions_as_the_table_keeps_are_there_newest_first(versions: Any) -> None:
    at(versions, (0, "new"), (-3, "oldest"), (-1, "b"), (-2, "c"))
    assert seen(versions, max_version=9) == ["new", "b", "c"]
    assert seen(versions, max_version=1) == ["new"]


def test_versions_can_be_asked_for_by_time(versions: Any) -> None:
    now = at(versions, (0, "new"), (-10, "old"))
    assert seen(versions, time_range=(now - 10, now)) == ["old"]
    assert seen(versions, time_range=now) == ["new"]


def test_one_version_or_all_of_a_column_can_be_deleted(versions: Any) -> None:
    now = at(versions, (0, "new"), (-10, "old"))
    update(versions, "a", {"delete": [("x", None, now)]})
    assert seen(versions, max_version=9) == ["old"]
    update(versions, "a", {"delete_all": ["x"]})
    assert seen(versions, max_version=9) == []


def test_a_version_more_than_a_day_off_is_refused(versions: Any) -> None:
    far = Row([("pk", "a")], [("x", 1, int(time.time() * 1000) + 90_000_000)])
    assert "86400 seconds off" in refused(versions.put_row, "t", far, IGNORE)[2]


@pytest.fixture
def aging(tmp_path: Path, clock: Clock) -> Iterator[RunningTablestore]:
    with running_tablestore(tmp_path, clock=clock) as running:
        create(running.ots(), time_to_live=86400)
        yield running


def test_rows_end_with_their_time_to_live_and_columns_one_by_one(aging: RunningTablestore, clock: Clock) -> None:
    client = aging.ots()
    put(client, "a", x=1)
    put(client, "bare")
    clock.ahead = 600
    update(client, "a", {"put": [("y", 2)]})
    assert (get(client, "a"), get(client, "bare")) == ({"x": 1, "y": 2}, {})
    with pytest.MonkeyPatch.context() as patched:
        clock.ahead = 86400 + 300
        later = datetime.now(timezone.utc) + timedelta(seconds=clock.ahead)
        patched.setattr("tablestore.utils.get_now_utc_datetime", lambda: later)
        assert (get(client, "a"), get(client, "bare")) == ({"y": 2}, None)
        assert [row.primary_key[0][1] for row in client.get_range("t", "FORWARD", *ENDS, max_version=1)[2]] == ["a"]


def test_rows_and_tables_and_indexes_survive_a_restart(tmp_path: Path) -> None:
    with running_tablestore(tmp_path) as first:
        client = first.ots()
        create(client)
        index(client, [FieldSchema("s", FieldType.KEYWORD)])
        put(client, "a", **VALUES)
    with running_tablestore(tmp_path) as second:
        client = second.ots()
        assert get(client, "a") == VALUES
        assert keys(client, TermQuery("s", "狗 \x00")) == ["a"]
        put(client, "b", s="x")
        assert keys(client, TermQuery("s", "x")) == ["b"]
