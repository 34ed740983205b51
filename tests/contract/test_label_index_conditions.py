"""These tests check what every index promises about states, times and counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.query import ANY, ORDERS, STATES, Counts, Query
from imagelabels.ports import Ledger
from tests.contract.asking import Pair, all_pages, every, matching_keys, picture, put_all
from tests.contract.samples import HEAD, NOW, label

AT = 1_700_000_000_000


def _modified(name: str, seconds: int) -> ImageRecord:
    return replace(picture(name, label("dog")), head=replace(HEAD, last_modified=seconds))


def test_each_state_is_found_by_itself(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(replace(picture(state), state=state) for state in STATES))
    assert [matching_keys(index, Query(state=state)) for state in STATES] == [[state] for state in STATES]


def test_the_labels_of_a_row_that_is_not_labelled_count_for_nothing(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, replace(picture("a", label("dog")), state=State.SKIPPED, reason="corrupt"))
    put_all(ledger, picture("b"), picture("c", label("dog")))
    skipped = Query(state="skipped")
    assert matching_keys(index, replace(skipped, all_of=every("dog"))) == []
    assert matching_keys(index, replace(skipped, none_of=every("dog"))) == ["a"]
    assert [matching_keys(index, replace(skipped, order=order)) for order in ORDERS] == [["a"]] * len(ORDERS)
    notes = {"tag_taken": 1, "tags_left_out": 1}
    assert index.count(skipped) == Counts(1, {}, {}, {"skipped": 1}, {"corrupt": 1}, notes)


def test_a_picture_whose_first_delivery_waits_is_found_with_its_reason(index_pair: Pair) -> None:
    ledger, index = index_pair
    ref = ObjectRef("oss", "album", "a")
    assert ledger.lock(ref, "t", NOW + 30, NOW, "e1")
    ledger.release(ref, "t", waiting="throttled")
    for order in ORDERS:
        (row,) = index.search(Query(state="waiting", order=order)).records
        assert (row.ref, row.state, row.reason, row.updated_at, row.labels) == (ref, "waiting", "throttled", 0, ())
    assert index.search(Query(state="waiting", since=1)).records == ()
    assert index.count(Query(state="waiting")) == Counts(1, {}, {}, {"waiting": 1}, {"throttled": 1})
    put_all(ledger, picture("a", label("dog")))
    assert index.search(Query(state="waiting")).records == ()


def _refused(name: str, state: str, reason: str, *notes: str, at: int = 0) -> ImageRecord:
    return replace(picture(name, at=at), state=State(state), reason=reason, notes=notes)


def _put_several_refused(ledger: Ledger) -> None:
    put_all(
        ledger,
        _refused("1.heic", "skipped", "unsupported_format", "format_heic", at=1),
        _refused("2.heic", "skipped", "unsupported_format", "format_heic", "key_decoded", at=2),
        _refused("3.svg", "skipped", "unsupported_format", "format_svg", at=3),
        _refused("4.jpg", "skipped", "corrupt", at=4),
        _refused("5.jpg", "parked", "budget", at=5),
        replace(picture("6.jpg", label("dog"), at=6), notes=("tag_taken",)),
        replace(picture("7.jpg", at=7), notes=("no_labels", "key_decoded")),
    )


def test_why_pictures_were_skipped_is_counted_by_reason_and_by_note(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put_several_refused(ledger)
    counts = index.count(Query(state="skipped"))
    assert (counts.total, counts.labels, counts.categories, counts.states) == (4, {}, {}, {"skipped": 4})
    assert list(counts.reasons.items()) == [("unsupported_format", 3), ("corrupt", 1)]
    assert list(counts.notes.items()) == [("format_heic", 2), ("format_svg", 1), ("key_decoded", 1)]
    below = index.count(Query(state="skipped", bucket="oss://album", prefix="2"))
    assert (below.reasons, below.notes) == ({"unsupported_format": 1}, {"format_heic": 1, "key_decoded": 1})
    nothing = index.count(Query(state="skipped", prefix="x", bucket="oss://album"))
    assert nothing == Counts(0, {}, {})


def test_a_reason_or_a_note_leaves_only_the_pictures_that_have_it(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put_several_refused(ledger)
    skipped = Query(state="skipped", order="uri")
    assert matching_keys(index, replace(skipped, reason="unsupported_format")) == ["1.heic", "2.heic", "3.svg"]
    assert matching_keys(index, replace(skipped, reason="format_heic")) == ["1.heic", "2.heic"]
    assert matching_keys(index, replace(skipped, reason="format_heic", since=AT + 2)) == ["2.heic"]
    assert [matching_keys(index, replace(skipped, reason=reason)) for reason in ("format", "Corrupt", "budget")] == [
        []
    ] * 3
    assert index.count(replace(skipped, reason="format_heic")).reasons == {"unsupported_format": 2}
    labelled = Query(reason="no_labels")
    assert matching_keys(index, labelled) == ["7.jpg"]
    assert index.count(labelled) == Counts(1, {}, {}, {"labelled": 1})
    assert index.count(replace(labelled, reason="tag_taken", all_of=every("dog"))).labels == {"dog": 1}


@pytest.mark.parametrize("order", ORDERS)
def test_pictures_in_every_state_are_one_list_page_by_page(index_pair: Pair, order: str) -> None:
    ledger, index = index_pair
    _put_several_refused(ledger)
    assert ledger.lock(ObjectRef("oss", "album", "0.jpg"), "t", NOW + 30, NOW, "e1")
    ledger.release(ObjectRef("oss", "album", "0.jpg"), "t", waiting="throttled")
    assert ledger.lock(ObjectRef("oss", "album", "locked"), "t", NOW + 30, NOW, "e1")
    query = Query(state=ANY, order=order, limit=3)  # type: ignore[arg-type]
    names = ["0.jpg", "1.heic", "2.heic", "3.svg", "4.jpg", "5.jpg", "6.jpg", "7.jpg"]
    by_confidence = ["6.jpg", *(name for name in names if name != "6.jpg")]
    orders = {"newest": names[::-1], "oldest": names, "uri": names, "confidence": by_confidence}
    expected = orders[order]
    assert all_pages(index, query) == [expected[:3], expected[3:6], expected[6:]]
    assert matching_keys(index, replace(query, all_of=every("dog"))) == ["6.jpg"]


def test_states_and_reasons_of_all_rows_are_counted_at_once(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put_several_refused(ledger)
    counts = index.count(Query(state=ANY))
    assert (counts.total, counts.labels) == (7, {"dog": 1})
    assert list(counts.states.items()) == [("skipped", 4), ("labelled", 2), ("parked", 1)]
    assert list(counts.reasons.items()) == [("unsupported_format", 3), ("budget", 1), ("corrupt", 1)]
    assert counts.notes == {
        "format_heic": 2,
        "format_svg": 1,
        "key_decoded": 1,
    }  # notes of labelled rows are not counted


def test_a_time_is_when_the_object_was_modified_from_then_on_and_before(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(_modified(str(second), second) for second in (10, 20, 30)))
    put_all(ledger, replace(picture("unseen"), head=None))
    query = Query(order="uri")
    assert matching_keys(index, replace(query, from_time=20_000)) == ["20", "30"]
    assert matching_keys(index, replace(query, from_time=20_001)) == ["30"]
    assert matching_keys(index, replace(query, until_time=20_000)) == ["10"]
    assert matching_keys(index, replace(query, until_time=20_001)) == ["10", "20"]
    assert matching_keys(index, replace(query, from_time=20_000, until_time=30_000)) == ["20"]
    assert matching_keys(index, replace(query, from_time=30_000, until_time=20_000)) == []
    assert matching_keys(index, query) == ["10", "20", "30", "unseen"]


def test_since_is_when_the_row_was_written_to_the_millisecond(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(picture(str(n), label("dog"), at=n) for n in (1, 2, 3)))
    assert matching_keys(index, Query(since=AT + 2)) == ["3", "2"]
    assert matching_keys(index, Query(since=AT + 4)) == []
    assert matching_keys(index, Query(since=AT + 2, all_of=every("dog"), order="oldest")) == ["2", "3"]


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
    assert index.count(replace(query, page=token)) == Counts(6, {"dog": 6}, {}, {"labelled": 6})
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
    assert matching_keys(index, query) == ["1/1", "1/3"]
