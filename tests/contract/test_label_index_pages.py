"""These tests check what every index promises about the order of rows and about the next page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.query import ORDERS, Order, Query, Term
from tests.contract.asking import Pair, all_pages, every, matching_keys, picture, put_all
from tests.contract.samples import label, remove


def test_each_order_is_as_asked_and_ties_go_by_uri(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("d", label("dog", 0.5), label("sky", 0.95), at=2),
        picture("c", label("dog", 0.9), at=1),
        picture("b", label("dog", 0.5), at=2),
        picture("a", label("dog", 0.7), at=3),
    )
    dog = Query(all_of=every("dog"))
    assert matching_keys(index, dog) == ["a", "b", "d", "c"]
    assert matching_keys(index, replace(dog, order="oldest")) == ["c", "b", "d", "a"]
    assert matching_keys(index, replace(dog, order="confidence")) == ["c", "a", "b", "d"]
    assert matching_keys(index, replace(dog, order="uri")) == ["a", "b", "c", "d"]


def test_without_words_the_surest_label_at_all_gives_the_order(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("none"),
        picture("b", label("dog", 0.5), label("sky", 0.95)),
        picture("a", label("dog", 0.6)),
    )
    assert matching_keys(index, Query(order="confidence")) == ["b", "a", "none"]


def test_the_surest_of_all_labels_that_matched_gives_the_order(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("a", label("dog", 0.6), label("beach", 0.7)),
        picture("b", label("dog", 0.65), label("beach", 0.61), label("sky", 0.99)),
        picture("c", label("dog", 0.2), label("cat", 0.9), label("beach", 0.2)),
    )
    assert matching_keys(index, Query(all_of=every("dog", "beach"), order="confidence")) == ["a", "b", "c"]
    assert matching_keys(index, Query(all_of=every("dog|cat"), any_of=every("beach"), order="confidence")) == [
        "c",
        "a",
        "b",
    ]


def test_uris_are_ordered_by_their_bytes(index_pair: Pair) -> None:
    ledger, index = index_pair
    names = ["a", "B", "é", "😀", "\uffee", "_", "~", "露", "a/b", "a.b", "a "]
    put_all(ledger, *(picture(name, label("dog")) for name in names))
    assert matching_keys(index, Query(order="uri")) == sorted(names, key=str.encode)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("words", [(), ("dog",), ("dog|cat", "animal")], ids=["no-word", "a-word", "two-words"])
def test_pages_together_are_the_whole_answer_each_row_once(
    index_pair: Pair, order: Order, words: tuple[str, ...]
) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"dog": ("animal",)}
    put_all(ledger, *(picture(f"{n:02}", label("dog", n % 3 / 4 + 0.25), at=n % 4, above=above) for n in range(17)))
    query = Query(all_of=every(*words), order=order)
    whole = matching_keys(index, replace(query, limit=1000))
    assert len(whole) == 17
    for limit in (1, 2, 5, 16, 17, 18):
        pages = all_pages(index, replace(query, limit=limit))
        assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert 0 < len(pages[-1]) <= limit
        assert [name for page in pages for name in page] == whole


@pytest.mark.parametrize("order", ORDERS)
def test_rows_that_come_and_go_between_two_pages_neither_repeat_nor_hide_the_others(
    index_pair: Pair, order: Order
) -> None:
    ledger, index = index_pair
    later = 1 if order == "oldest" else -1
    put_all(ledger, *(picture(f"m{n}", label("dog", 0.9 - n / 100), at=later * n) for n in range(6)))
    query = Query(all_of=every("dog"), order=order, limit=3)
    first = index.search(query)
    assert [row.ref.key for row in first.records] == ["m0", "m1", "m2"]
    # Two rows are added before all rows that were shown, and the last row of the page is removed.
    put_all(ledger, *(picture(name, label("dog", 0.99), at=-500 * later) for name in ("a0", "a1")))
    remove(ledger, first.records[2].ref)
    second = index.search(replace(query, page=first.next))
    assert [row.ref.key for row in second.records] == ["m3", "m4", "m5"]
    assert second.next is None


def test_a_page_token_is_one_word_that_fits_into_a_url(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("露营\n/é", label("dog")), picture("z", label("dog")))
    token = index.search(Query(limit=1, order="uri")).next
    assert token is not None
    assert token.isascii()
    assert token.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "other",
    [
        Query(all_of=every("cat")),
        Query(any_of=every("dog")),
        Query(all_of=every("dog", "dog")),
        Query(all_of=every("dog"), order="uri"),
        Query(all_of=every("dog", least=0.5)),
        Query(all_of=every("dog"), none_of=every("cow")),
        Query(all_of=every("dog"), bucket="oss://album"),
        Query(all_of=every("dog"), bucket="oss://album", prefix="a"),
        Query(all_of=every("dog"), state="skipped"),
        Query(all_of=every("dog"), from_time=0),
        Query(all_of=every("dog"), until_time=0),
        Query(all_of=every("dog"), since=0),
    ],
    ids=["word", "any", "twice", "order", "least", "none", "bucket", "prefix", "state", "from", "until", "since"],
)
def test_a_token_of_another_query_is_refused(index_pair: Pair, other: Query) -> None:
    ledger, index = index_pair
    put_all(ledger, *(picture(name, label("dog"), label("cat")) for name in "abc"))
    token = index.search(Query(all_of=every("dog"), limit=1)).next
    assert token is not None
    with pytest.raises(ValueError, match="another query"):
        index.search(replace(other, limit=1, page=token))


@pytest.mark.parametrize("token", ["", "x", "!!!!", "W10", "bnVsbA", "WzEsMiwzLDRd", "é", "eyJhIjoxfQ", "a" * 999])
def test_a_token_that_never_was_one_is_refused(index_pair: Pair, token: str) -> None:
    with pytest.raises(ValueError, match="page token"):
        index_pair[1].search(Query(page=token))


def test_a_token_does_not_depend_on_the_order_of_a_words_ids(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, *(picture(name, label("dog")) for name in "abc"))
    ids = [f"id{n}" for n in range(20)] + ["dog"]
    token = index.search(Query(all_of=(Term(frozenset(ids)),), limit=1, order="uri")).next
    again = Query(all_of=(Term(frozenset(reversed(ids))),), limit=1, order="uri", page=token)
    assert matching_keys(index, again) == ["b"]
