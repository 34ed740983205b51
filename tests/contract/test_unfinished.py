"""These tests check what every index lists as not done."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports import MARGIN, LabelIndex, Ledger
from tests.contract.asking import Pair, picture, put_all
from tests.contract.samples import NOW, entry, label

LEASE = NOW + 30


def _ref(key: str, bucket: str = "album") -> ObjectRef:
    return ObjectRef("oss", bucket, key)


def _keys(index: LabelIndex, now: float = NOW, bucket: str = "", prefix: str = "") -> list[str]:
    return [row.ref.key for row in index.unfinished(now, bucket, prefix)]


def _waits(ledger: Ledger, key: str, reason: str = "throttled", bucket: str = "album") -> None:
    assert ledger.lock(_ref(key, bucket), "t", LEASE, NOW, f"e {key}")
    ledger.release(_ref(key, bucket), "t", waiting=reason)


def test_finished_rows_are_done_whatever_came_of_them(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("a", label("dog")),
        replace(picture("b"), state=State.SKIPPED, reason="corrupt"),
        replace(picture("c"), state=State.FAILED, reason="tags_refused"),
    )
    assert _keys(index) == []


def test_a_parked_row_is_not_done(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, replace(picture("a"), state=State.PARKED, reason="budget"))
    (row,) = index.unfinished(NOW)
    assert (row.ref, row.state, row.reason, row.lock_until) == (_ref("a"), "parked", "budget", None)
    assert row.parked_at == picture("a").updated_at


def test_only_a_parked_row_tells_since_when_it_is_not_done(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog")), replace(picture("b"), state=State.PARKED, reason="budget"))
    for key in ("a", "b", "c"):
        _waits(ledger, key)
    assert ledger.lock(_ref("d"), "t", LEASE, NOW, "e1")
    assert [row.parked_at for row in index.unfinished(LEASE + 100)] == [None] * 4


def test_a_waiting_row_is_not_done(index_pair: Pair) -> None:
    ledger, index = index_pair
    _waits(ledger, "a")
    (row,) = index.unfinished(NOW)
    assert (row.ref, row.state, row.reason, row.lock_until) == (_ref("a"), "waiting", "throttled", None)


def test_a_finished_row_beside_which_something_waits_is_not_done(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog")))
    _waits(ledger, "a", "forbidden")
    (row,) = index.unfinished(NOW)
    assert (row.state, row.reason) == ("labelled", "forbidden")


def test_what_a_delivery_left_that_died_is_listed_when_nobody_can_be_at_work_any_more(index_pair: Pair) -> None:
    ledger, index = index_pair
    assert ledger.lock(_ref("a"), "t", LEASE, NOW, "e1")
    put_all(ledger, picture("b", label("dog")))
    assert ledger.lock(_ref("b"), "t", LEASE, NOW, "e2")
    assert _keys(index) == _keys(index, LEASE + MARGIN) == []
    dead = index.unfinished(LEASE + MARGIN + 0.01)
    assert [(row.ref.key, row.state, row.reason, row.lock_until) for row in dead] == [
        ("a", None, None, LEASE),
        ("b", "labelled", None, LEASE),
    ]


def test_what_is_done_at_last_is_listed_no_longer(index_pair: Pair) -> None:
    ledger, index = index_pair
    _waits(ledger, "a")
    put_all(ledger, picture("a", label("dog")))
    _waits(ledger, "b")
    assert ledger.lock(_ref("b"), "t", LEASE, NOW, "e")
    assert ledger.drop(_ref("b"), "t", entry("e"))
    assert _keys(index, LEASE + 100) == []


def test_a_page_goes_on_behind_a_uri_and_has_so_many_rows(index_pair: Pair) -> None:
    ledger, index = index_pair
    keys = [f"{number:03}.jpg" for number in range(7)]
    for key in keys:
        _waits(ledger, key)
    first = index.unfinished(NOW, limit=3)
    second = index.unfinished(NOW, after=first[-1].ref.uri, limit=3)
    third = index.unfinished(NOW, after=second[-1].ref.uri, limit=3)
    assert [row.ref.key for row in (*first, *second, *third)] == keys
    assert index.unfinished(NOW, after=third[-1].ref.uri) == ()


def test_rows_are_listed_by_bucket_and_prefix_in_the_order_of_their_bytes(index_pair: Pair) -> None:
    ledger, index = index_pair
    for key in ("2026/b", "2026/a", "2026/\U0001f415", "2026/\uffee", "2025/a", "2026%", "202"):
        _waits(ledger, key)
    _waits(ledger, "2026/a", bucket="album2")
    assert _keys(index, bucket="oss://album", prefix="2026/") == ["2026/a", "2026/b", "2026/\uffee", "2026/\U0001f415"]
    assert _keys(index, bucket="oss://album2") == ["2026/a"]
    assert _keys(index, bucket="oss://albu") == []
    assert len(_keys(index)) == 8


def test_rows_that_wait_for_some_reasons_can_be_left_out(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, replace(picture("a"), state=State.PARKED, reason="budget"))
    put_all(ledger, replace(picture("b"), state=State.PARKED, reason="forbidden"))
    put_all(ledger, replace(picture("c"), state=State.SKIPPED, reason="corrupt"))
    _waits(ledger, "c", "budget")
    _waits(ledger, "d", "throttled")
    assert ledger.lock(_ref("e"), "t", LEASE, NOW, "e1")
    late = LEASE + 100
    assert [row.ref.key for row in index.unfinished(late, without=["budget"])] == ["b", "d", "e"]
    assert [row.ref.key for row in index.unfinished(late, without=["budget", "forbidden"])] == ["d", "e"]
    assert [row.ref.key for row in index.unfinished(late, without=["corrupt"])] == ["a", "b", "c", "d", "e"]


def test_a_list_goes_on_behind_all_keys_of_a_folder_and_before_the_next_key(index_pair: Pair) -> None:
    ledger, index = index_pair
    for key in ("a/1", "a/\U0010ffff", "a0", "b"):
        _waits(ledger, key)
    rows = index.unfinished(NOW, "oss://album", "", "oss://album/a/" + "\U0010ffff" * 256)
    assert [row.ref.key for row in rows] == ["a0", "b"]
