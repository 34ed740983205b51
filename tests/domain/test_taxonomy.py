"""These tests check what words and vendors' names mean in the taxonomy."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from imagelabels.domain import taxonomy
from imagelabels.domain.concept import Concept, Wider
from imagelabels.domain.taxonomy import Taxonomy

VENDORS = ("ci", "imm")
"""The vocabularies that these tests use."""


@pytest.fixture(scope="module")
def known() -> Taxonomy:
    return taxonomy.load()


def concept(
    concept_id: str, level: int = 1, parent: str | None = None, en: str = "", **aliases: tuple[str, ...]
) -> Concept:
    return Concept(concept_id, level, parent, {"en": en or concept_id}, aliases)


def test_every_concept_is_there_in_three_levels(known: Taxonomy) -> None:
    assert Counter(concept.level for concept in known.concepts.values()) == {1: 35, 2: 168, 3: 1000}


def test_every_id_is_a_slug_that_a_tag_and_a_url_can_hold(known: Taxonomy) -> None:
    assert [name for name in known.concepts if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)] == []


def test_ids_of_groups_and_categories_are_singular(known: Taxonomy) -> None:
    words = {word for concept in known.concepts.values() if concept.level < 3 for word in concept.id.split("-")}
    singular_with_s = {
        "bus",
        "fungus",
        "electronics",
        "optics",
        "pants",
        "pajamas",
        "sports",
        "dress",
        "religious",
        "surroundings",
        "grass",
    }
    assert {word for word in words if word.endswith("s")} - singular_with_s == set()
    assert {word for word in words if word.endswith(("ie", "ves", "supplie"))} - {"tie"} == set()


def test_words_that_have_no_singular_keep_their_s(known: Taxonomy) -> None:
    for name in ("jeans", "pajamas", "swimming-trunks", "binoculars", "sunglasses", "hourglass", "magnetic-compass"):
        assert known.concepts[name].level == 3


def test_where_a_group_and_a_leaf_share_a_word_the_leaf_has_it(known: Taxonomy) -> None:
    assert known.concepts["sock"].level == known.concepts["streetcar"].level == 3
    assert known.concepts["sock-group"].level == known.concepts["streetcar-group"].level == 2


def test_every_group_has_a_thing_and_every_category_a_group_except_those_that_are_read_off_features(
    known: Taxonomy,
) -> None:
    parents = {concept.parent for concept in known.concepts.values()}
    childless = {concept.id for concept in known.concepts.values() if concept.level < 3 and concept.id not in parents}
    of_surroundings = {"indoor", "outdoor", "city-and-street", "sky", "sunset", "grass"}
    assert childless == {"face", "crowd", "chart", "map"} | of_surroundings


def test_a_label_that_came_later_would_not_find_rows_that_hold_its_name_as_somebodys_word(known: Taxonomy) -> None:
    rows = {"sky", "ci:天空", "imm:Sky", "user:sky", "user:天空"}
    assert known.resolve("天空") == known.resolve("SKY") >= rows
    assert known.resolve("ci:天空") >= rows
    assert known.resolve("surroundings") >= rows
    assert "imm:Dogs" not in known.resolve("dog")  # it was there at the beginning


def test_a_label_that_came_later_would_not_find_its_own_id_and_a_name_with_a_hyphen_as_words_of_people() -> None:
    later = Concept("sky-line", 1, None, {"en": "Roof-tops", "zh-Hans": "天际线"}, {}, since=2)
    assert Taxonomy([later], 2).resolve("sky-line") >= {"user:sky line", "user:roof tops", "user:天际线"}


def test_a_label_would_have_come_with_a_version_that_there_is_not_yet(known: Taxonomy) -> None:
    assert max(concept.since for concept in known.concepts.values()) <= known.version


def test_a_vendors_word_in_a_policy_would_not_be_the_label_that_the_word_becomes(known: Taxonomy) -> None:
    names = [("ci", "天空", "zh-Hans", "sky"), ("imm", "Crowd", "en", "crowd")]
    alias = ("ci", "兽类", "zh-Hans", "mammal")
    for vocabulary, word, language, label_id in (*names, alias, ("imm", "露营", "zh-Hans", "imm:露营")):
        assert known.named(f"{vocabulary}:{word}") == known.label_id(vocabulary, word, language) == label_id


def test_ancestors_go_from_near_to_far_and_end_in_the_category(known: Taxonomy) -> None:
    assert known.ancestors("golden-retriever") == ("dog", "mammal")
    assert known.ancestors("mammal") == known.ancestors("imm:露营") == ()
    assert known.category("golden-retriever") == known.category("mammal") == "mammal"
    assert known.category("imm:露营") is None


@pytest.mark.parametrize(("language", "name"), [("en", "Dogs"), ("en-US", "Dogs"), ("zh", "狗"), ("zh-CN", "狗")])
def test_a_language_tag_with_a_region_finds_the_name(known: Taxonomy, language: str, name: str) -> None:
    assert known.name("dog", language) == name
    assert known.label_id("imm", name, language) == "dog"


def test_an_unknown_id_or_language_has_no_name(known: Taxonomy) -> None:
    assert known.name("imm:露营", "en") is None
    assert known.name("dog", "fr") is None


def test_a_vendors_word_is_a_concept_by_alias_then_by_name_in_its_language_only(known: Taxonomy) -> None:
    assert known.label_id("ci", "兽类", "zh-Hans") == "mammal"
    assert known.label_id("imm", "兽类", "zh-Hans") == "imm:兽类"  # an alias of another vendor does not count
    assert known.label_id("imm", "Lion", "en") == "lion"
    assert known.label_id("imm", "Lion", "zh-Hans") == "imm:Lion"
    assert known.label_id("ci", "鹿", "zh-Hans") == "ci:鹿"


def test_a_word_means_its_concept_and_all_below(known: Taxonomy) -> None:
    mammals = known.resolve("mammal")
    assert {"mammal", "dog", "golden-retriever", "cat"} <= mammals
    assert "bird" not in mammals
    assert known.resolve("tabby-cat") == {"tabby-cat"}


@pytest.mark.parametrize("word", ["dog", " DOG ", "Dogs", "狗"])
def test_an_id_and_every_name_mean_the_same(known: Taxonomy, word: str) -> None:
    assert known.resolve(word) == known.resolve("dog")


@pytest.mark.parametrize("word", ["animal", "Animals", "动物"])
def test_a_wider_word_finds_all_its_categories_and_what_vendors_call_so(known: Taxonomy, word: str) -> None:
    ids = known.resolve(word)
    assert {"mammal", "cat", "bird", "goldfish", "ci:兽类", "ci:动物", "imm:动物"} <= ids
    assert ids.isdisjoint({"animal", "plant-and-fungus", "daisy"})


def test_a_wider_word_is_no_label_and_no_tag(known: Taxonomy) -> None:
    assert set(known.wider).isdisjoint(known.concepts)
    assert known.category("animal") is None
    assert known.ancestors("mammal") == ()
    assert known.label_id("imm", "动物", "zh-Hans") == "imm:动物"


@pytest.mark.parametrize(("wider_id", "members"), [("mammal", ("mammal",)), ("wide", ("dog",)), ("wide", ("nothing",))])
def test_a_wider_word_is_above_categories_only(wider_id: str, members: tuple[str, ...]) -> None:
    dog = [concept("mammal"), concept("dog", 2, "mammal")]
    with pytest.raises(ValueError, match="wider word"):
        Taxonomy(dog, 1, [Wider(wider_id, {"en": wider_id}, members)])


def test_an_id_is_found_when_typed_with_spaces(known: Taxonomy) -> None:
    assert known.resolve("water bird") == known.resolve("water-bird") == known.resolve("Water birds")


def test_a_word_finds_rows_that_were_written_before_its_alias(known: Taxonomy) -> None:
    assert "ci:兽类" in known.resolve("mammal")
    assert "imm:Dog" in known.resolve("mammal")  # this is the word for a concept below it
    assert known.resolve("ci:兽类") == known.resolve("mammal")


def test_a_word_that_no_concept_has_is_looked_for_as_every_vendors_word(known: Taxonomy) -> None:
    assert known.resolve(" 露营 ") == {f"{vocabulary}:露营" for vocabulary in known.vocabularies}
    assert known.resolve("imm:露营") == {"imm:露营"}
    assert known.resolve("x:y") == {"ci:x:y", "imm:x:y"}


def test_what_a_concept_is_also_called_is_understood_but_never_shown() -> None:
    car = replace(concept("car", en="Motor vehicles"), also={"en": ("Cars",)})
    known = Taxonomy([car, concept("race-car", 2, "car")], 1)
    assert known.resolve("cars") == known.resolve("car") >= {"race-car"}
    assert known.label_id("imm", "Cars", "en") == "car"
    assert known.label_id("imm", "Cars", "zh-Hans") == "imm:Cars"
    assert known.name("car", "en") == "Motor vehicles"


def test_a_word_finds_rows_that_were_written_before_a_concept_was_also_called_so() -> None:
    car = replace(concept("car", en="Motor vehicles"), also={"zh-Hans": ("汽车",)})
    assert {"imm:汽车", "ci:汽车"} <= Taxonomy([car], 1, vocabularies=VENDORS).resolve("car")


def test_a_vendors_word_may_be_typed_without_saying_whose_it_is() -> None:
    known = Taxonomy([concept("mammal", ci=("兽类",)), concept("dog", 2, "mammal")], 1, vocabularies=VENDORS)
    assert {"mammal", "dog", "ci:兽类", "imm:兽类"} == known.resolve("兽类")


def test_a_vendors_word_for_a_wider_word_is_found_by_it_and_stays_the_vendors() -> None:
    wide = Wider("animal", {"en": "Animals"}, ("mammal",), {"ci": ("Wildlife",)})
    known = Taxonomy([concept("mammal")], 1, [wide], VENDORS)
    assert known.label_id("ci", "Wildlife", "en") == "ci:Wildlife"
    assert known.resolve("animal") == known.resolve("Animals") >= {"mammal", "ci:Wildlife"}
    assert known.resolve("wildlife") >= known.resolve("animal")


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        (Wider("wide", {"en": "Mammals"}, ("mammal",)), "both called 'Mammals'"),
        (Wider("wide", {"en": "W"}, ("mammal",), {"ci": ("Mammals",)}), "alias ci:Mammals, which means 'mammal'"),
        (Wider("wide", {"en": "W"}, ("mammal",), {"imm": ("Beast",)}), "alias imm:Beast, which means 'mammal'"),
        (Wider("wide", {"en": "W"}, ("mammal",), {"aws": ("Beast",)}), "unknown vocabulary 'aws'"),
    ],
)
def test_a_wider_word_never_takes_a_concepts_word(word: Wider, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Taxonomy([concept("mammal", en="Mammals", imm=("Beast",))], 1, [word], VENDORS)


def test_two_concepts_whose_names_differ_in_case_only_are_refused_at_the_search() -> None:
    known = Taxonomy([concept("a", en="Tank"), concept("b", en="tank")], 1)
    with pytest.raises(ValueError, match="'a' and 'b' are both found by 'tank'"):
        known.resolve("anything")


@pytest.mark.parametrize(
    ("concepts", "complaint"),
    [
        ([concept("a"), concept("a")], "two concepts have the id 'a'"),
        ([concept("a", 2, "b")], "'b' cannot be its parent"),
        ([concept("a"), concept("b", 3, "a")], "'a' cannot be its parent"),
        ([concept("a", 2)], "cannot be its parent"),
        ([concept("a", 1, "b")], "'b' cannot be its parent"),
        ([concept("a"), concept("b", 1, "a")], "'a' cannot be its parent"),
        ([concept("a", en="A"), concept("b", en="A")], "both called 'A'"),
        ([concept("a", imm=("A",)), concept("b", imm=("A",))], "both have the alias imm:A"),
        ([concept("a", aws=("A",))], "unknown vocabulary 'aws'"),
        ([concept("a", imm=("B",)), concept("b", en="B")], "alias imm:B, which means 'b'"),
        ([concept("a", en="A"), replace(concept("b"), also={"en": ("A",)})], "both called 'A'"),
    ],
)
def test_data_that_contradict_themselves_are_refused(concepts: list[Concept], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Taxonomy(concepts, 1, vocabularies=VENDORS)


def test_a_name_that_a_policy_shows_a_vendors_label_by_finds_that_label() -> None:
    known = Taxonomy([concept("dog")], 1, vocabularies=VENDORS).also_showing(
        [("imm:Tent", "My tent"), ("dog", "Hound")]
    )
    assert "imm:Tent" in known.resolve("my tent")
    assert "dog" in known.resolve("hound")
    assert "imm:Tent" not in known.resolve("hound")
