"""Our reader and writer of rows, compared with those of the SDK, and bytes that are not rows."""

from __future__ import annotations

from typing import Any

import pytest
from tablestore import INF_MAX, INF_MIN
from tablestore.metadata import PK_AUTO_INCR
from tablestore.plainbuffer.plain_buffer_builder import PlainBufferBuilder
from tablestore.plainbuffer.plain_buffer_coded_stream import PlainBufferCodedInputStream
from tablestore.plainbuffer.plain_buffer_stream import PlainBufferInputStream

from emulator.aliyun.tablestore import plainbuffer
from emulator.aliyun.tablestore.plainbuffer import Kind, Malformed, SentCell
from emulator.aliyun.tablestore.values import Bound, Cell, Row

KEY = [("p", "键"), ("q", -5), ("r", bytearray(b"\x00\xff"))]
OURS = (("p", "键"), ("q", -5), ("r", b"\x00\xff"))
COLUMNS: list[tuple[Any, ...]] = [
    ("a", "狗"),
    ("b", -(1 << 63)),
    ("c", 0.5),
    ("d", True),
    ("e", bytearray(b"\x00")),
    ("f", "", 1700000000000),
]


def test_what_the_sdk_puts_is_read_with_its_types_and_times() -> None:
    row = plainbuffer.read_one(bytes(PlainBufferBuilder.serialize_for_put_row(KEY, COLUMNS)))
    assert row.key == OURS
    assert not row.deleted
    assert [cell.value for cell in row.cells] == ["狗", -(1 << 63), 0.5, True, b"\x00", ""]
    assert [type(cell.value) for cell in row.cells] == [str, int, float, bool, bytes, str]
    assert [cell.at for cell in row.cells] == [None] * 5 + [1700000000000]


def test_what_the_sdk_changes_is_read_with_what_each_cell_does() -> None:
    changes = {"PUT": [("a", 1)], "DELETE_ALL": ["b"], "DELETE": [("c", None, 77)], "INCREMENT": [("d", 2)]}
    row = plainbuffer.read_one(bytes(PlainBufferBuilder.serialize_for_update_row([("p", "1")], changes)))
    assert row.cells == (
        SentCell("a", 1, Kind.PUT, None),
        SentCell("b", None, Kind.DELETE_ALL, None),
        SentCell("c", None, Kind.DELETE_ONE, 77),
        SentCell("d", 2, Kind.INCREMENT, None),
    )


def test_a_removal_and_the_ends_of_a_range_are_read() -> None:
    key = [("p", INF_MIN), ("q", INF_MAX), ("r", PK_AUTO_INCR)]
    row = plainbuffer.read_one(bytes(PlainBufferBuilder.serialize_for_delete_row(key)))
    assert row.deleted
    assert row.key == (("p", Bound.LOW), ("q", Bound.HIGH), ("r", Bound.AUTO))


def test_the_sdk_reads_the_rows_that_we_write() -> None:
    rows = [Row(OURS, (Cell("a", "狗", 5), Cell("c", 0.25, 6), Cell("d", False, 7))), Row((("p", "2"),), ())]
    read = PlainBufferCodedInputStream(PlainBufferInputStream(plainbuffer.write(rows))).read_rows()
    assert read[0].primary_key == KEY
    assert read[0].attribute_columns == [("a", "狗", 5), ("c", 0.25, 6), ("d", False, 7)]
    assert (read[1].primary_key, read[1].attribute_columns) == ([("p", "2")], [])


def test_no_rows_are_no_bytes() -> None:
    assert plainbuffer.write([]) == b""


@pytest.mark.parametrize("value", ["狗", -1, 0.5, True, b"\xff"])
def test_a_value_that_stands_alone_is_read_back_with_its_type(value: Any) -> None:
    read = plainbuffer.value_of(plainbuffer.variant(value))
    assert (read, type(read)) == (value, type(value))


WHOLE = bytes(PlainBufferBuilder.serialize_for_put_row([("p", "1")], [("a", "x"), ("n", 3)]))


@pytest.mark.parametrize("at", range(len(WHOLE)))
def test_no_byte_of_a_row_can_be_damaged_unseen(at: int) -> None:
    damaged = WHOLE[:at] + bytes([WHOLE[at] ^ 0x15]) + WHOLE[at + 1 :]
    with pytest.raises(Malformed):
        plainbuffer.read_one(damaged)


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_row_that_ends_too_early_is_refused(end: int) -> None:
    with pytest.raises(Malformed):
        plainbuffer.read_one(WHOLE[:end])


@pytest.mark.parametrize("data", [b"\x05", b"\x00\x01", b"\x09", b"\x02\x01\x00"])
def test_what_is_no_single_value_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        plainbuffer.value_of(data)


@pytest.mark.parametrize("bound", [Bound.LOW, Bound.HIGH])
def test_zeros_behind_a_bound_are_ignored_as_the_vendors_sdk_for_node_sends_them(bound: Bound) -> None:
    sent = plainbuffer.write([Row((("pk", bound),), ())])
    assert plainbuffer.read_one(sent + bytes(2)) == plainbuffer.read_one(sent)
    for rest in (b"\x00\x01", b"\x01", bytes(4) + sent[4:]):
        with pytest.raises(Malformed):
            plainbuffer.read_one(sent + rest)
