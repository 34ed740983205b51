"""These tests check what every index promises about searches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.domain.query import ORDERS, Query, Term
from tests.contract.asking import Pair, all_pages, every, matching_keys, picture, put_all
from tests.contract.samples import NOW, ODD_KEYS, entry, label, put, record, remove

# which rows match


def test_an_empty_index_answers_with_an_empty_page(index_pair: Pair) -> None:
    page = index_pair[1].search(Query(all_of=every("dog")))
    assert (page.records, page.next) == ((), None)


def test_a_found_row_is_the_whole_row(index_pair: Pair) -> None:
    ledger, index = index_pair
    row = record(ObjectRef("oss", "album", "露营.jpg", "v7"), ancestors={"dog": ("mammal",)})
    put(ledger, row)
    assert index.search(Query(all_of=every("dog"))).records == (row,)


def test_all_words_must_be_there_and_any_word_is_enough(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("both", label("dog"), label("beach")),
        picture("dog", label("dog")),
        picture("beach", label("beach")),
        picture("cat", label("cat")),
    )
    query = Query(order="uri")
    assert matching_keys(index, replace(query, all_of=every("dog", "beach"))) == ["both"]
    assert matching_keys(index, replace(query, any_of=every("dog", "beach"))) == ["beach", "both", "dog"]
    assert matching_keys(index, replace(query, all_of=every("beach"), any_of=every("dog", "cat"))) == ["both"]
    assert matching_keys(index, query) == ["beach", "both", "cat", "dog"]


def test_the_ids_of_one_word_mean_the_same(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("imm:露营")), picture("b", label("camping")), picture("c", label("ci:露营")))
    assert matching_keys(index, Query(all_of=every("camping|imm:露营"), order="uri")) == ["a", "b"]


def test_a_word_without_ids_matches_nothing(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog")))
    nothing, dog = Term(frozenset()), Term(frozenset({"dog"}))
    assert matching_keys(index, Query(all_of=(nothing,))) == []
    assert matching_keys(index, Query(all_of=(dog, nothing))) == []
    assert matching_keys(index, Query(any_of=(nothing,))) == []
    assert matching_keys(index, Query(any_of=(nothing, dog))) == ["a"]
    assert matching_keys(index, Query(none_of=(nothing,))) == ["a"]


def test_what_the_answer_named_above_a_label_finds_its_row(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("husky", 0.8, "dog"), above={"husky": ("dog", "ci:动物")}))
    assert matching_keys(index, Query(all_of=every("dog"))) == ["a"]
    assert matching_keys(index, Query(all_of=every("ci:动物"))) == ["a"]


def test_what_stands_above_is_as_sure_as_the_surest_below(index_pair: Pair) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"husky": ("dog",), "poodle": ("dog",)}
    put_all(ledger, picture("a", label("husky", 0.4), label("poodle", 0.8), above=above))
    assert matching_keys(index, Query(all_of=every("dog", least=0.8))) == ["a"]
    assert matching_keys(index, Query(all_of=every("dog", least=0.81))) == []


def test_ids_are_compared_whole_and_in_their_case(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog")))
    assert [matching_keys(index, Query(all_of=every(word))) for word in ("do", "dogs", "Dog", "d%", "do_")] == [[]] * 5


@pytest.mark.parametrize("odd", ["it's", '"', "a,b", "[1]", "'; DROP TABLE labels;--", "%", "😀", "a\nb", "?", ":id"])
def test_an_id_of_any_spelling_is_found_by_itself_alone(index_pair: Pair, odd: str) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("odd", label(f"imm:{odd}")), picture("plain", label("dog")))
    assert matching_keys(index, Query(all_of=(Term(frozenset({f"imm:{odd}"})),))) == ["odd"]


def test_only_sure_labels_count_each_for_itself(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog", 0.9), label("beach", 0.5)))
    for least, words, keys in (
        (0.9, ("dog",), ["a"]),
        (0.91, ("dog",), []),
        (0.5, ("dog", "beach"), ["a"]),
        (0.6, ("dog", "beach"), []),
    ):
        assert matching_keys(index, Query(all_of=every(*words, least=least))) == keys
    assert matching_keys(index, Query(any_of=every("dog", "beach", least=0.6))) == ["a"]


@pytest.mark.parametrize("state", ["skipped", "parked", "waiting", "failed"])
def test_only_labelled_rows_are_found(index_pair: Pair, state: str) -> None:
    ledger, index = index_pair
    put_all(ledger, replace(picture("a", label("dog")), state=State(state), reason="busy"))
    assert [matching_keys(index, query) for query in (Query(), Query(all_of=every("dog")))] == [[], []]


def test_what_a_picture_must_not_show_leaves_it_out_only_where_it_is_sure_enough(index_pair: Pair) -> None:
    ledger, index = index_pair
    above: dict[str, tuple[str, ...]] = {"husky": ("dog",)}
    put_all(
        ledger,
        picture("sure", label("beach"), label("husky", 0.8), above=above),
        picture("faint", label("beach"), label("husky", 0.3), above=above),
        picture("without", label("beach")),
        picture("bare"),
    )
    query = Query(order="uri", none_of=every("dog"))
    assert matching_keys(index, query) == ["bare", "without"]
    assert matching_keys(index, replace(query, none_of=every("dog", least=0.5))) == ["bare", "faint", "without"]
    assert matching_keys(index, replace(query, none_of=every("dog", "beach"))) == ["bare"]
    assert matching_keys(index, replace(query, all_of=every("beach"))) == ["without"]


def test_each_word_has_its_own_least_confidence(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(
        ledger,
        picture("a", label("dog", 0.9), label("beach", 0.2)),
        picture("b", label("dog", 0.2), label("beach", 0.9)),
    )
    sure_dog, sure_beach = every("dog", least=0.5), every("beach", least=0.5)
    assert matching_keys(index, Query(all_of=(*sure_dog, *every("beach", least=0.1)))) == ["a"]
    assert matching_keys(index, Query(any_of=(*sure_dog, *every("beach", least=0.95)))) == ["a"]
    assert matching_keys(index, Query(any_of=(*sure_dog, *sure_beach), order="uri")) == ["a", "b"]
    assert matching_keys(index, Query(all_of=(*sure_dog, *sure_beach))) == []


# what writes by the ledger change


def test_locked_and_waiting_rows_without_a_state_are_not_found(index_pair: Pair) -> None:
    ledger, index = index_pair
    assert ledger.lock(ObjectRef("oss", "album", "a"), "t", NOW + 30, NOW, "e1")
    assert ledger.lock(ObjectRef("oss", "album", "b"), "t", NOW + 30, NOW, "e1")
    ledger.release(ObjectRef("oss", "album", "b"), "t", waiting="throttled")
    assert [matching_keys(index, Query(order=order)) for order in ORDERS] == [[]] * len(ORDERS)


def test_a_labelled_row_is_found_while_it_is_locked_and_while_it_waits(index_pair: Pair) -> None:
    ledger, index = index_pair
    row = picture("a", label("dog"))
    put_all(ledger, row)
    assert ledger.lock(row.ref, "t", NOW + 30, NOW, "e1")
    assert matching_keys(index, Query(all_of=every("dog"))) == ["a"]
    ledger.release(row.ref, "t", waiting="throttled")
    assert matching_keys(index, Query(all_of=every("dog"))) == ["a"]


def test_a_row_is_found_by_its_newest_labels_only(index_pair: Pair) -> None:
    ledger, index = index_pair
    put_all(ledger, picture("a", label("dog"), above={"dog": ("mammal",)}), picture("b", label("dog")))
    put_all(ledger, picture("a", label("cat", 0.3)))
    assert matching_keys(index, Query(all_of=every("mammal"))) == []
    assert matching_keys(index, Query(all_of=every("dog"))) == ["b"]
    assert matching_keys(index, Query(all_of=every("cat"))) == ["a"]
    assert matching_keys(index, Query(order="confidence")) == ["b", "a"]


def test_a_finish_that_leaves_the_row_leaves_it_found(index_pair: Pair) -> None:
    ledger, index = index_pair
    row = picture("a", label("dog"))
    put_all(ledger, row)
    assert ledger.lock(row.ref, "t", NOW + 30, NOW, "e2")
    assert ledger.finish(row.ref, "t", None, entry("e2", "unchanged"))
    assert matching_keys(index, Query(all_of=every("dog"))) == ["a"]


def test_a_picture_that_lost_its_labels_or_its_object_is_found_no_more(index_pair: Pair) -> None:
    ledger, index = index_pair
    pictures = [picture(name, label("dog")) for name in "abc"]
    put_all(ledger, *pictures)
    put_all(ledger, replace(pictures[0], state=State.SKIPPED, reason="corrupt", labels=()))
    remove(ledger, pictures[1].ref)
    assert [matching_keys(index, query) for query in (Query(), Query(all_of=every("dog")))] == [["c"], ["c"]]
    put_all(ledger, picture("b", label("cat")))
    assert matching_keys(index, Query(all_of=every("dog"))) == ["c"]


# prefix


def test_a_prefix_is_compared_byte_by_byte(index_pair: Pair) -> None:
    ledger, index = index_pair
    names = ["a_b/1", "a%b/1", "axb/1", "A_b/1", "a_b", "a_b0", "露营/1", "露天/1", "z\U0010ffff", "z\U0010ffffz"]
    put_all(ledger, *(picture(name, label("dog")) for name in names))

    def begin_with(prefix: str) -> list[str]:
        return sorted(matching_keys(index, Query(bucket="oss://album", prefix=prefix)))

    assert begin_with("a_b/") == ["a_b/1"]
    assert begin_with("a%b") == ["a%b/1"]
    assert begin_with("a_b") == ["a_b", "a_b/1", "a_b0"]
    assert begin_with("露") == ["露天/1", "露营/1"]
    assert begin_with("露营") == ["露营/1"]
    assert begin_with("z\U0010ffff") == ["z\U0010ffff", "z\U0010ffffz"]
    assert begin_with("*") == begin_with("a*") == begin_with("?") == []
    assert begin_with("") == sorted(names)


def test_a_bucket_is_asked_for_whole_and_in_its_store(index_pair: Pair) -> None:
    ledger, index = index_pair
    refs = [ObjectRef("oss", "one", "k"), ObjectRef("oss", "oneb", "k"), ObjectRef("cos", "one", "k")]
    put_all(ledger, *(record(ref) for ref in refs))
    assert [row.ref for row in index.search(Query(bucket="oss://one")).records] == [refs[0]]
    assert [row.ref for row in index.search(Query(bucket="oss://one", prefix="k")).records] == [refs[0]]
    assert index.search(Query(bucket="oss://on")).records == ()


@pytest.mark.parametrize("key", ODD_KEYS, ids=lambda key: ascii(key)[:40])
def test_any_key_that_a_store_allows_is_found_and_paged_over(index_pair: Pair, key: str) -> None:
    ledger, index = index_pair
    put_all(ledger, picture(key, label("dog")), picture("m", label("dog")))
    for order in ORDERS:
        pages = all_pages(index, Query(all_of=every("dog"), order=order, limit=1))
        assert sorted(page[0] for page in pages) == sorted([key, "m"])
    assert matching_keys(index, Query(bucket="oss://album", prefix=key)) == [key]
