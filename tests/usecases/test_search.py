"""Searching by words, over an index that remembers what it was asked."""

from __future__ import annotations

import pytest

from imagelabels.domain.taxonomy import Concept, Taxonomy
from imagelabels.ports import Page, Query
from imagelabels.usecases.search import did_you_mean, search
from tests.contract.samples import record

TAXONOMY = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {"ci": ("兽类",)}),
        Concept("dog", 2, "mammal", {"en": "Dogs", "zh-Hans": "狗"}, {"imm": ("Dog",)}),
        Concept("husky", 3, "dog", {"en": "Husky", "zh-Hans": "哈士奇"}, {}),
        Concept("beach", 1, None, {"en": "Beach", "zh-Hans": "海滩"}, {}),
    ],
    1,
)
DOG = frozenset({"dog", "husky", "imm:Dog"})
MAMMAL = DOG | {"mammal", "ci:兽类"}
BEACH = frozenset({"beach"})


class Asked:
    """Answers every query with one page, or with an error."""

    def __init__(self, error: ValueError | None = None) -> None:
        self.query = Query()
        self.page = Page((record(),), "token")
        self.error = error

    def search(self, query: Query) -> Page:
        self.query = query
        if self.error is not None:
            raise self.error
        return self.page


@pytest.mark.parametrize("word", ["dog", "Dogs", "dogs", "狗"])
def test_a_word_of_any_language_asks_for_the_concept_and_all_below_it(word: str) -> None:
    index = Asked()
    search(index, TAXONOMY, [word])
    assert index.query == Query(all_of=(DOG,))


def test_each_word_is_asked_for_by_itself() -> None:
    index = Asked()
    search(index, TAXONOMY, ["mammal", "beach"], ["dog", "beach"])
    assert (index.query.all_of, index.query.any_of) == ((MAMMAL, BEACH), (DOG, BEACH))


def test_a_word_that_no_concept_has_still_asks_for_the_vendors_word() -> None:
    index = Asked()
    search(index, TAXONOMY, ["露营"])
    (ids,) = index.query.all_of
    assert {"imm:露营", "ci:露营"} <= ids


def test_what_was_asked_for_besides_words_reaches_the_index_and_its_page_comes_back() -> None:
    index = Asked()
    page = search(index, TAXONOMY, [], [], 0.5, "oss://album/", "confidence", 7, "token")
    assert index.query == Query((), (), 0.5, "oss://album/", "confidence", 7, "token")
    assert page is index.page


def test_a_token_that_the_index_refuses_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="another query"):
        search(Asked(ValueError("another query")), TAXONOMY, ["dog"], page="x")


def test_a_misspelt_word_is_answered_with_what_it_may_have_meant() -> None:
    assert did_you_mean(TAXONOMY, ["huskie"]) == {"huskie": ("Husky",)}


def test_words_that_a_concept_has_and_words_like_nothing_are_not_corrected() -> None:
    assert did_you_mean(TAXONOMY, ["dog", "Dogs", "海滩", "imm:Dog", "qqqqqqqq"]) == {}
