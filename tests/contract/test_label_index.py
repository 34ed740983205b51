"""What every search promises."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from imagelabels.domain.model import ImageRecord, Label, ObjectRef
from imagelabels.ports import LabelIndex, Ledger, Query
from tests.contract.samples import NOW, ODD_KEYS, entry, label, put, record, remove

Pair = tuple[Ledger, LabelIndex]
Order = Literal["newest", "confidence", "uri"]
ORDERS: tuple[Order, ...] = ("newest", "confidence", "uri")


def _picture(name: str, *labels: Label, at: int = 0, above: dict[str, tuple[str, ...]] | None = None) -> ImageRecord:
    return record(ObjectRef("oss", "album", name), labels, updated_at=1_700_000_000_000 + at, ancestors=above)


def _put(ledger: Ledger, *pictures: ImageRecord) -> None:
    for number, picture in enumerate(pictures):
        put(ledger, picture, f"e{number}")


def _found(index: LabelIndex, query: Query) -> list[str]:
    return [row.ref.key for row in index.search(query).records]


def _pages(index: LabelIndex, query: Query) -> list[list[str]]:
    pages: list[list[str]] = []
    while True:
        page = index.search(query)
        pages.append([row.ref.key for row in page.records])
        if page.next is None:
            return pages
        query = replace(query, page=page.next)


def _all(*words: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(word.split("|")) for word in words)


# what matches


def test_an_empty_index_answers_with_an_empty_page(index_pair: Pair) -> None:
    page = index_pair[1].search(Query(all_of=_all("dog")))
    assert (page.records, page.next) == ((), None)


def test_a_found_row_is_the_whole_row(index_pair: Pair) -> None:
    ledger, index = index_pair
    row = record(ObjectRef("oss", "album", "露营.jpg", "v7"), ancestors={"dog": ("mammal",)})
    put(ledger, row)
    assert index.search(Query(all_of=_all("dog"))).records == (row,)


def test_all_words_must_be_there_and_any_word_is_enough(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(
        ledger,
        _picture("both", label("dog"), label("beach")),
        _picture("dog", label("dog")),
        _picture("beach", label("beach")),
        _picture("cat", label("cat")),
    )
    ask = Query(order="uri")
    assert _found(index, replace(ask, all_of=_all("dog", "beach"))) == ["both"]
    assert _found(index, replace(ask, any_of=_all("dog", "beach"))) == ["beach", "both", "dog"]
    assert _found(index, replace(ask, all_of=_all("beach"), any_of=_all("dog", "cat"))) == ["both"]
    assert _found(index, ask) == ["beach", "both", "cat", "dog"]


def test_the_ids_of_one_word_mean_the_same(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("imm:露营")), _picture("b", label("camping")), _picture("c", label("ci:露营")))
    assert _found(index, Query(all_of=_all("camping|imm:露营"), order="uri")) == ["a", "b"]


def test_a_word_without_ids_matches_nothing(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("dog")))
    assert _found(index, Query(all_of=(frozenset(),))) == []
    assert _found(index, Query(all_of=(frozenset({"dog"}), frozenset()))) == []
    assert _found(index, Query(any_of=(frozenset(),))) == []
    assert _found(index, Query(any_of=(frozenset(), frozenset({"dog"})))) == ["a"]


def test_what_the_answer_named_above_a_label_finds_its_row(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("husky", 0.8, "dog"), above={"husky": ("dog", "ci:动物")}))
    assert _found(index, Query(all_of=_all("dog"))) == ["a"]
    assert _found(index, Query(all_of=_all("ci:动物"))) == ["a"]


def test_what_stands_above_is_as_sure_as_the_surest_below(index_pair: Pair) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"husky": ("dog",), "poodle": ("dog",)}
    _put(ledger, _picture("a", label("husky", 0.4), label("poodle", 0.8), above=above))
    assert _found(index, Query(all_of=_all("dog"), min_confidence=0.8)) == ["a"]
    assert _found(index, Query(all_of=_all("dog"), min_confidence=0.81)) == []


def test_ids_are_compared_whole_and_in_their_case(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("dog")))
    assert [_found(index, Query(all_of=_all(id))) for id in ("do", "dogs", "Dog", "d%", "do_")] == [[]] * 5


@pytest.mark.parametrize("odd", ["it's", '"', "a,b", "[1]", "'; DROP TABLE labels;--", "%", "😀", "a\nb", "?", ":id"])
def test_an_id_of_any_spelling_is_found_by_itself_alone(index_pair: Pair, odd: str) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("odd", label(f"imm:{odd}")), _picture("plain", label("dog")))
    assert _found(index, Query(all_of=(frozenset({f"imm:{odd}"}),))) == ["odd"]


def test_only_sure_labels_count_each_for_itself(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("dog", 0.9), label("beach", 0.5)))
    for least, words, found in (
        (0.9, ("dog",), ["a"]),
        (0.91, ("dog",), []),
        (0.5, ("dog", "beach"), ["a"]),
        (0.6, ("dog", "beach"), []),
    ):
        assert _found(index, Query(all_of=_all(*words), min_confidence=least)) == found
    assert _found(index, Query(any_of=_all("dog", "beach"), min_confidence=0.6)) == ["a"]


def test_a_search_without_words_asks_no_confidence(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("none"), _picture("faint", label("dog", 0.1)))
    assert _found(index, Query(min_confidence=0.9, order="uri")) == ["faint", "none"]


@pytest.mark.parametrize("state", ["skipped", "parked", "waiting", "failed"])
def test_only_labelled_rows_are_found(index_pair: Pair, state: str) -> None:
    ledger, index = index_pair
    _put(ledger, replace(_picture("a", label("dog")), state=state, reason="busy"))
    assert [_found(index, query) for query in (Query(), Query(all_of=_all("dog")))] == [[], []]


# what the ledger does


def test_locked_and_waiting_rows_without_a_state_are_not_found(index_pair: Pair) -> None:
    ledger, index = index_pair
    assert ledger.lock(ObjectRef("oss", "album", "a"), "t", NOW + 30, NOW, "e1")
    assert ledger.lock(ObjectRef("oss", "album", "b"), "t", NOW + 30, NOW, "e1")
    ledger.release(ObjectRef("oss", "album", "b"), "t", waiting="throttled")
    assert [_found(index, Query(order=order)) for order in ORDERS] == [[], [], []]


def test_a_labelled_row_is_found_while_it_is_locked_and_while_it_waits(index_pair: Pair) -> None:
    ledger, index = index_pair
    picture = _picture("a", label("dog"))
    _put(ledger, picture)
    assert ledger.lock(picture.ref, "t", NOW + 30, NOW, "e1")
    assert _found(index, Query(all_of=_all("dog"))) == ["a"]
    ledger.release(picture.ref, "t", waiting="throttled")
    assert _found(index, Query(all_of=_all("dog"))) == ["a"]


def test_a_row_is_found_by_its_newest_labels_only(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("a", label("dog"), above={"dog": ("mammal",)}), _picture("b", label("dog")))
    _put(ledger, _picture("a", label("cat", 0.3)))
    assert _found(index, Query(all_of=_all("mammal"))) == []
    assert _found(index, Query(all_of=_all("dog"))) == ["b"]
    assert _found(index, Query(all_of=_all("cat"))) == ["a"]
    assert _found(index, Query(order="confidence")) == ["b", "a"]


def test_a_finish_that_leaves_the_row_leaves_it_found(index_pair: Pair) -> None:
    ledger, index = index_pair
    picture = _picture("a", label("dog"))
    _put(ledger, picture)
    assert ledger.lock(picture.ref, "t", NOW + 30, NOW, "e2")
    assert ledger.finish(picture.ref, "t", None, entry("e2", "unchanged"))
    assert _found(index, Query(all_of=_all("dog"))) == ["a"]


def test_a_picture_that_lost_its_labels_or_its_object_is_found_no_more(index_pair: Pair) -> None:
    ledger, index = index_pair
    pictures = [_picture(name, label("dog")) for name in "abc"]
    _put(ledger, *pictures)
    _put(ledger, replace(pictures[0], state="skipped", reason="corrupt", labels=()))
    remove(ledger, pictures[1].ref)
    assert [_found(index, query) for query in (Query(), Query(all_of=_all("dog")))] == [["c"], ["c"]]
    _put(ledger, _picture("b", label("cat")))
    assert _found(index, Query(all_of=_all("dog"))) == ["c"]


# prefix


def test_a_prefix_is_compared_byte_by_byte(index_pair: Pair) -> None:
    ledger, index = index_pair
    names = ["a_b/1", "a%b/1", "axb/1", "A_b/1", "a_b", "a_b0", "露营/1", "露天/1", "z\U0010ffff", "z\U0010ffffz"]
    _put(ledger, *(_picture(name, label("dog")) for name in names))

    def found(prefix: str) -> list[str]:
        return sorted(_found(index, Query(uri_prefix=f"oss://album/{prefix}")))

    assert found("a_b/") == ["a_b/1"]
    assert found("a%b") == ["a%b/1"]
    assert found("a_b") == ["a_b", "a_b/1", "a_b0"]
    assert found("露") == ["露天/1", "露营/1"]
    assert found("露营") == ["露营/1"]
    assert found("z\U0010ffff") == ["z\U0010ffff", "z\U0010ffffz"]
    assert found("*") == found("a*") == found("?") == []
    assert found("") == sorted(names)


def test_a_prefix_is_of_the_uri_so_it_tells_buckets_and_stores_apart(index_pair: Pair) -> None:
    ledger, index = index_pair
    refs = [ObjectRef("oss", "one", "k"), ObjectRef("oss", "oneb", "k"), ObjectRef("cos", "one", "k")]
    _put(ledger, *(record(ref) for ref in refs))
    assert [row.ref for row in index.search(Query(uri_prefix="oss://one/")).records] == [refs[0]]
    assert len(index.search(Query(uri_prefix="oss://one")).records) == 2


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_any_key_that_a_store_allows_is_found_and_paged_over(index_pair: Pair, key: str) -> None:
    ledger, index = index_pair
    _put(ledger, _picture(key, label("dog")), _picture("m", label("dog")))
    for order in ORDERS:
        pages = _pages(index, Query(all_of=_all("dog"), order=order, limit=1))
        assert sorted(page[0] for page in pages) == sorted([key, "m"])
    assert _found(index, Query(uri_prefix=f"oss://album/{key}")) == [key]


# order and pages


def test_each_order_is_as_asked_and_ties_go_by_uri(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(
        ledger,
        _picture("d", label("dog", 0.5), label("sky", 0.95), at=2),
        _picture("c", label("dog", 0.9), at=1),
        _picture("b", label("dog", 0.5), at=2),
        _picture("a", label("dog", 0.7), at=3),
    )
    dog = Query(all_of=_all("dog"))
    assert _found(index, dog) == ["a", "b", "d", "c"]
    assert _found(index, replace(dog, order="confidence")) == ["c", "a", "b", "d"]
    assert _found(index, replace(dog, order="uri")) == ["a", "b", "c", "d"]


def test_without_words_the_surest_label_at_all_gives_the_order(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(
        ledger,
        _picture("none"),
        _picture("b", label("dog", 0.5), label("sky", 0.95)),
        _picture("a", label("dog", 0.6)),
    )
    assert _found(index, Query(order="confidence")) == ["b", "a", "none"]


def test_the_surest_of_all_labels_that_matched_gives_the_order(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(
        ledger,
        _picture("a", label("dog", 0.6), label("beach", 0.7)),
        _picture("b", label("dog", 0.65), label("beach", 0.61), label("sky", 0.99)),
        _picture("c", label("dog", 0.2), label("cat", 0.9), label("beach", 0.2)),
    )
    assert _found(index, Query(all_of=_all("dog", "beach"), order="confidence")) == ["a", "b", "c"]
    assert _found(index, Query(all_of=_all("dog|cat"), any_of=_all("beach"), order="confidence")) == ["c", "a", "b"]


def test_uris_are_ordered_by_their_bytes(index_pair: Pair) -> None:
    ledger, index = index_pair
    names = ["a", "B", "é", "😀", "\uffee", "_", "~", "露", "a/b", "a.b", "a "]
    _put(ledger, *(_picture(name, label("dog")) for name in names))
    assert _found(index, Query(order="uri")) == sorted(names, key=str.encode)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("words", [(), ("dog",), ("dog|cat", "animal")], ids=["no-word", "a-word", "two-words"])
def test_pages_together_are_the_whole_answer_each_row_once(
    index_pair: Pair, order: Order, words: tuple[str, ...]
) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"dog": ("animal",)}
    _put(ledger, *(_picture(f"{n:02}", label("dog", n % 3 / 4 + 0.25), at=n % 4, above=above) for n in range(17)))
    query = Query(all_of=_all(*words), order=order)
    whole = _found(index, replace(query, limit=1000))
    assert len(whole) == 17
    for limit in (1, 2, 5, 16, 17, 18):
        pages = _pages(index, replace(query, limit=limit))
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert 0 < len(pages[-1]) <= limit
        assert [name for page in pages for name in page] == whole


@pytest.mark.parametrize("order", ORDERS)
def test_rows_that_come_and_go_between_two_pages_neither_repeat_nor_hide_the_others(
    index_pair: Pair, order: Order
) -> None:
    ledger, index = index_pair
    _put(ledger, *(_picture(f"m{n}", label("dog", 0.9 - n / 100), at=100 - n) for n in range(6)))
    query = Query(all_of=_all("dog"), order=order, limit=3)
    first = index.search(query)
    assert [row.ref.key for row in first.records] == ["m0", "m1", "m2"]
    # Two before everything that was shown, and the very row that the page ended with goes.
    _put(ledger, _picture("a0", label("dog", 0.99), at=500), _picture("a1", label("dog", 0.98), at=500))
    remove(ledger, first.records[2].ref)
    second = index.search(replace(query, page=first.next))
    assert [row.ref.key for row in second.records] == ["m3", "m4", "m5"]
    assert second.next is None


def test_a_page_token_is_one_word_that_fits_into_a_url(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, _picture("露营\n/é", label("dog")), _picture("z", label("dog")))
    token = index.search(Query(limit=1, order="uri")).next
    assert token is not None
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "other",
    [
        Query(all_of=_all("cat")),
        Query(any_of=_all("dog")),
        Query(all_of=_all("dog", "dog")),
        Query(all_of=_all("dog"), order="uri"),
        Query(all_of=_all("dog"), min_confidence=0.5),
        Query(all_of=_all("dog"), uri_prefix="oss://album"),
    ],
    ids=["word", "any", "twice", "order", "confidence", "prefix"],
)
def test_a_token_of_another_query_is_refused(index_pair: Pair, other: Query) -> None:
    ledger, index = index_pair
    _put(ledger, *(_picture(name, label("dog"), label("cat")) for name in "abc"))
    token = index.search(Query(all_of=_all("dog"), limit=1)).next
    assert token is not None
    with pytest.raises(ValueError, match="another query"):
        index.search(replace(other, limit=1, page=token))


@pytest.mark.parametrize("token", ["", "x", "!!!!", "W10", "bnVsbA", "WzEsMiwzLDRd", "é", "eyJhIjoxfQ", "a" * 999])
def test_a_token_that_never_was_one_is_refused(index_pair: Pair, token: str) -> None:
    with pytest.raises(ValueError, match="page token"):
        index_pair[1].search(Query(page=token))


def test_a_token_is_of_its_words_in_whatever_order_their_ids_come(index_pair: Pair) -> None:
    ledger, index = index_pair
    _put(ledger, *(_picture(name, label("dog")) for name in "abc"))
    ids = [f"id{n}" for n in range(20)] + ["dog"]
    token = index.search(Query(all_of=(frozenset(ids),), limit=1, order="uri")).next
    again = Query(all_of=(frozenset(reversed(ids)),), limit=1, order="uri", page=token)
    assert _found(index, again) == ["b"]


@pytest.mark.parametrize("limit", [-1, 0, 1001])
def test_a_limit_that_is_no_page_is_refused(index_pair: Pair, limit: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        index_pair[1].search(Query(limit=limit))


def test_an_order_that_does_not_exist_is_refused(index_pair: Pair) -> None:
    with pytest.raises(ValueError, match="newest"):
        index_pair[1].search(Query(order="oldest"))  # type: ignore[arg-type]
