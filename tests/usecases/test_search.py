"""What the words that people type ask of an index."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.query import Query, Term
from imagelabels.domain.taxonomy import Concept, Taxonomy
from imagelabels.usecases.search import did_you_mean, question

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


def _all(*words: str, least: float = 0.0) -> tuple[Term, ...]:
    return question(TAXONOMY, words, least=least).all_of


@pytest.mark.parametrize("word", ["dog", "Dogs", "dogs", "狗"])
def test_a_word_of_any_language_asks_for_the_concept_and_all_below_it(word: str) -> None:
    assert question(TAXONOMY, [word]) == Query(all_of=(Term(DOG),))


def test_each_word_is_asked_for_by_itself() -> None:
    query = question(TAXONOMY, ["mammal", "beach"], ["dog", "beach"], ["dog"])
    assert query == Query((Term(MAMMAL), Term(BEACH)), (Term(DOG), Term(BEACH)), (Term(DOG),))


def test_a_word_that_no_concept_has_still_asks_for_the_vendors_word() -> None:
    (term,) = _all("露营")
    assert term.ids >= {"imm:露营", "ci:露营"}


def test_a_word_says_how_sure_its_label_must_be_and_the_others_follow_the_one_for_all() -> None:
    assert _all("dog:0.8", "beach", "狗:0", "beach:1", least=0.5) == (
        Term(DOG, 0.8),
        Term(BEACH, 0.5),
        Term(DOG, 0.0),
        Term(BEACH, 1.0),
    )
    query = question(TAXONOMY, (), ["dog:0.8"], ["beach:0.9"], 0.5)
    assert (query.any_of, query.none_of) == ((Term(DOG, 0.8),), (Term(BEACH, 0.9),))


def test_a_name_that_ends_in_a_colon_and_a_number_stays_a_name() -> None:
    known = Taxonomy([Concept("ratio", 1, None, {"en": "Ratio 16:9"}, {"imm": ("7",)})], 1)
    assert question(known, ["ratio 16:9"]).all_of == (Term(frozenset({"ratio", "imm:7"})),)
    assert question(known, ["ratio 16:9:0.5"]).all_of == (Term(frozenset({"ratio", "imm:7"}), 0.5),)


def test_a_vendors_word_is_not_cut_at_its_colon() -> None:
    assert _all("imm:Dog", "imm:7", "imm:露营:0.5", "ci:16:9:0") == (
        Term(DOG),
        Term(frozenset({"imm:7"})),
        Term(frozenset({"imm:露营"}), 0.5),
        Term(frozenset({"ci:16:9"}), 0.0),
    )
    (term,) = _all("a:b")
    assert term == Term(frozenset({"imm:a:b", "ci:a:b", "user:a:b"}))


@pytest.mark.parametrize("word", ["dog:80", "dog:-1", "dog:nan", "dog:1.01", "dog:inf"])
def test_a_number_that_is_no_confidence_is_refused_with_the_word(word: str) -> None:
    with pytest.raises(ValueError, match=f"^{word}: a confidence is from 0 to 1"):
        _all(word)


def test_the_other_conditions_stay_as_they_are() -> None:
    conditions = Query(bucket="oss://album", prefix="a", since=5, order="uri", limit=7, page="token")
    assert question(TAXONOMY, ["beach"], conditions=conditions) == replace(conditions, all_of=(Term(BEACH),))


def test_a_misspelt_word_is_answered_with_what_it_may_have_meant() -> None:
    assert did_you_mean(TAXONOMY, ["huskie", "huskie:0.5"]) == {"huskie": ("Husky",)}


def test_words_that_a_concept_has_and_words_like_nothing_are_not_corrected() -> None:
    assert did_you_mean(TAXONOMY, ["dog", "Dogs", "dog:0.5", "海滩", "imm:Dog", "qqqqqqqq"]) == {}
