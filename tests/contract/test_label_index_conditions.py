"""What every search promises about states, times and counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.query import ORDERS, STATES, Counts, Query
from tests.contract.asking import Pair, every, found, picture, put_all
from tests.contract.samples import HEAD, NOW, label

AT = 1_700_000_000_000


def _modified(name: str, seconds: int) -> ImageRecord:
    return replace(picture(name, label("dog")), head=replace(HEAD, last_modified=seconds))


def test_each_state_is_found_by_itself(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(replace(picture(state), state=state) for state in STATES))
    assert [found(index, Query(state=state)) for state in STATES] == [[state] for state in STATES]


def test_the_labels_of_a_row_that_is_not_labelled_count_for_nothing(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, replace(picture("a", label("dog")), state="skipped", reason="corrupt"))
    put_all(ledger, picture("b"), picture("c", label("dog")))
    skipped = Query(state="skipped")
    assert found(index, replace(skipped, all_of=every("dog"))) == []
    assert found(index, replace(skipped, none_of=every("dog"))) == ["a"]
    assert [found(index, replace(skipped, order=order)) for order in ORDERS] == [["a"]] * len(ORDERS)
    assert index.count(skipped) == Counts(1, {}, {})


def test_a_picture_whose_first_delivery_waits_is_found_with_its_reason(index_pair: Pair) -> None:
    ledger, index = index_pair
    ref = ObjectRef("oss", "album", "a")
    assert ledger.lock(ref, "t", NOW + 30, NOW, "e1")
    ledger.release(ref, "t", waiting="throttled")
    for order in ORDERS:
        (row,) = index.search(Query(state="waiting", order=order)).records
        assert (row.ref, row.state, row.reason, row.updated_at, row.labels) == (ref, "waiting", "throttled", 0, ())
    assert index.search(Query(state="waiting", since=1)).records == ()
    assert index.count(Query(state="waiting")) == Counts(1, {}, {})
    put_all(ledger, picture("a", label("dog")))
    assert index.search(Query(state="waiting")).records == ()


def test_a_time_is_when_the_object_was_modified_from_then_on_and_before(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(_modified(str(second), second) for second in (10, 20, 30)))
    put_all(ledger, replace(picture("unseen"), head=None))
    ask = Query(order="uri")
    assert found(index, replace(ask, from_time=20_000)) == ["20", "30"]
    assert found(index, replace(ask, from_time=20_001)) == ["30"]
    assert found(index, replace(ask, until_time=20_000)) == ["10"]
    assert found(index, replace(ask, until_time=20_001)) == ["10", "20"]
    assert found(index, replace(ask, from_time=20_000, until_time=30_000)) == ["20"]
    assert found(index, replace(ask, from_time=30_000, until_time=20_000)) == []
    assert found(index, ask) == ["10", "20", "30", "unseen"]


def test_since_is_when_the_row_was_written_to_the_millisecond(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(picture(str(n), label("dog"), at=n) for n in (1, 2, 3)))
    assert found(index, Query(since=AT + 2)) == ["3", "2"]
    assert found(index, Query(since=AT + 4)) == []
    assert found(index, Query(since=AT + 2, all_of=every("dog"), order="oldest")) == ["2", "3"]


def test_a_picture_is_counted_once_for_each_id_that_finds_it(index_pair: Pair) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"husky": ("dog", "mammal"), "poodle": ("dog", "mammal")}
    put_all(
        ledger,
        picture("a", label("husky"), label("poodle"), label("imm:露营"), above=above),
        picture("b", label("husky"), above=above),
        picture("c", label("beach")),
        picture("bare"),
    )
    counts = index.count(Query())
    assert counts.total == 4
    assert list(counts.labels.items()) == [
        *(("dog", 2), ("husky", 2), ("mammal", 2)),
        *(("beach", 1), ("imm:露营", 1), ("poodle", 1)),
    ]
    assert counts.categories == {"mammal": 2}
    assert index.count(Query(all_of=every("poodle"))).labels == {
        **{"dog": 1, "husky": 1, "imm:露营": 1, "mammal": 1, "poodle": 1}
    }


def test_a_category_is_what_the_row_itself_says(index_pair: Pair) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"husky": ("dog", "ci:动物"), "wide": ("wider",)}
    widest = replace(label("wide"), level=1)
    put_all(ledger, picture("a", label("husky"), widest, label("lost"), above=above), picture("b", label("wide")))
    counts = index.count(Query())
    assert counts.categories == {"ci:动物": 1, "wide": 1}
    assert counts.labels["wide"] == 2


def test_counts_are_of_all_that_match_whatever_the_page(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(_modified(str(second), second) for second in range(8)))
    query = Query(all_of=every("dog"), from_time=2_000, bucket="oss://album", limit=1, order="confidence")
    token = index.search(query).next
    assert index.count(replace(query, page=token)) == Counts(6, {"dog": 6}, {})
    assert index.count(replace(query, bucket="oss://other")) == Counts(0, {}, {})
    assert index.count(replace(query, prefix="7")).total == 1


@pytest.mark.parametrize("order", ORDERS)
def test_conditions_hold_in_every_order(index_pair: Pair, order: str) -> None:
    ledger, index = index_pair
    put_all(ledger, *(_modified(f"{second % 2}/{second}", second) for second in range(8)))
    query = Query(
        any_of=every("dog|cat", "cow"), none_of=every("cat"), bucket="oss://album", prefix="1/", until_time=5_000,
        since=AT, order=order,  # type: ignore[arg-type]
    )  # fmt: skip
    assert found(index, query) == ["1/1", "1/3"]
