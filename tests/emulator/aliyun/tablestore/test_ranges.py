"""Ranges of keys: their order, their ends, and the key with which the next call continues."""

from __future__ import annotations

from typing import Any

import pytest
from tablestore import INF_MAX, INF_MIN, ComparatorType, Row, SingleColumnCondition

from tests.emulator.aliyun.tablestore.asking import IGNORE, create, put, refused
from tests.emulator.aliyun.tablestore.test_batches import putting, write
from tests.emulator.running import RunningTablestore

LOW, HIGH = [("pk", INF_MIN)], [("pk", INF_MAX)]


def ranged(client: Any, start: Any = LOW, end: Any = HIGH, direction: str = "FORWARD", **options: Any) -> Any:
    """Return the first column of each key, and the key with which the next call continues."""
    _, onward, rows, _ = client.get_range("t", direction, start, end, **{"max_version": 1, **options})
    return [row.primary_key[0][1] for row in rows], onward


@pytest.mark.parametrize("native", [True, False])
def test_rows_come_in_the_order_of_their_keys_either_way(ots: RunningTablestore, native: bool) -> None:
    client = ots.ots(enable_native=native)
    create(client)
    names = ["", "\x00", "\x00a", "a", "a\x00", "a\x00b", "aa", "b", "é", "狗", "𝄞"]
    for name in reversed(names):
        put(client, name, n=1)
    by_bytes = sorted(names, key=str.encode)
    assert ranged(client) == (by_bytes, None)
    assert ranged(client, HIGH, LOW, "BACKWARD") == (by_bytes[::-1], None)


def test_integers_come_by_value_and_columns_one_after_the_other(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client, key=[("a", "INTEGER"), ("b", "BINARY")])
    whole = [(a, b) for a in (-(1 << 63), -256, -1, 0, 1, 255, (1 << 63) - 1) for b in (b"", b"\x00", b"\xff")]
    for a, b in reversed(whole):
        client.put_row("t", Row([("a", a), ("b", bytearray(b))], [("n", 1)]), IGNORE)
    ends = [("a", INF_MIN), ("b", INF_MIN)], [("a", INF_MAX), ("b", INF_MAX)]
    _, _, rows, _ = client.get_range("t", "FORWARD", *ends, max_version=1)
    assert [(row.primary_key[0][1], bytes(row.primary_key[1][1])) for row in rows] == whole
    one = [("a", -1), ("b", INF_MIN)], [("a", -1), ("b", INF_MAX)]
    _, _, rows, _ = client.get_range("t", "FORWARD", *one, max_version=1)
    assert [row.primary_key[0][1] for row in rows] == [-1] * 3


def test_a_column_that_goes_on_comes_behind_all_rows_of_the_shorter_one(ots: RunningTablestore) -> None:
    client = ots.ots()
    create(client, key=[("a", "STRING"), ("b", "STRING")])
    whole = [(a, b) for a in ("", "a", "a\x00", "a\x00\x00", "a\x01", "aa") for b in ("", "\x00", "\x01", "z", "狗")]
    for a, b in reversed(whole):
        client.put_row("t", Row([("a", a), ("b", b)], [("n", 1)]), IGNORE)
    ends = [("a", INF_MIN), ("b", INF_MIN)], [("a", INF_MAX), ("b", INF_MAX)]
    _, _, rows, _ = client.get_range("t", "FORWARD", *ends, max_version=1)
    assert [(row.primary_key[0][1], row.primary_key[1][1]) for row in rows] == whole


def test_the_start_is_in_and_the_end_is_not(client: Any) -> None:
    for name in "abcd":
        put(client, name, n=1)
    assert ranged(client, [("pk", "b")], [("pk", "d")])[0] == ["b", "c"]
    assert ranged(client, [("pk", "c")], [("pk", "a")], "BACKWARD")[0] == ["c", "b"]


def test_a_limit_tells_where_to_go_on_and_nothing_at_the_end(client: Any) -> None:
    for name in "abcd":
        put(client, name, n=1)
    assert ranged(client, limit=2) == (["a", "b"], [("pk", "c")])
    assert ranged(client, [("pk", "c")], limit=2) == (["c", "d"], None)
    assert ranged(client, HIGH, LOW, "BACKWARD", limit=3) == (["d", "c", "b"], [("pk", "a")])


def test_a_filter_and_columns_leave_rows_out_but_the_limit_is_still_met(client: Any) -> None:
    for n, name in enumerate("abcdef"):
        put(client, name, n=n % 2)
    odd = SingleColumnCondition("n", 1, ComparatorType.EQUAL)
    assert ranged(client, column_filter=odd, limit=2) == (["b", "d"], [("pk", "e")])
    assert ranged(client, columns_to_get=["none"]) == ([], None)


def test_no_more_than_5000_rows_or_4_mb_come_at_once(client: Any) -> None:
    for n in range(26):
        write(client, t=[putting(f"{n * 200 + i:05}", n=i) for i in range(200)])
    found, onward = ranged(client)
    assert (len(found), onward) == (5000, [("pk", "05000")])
    for name in "abcde":
        put(client, name, x="v" * 1024 * 1024)
    found, onward = ranged(client, [("pk", "a")])
    assert (found, onward) == (["a", "b", "c", "d"], [("pk", "e")])


def test_a_table_without_rows_has_empty_ranges(client: Any) -> None:
    assert ranged(client) == ([], None)


@pytest.mark.parametrize(
    ("start", "end", "direction", "message"),
    [
        ("b", "a", "FORWARD", "Begin key must less than end key in FORWARD"),
        ("a", "a", "FORWARD", "Begin key must less than end key in FORWARD"),
        ("a", "b", "BACKWARD", "Begin key must more than end key in BACKWARD"),
    ],
)
def test_a_range_the_wrong_way_round_is_refused(
    client: Any, start: str, end: str, direction: str, message: str
) -> None:
    answer = refused(ranged, client, [("pk", start)], [("pk", end)], direction)
    assert answer == (400, "OTSParameterInvalid", message)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_1_is_refused(client: Any, limit: int) -> None:
    assert refused(ranged, client, limit=limit)[2] == "The limit must be greater than 0."
