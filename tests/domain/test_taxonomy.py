"""The taxonomy's data, and what words and vendors' names mean by it."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from imagelabels.domain import taxonomy
from imagelabels.domain.taxonomy import VOCABULARIES, Concept, Taxonomy, Wider


@pytest.fixture(scope="module")
def known() -> Taxonomy:
    return taxonomy.load()


def concept(id: str, level: int = 1, parent: str | None = None, en: str = "", **aliases: tuple[str, ...]) -> Concept:
    return Concept(id, level, parent, {"en": en or id}, aliases)


def test_every_concept_is_there_in_three_levels(known: Taxonomy) -> None:
    assert Counter(found.level for found in known.concepts.values()) == {1: 33, 2: 158, 3: 1000}


def test_every_id_is_a_slug_that_a_tag_and_a_url_can_hold(known: Taxonomy) -> None:
    assert [id for id in known.concepts if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)] == []


def test_ids_of_groups_and_categories_are_singular(known: Taxonomy) -> None:
    words = {word for found in known.concepts.values() if found.level < 3 for word in found.id.split("-")}
    singular_with_s = {"bus", "fungus", "electronics", "optics", "pants", "pajamas", "sports", "dress", "religious"}
    assert {word for word in words if word.endswith("s")} - singular_with_s == set()
    assert {word for word in words if word.endswith(("ie", "ves", "supplie"))} - {"tie"} == set()


def test_words_that_have_no_singular_keep_their_s(known: Taxonomy) -> None:
    for id in ("jeans", "pajamas", "swimming-trunks", "binoculars", "sunglasses", "hourglass", "magnetic-compass"):
        assert known.concepts[id].level == 3


def test_ids_that_were_released_are_still_there(known: Taxonomy) -> None:
    released = "dog cat mammal water-bird golden-retriever mountain-and-valley person sock-group sock streetcar-group"
    assert set(f"{released} streetcar crane-bird construction-crane loafer butterfly".split()) <= set(known.concepts)


def test_where_a_group_and_a_leaf_share_a_word_the_leaf_has_it(known: Taxonomy) -> None:
    assert known.concepts["sock"].level == known.concepts["streetcar"].level == 3
    assert known.concepts["sock-group"].level == known.concepts["streetcar-group"].level == 2


def test_every_group_has_a_leaf_and_every_category_a_group(known: Taxonomy) -> None:
    parents = {found.parent for found in known.concepts.values()}
    assert [found.id for found in known.concepts.values() if found.level < 3 and found.id not in parents] == []


def test_every_concept_is_named_in_both_languages_and_no_name_is_used_twice(known: Taxonomy) -> None:
    for language in ("en", "zh-Hans"):
        names = [found.names[language] for found in known.concepts.values()]
        assert all(name == name.strip() and name for name in names)
        assert [name for name, count in Counter(name.casefold() for name in names).items() if count > 1] == []
    assert all(
        re.search(r"[\u4e00-\u9fff]", found.names["zh-Hans"]) for found in known.concepts.values() if found.level < 3
    )


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
    assert known.label_id("imm", "兽类", "zh-Hans") == "imm:兽类"  # another vendor's alias says nothing
    assert known.label_id("imm", "Lion", "en") == "lion"
    assert known.label_id("imm", "Lion", "zh-Hans") == "imm:Lion"
    assert known.label_id("ci", "鹿", "zh-Hans") == "ci:鹿"


def test_a_word_means_its_concept_and_all_below(known: Taxonomy) -> None:
    mammals = known.resolve("mammal")
    assert {"mammal", "dog", "golden-retriever", "cat"} <= mammals
    assert "bird" not in mammals
    assert known.resolve("golden-retriever") == {"golden-retriever"}


@pytest.mark.parametrize("word", ["dog", " DOG ", "Dogs", "狗"])
def test_an_id_and_every_name_mean_the_same(known: Taxonomy, word: str) -> None:
    assert known.resolve(word) == known.resolve("dog")


@pytest.mark.parametrize("word", ["animal", "Animals", "动物"])
def test_a_wider_word_finds_all_its_categories_and_what_vendors_call_so(known: Taxonomy, word: str) -> None:
    found = known.resolve(word)
    assert {"mammal", "cat", "bird", "goldfish", "ci:兽类", "ci:动物", "imm:动物"} <= found
    assert found.isdisjoint({"animal", "plant-and-fungus", "daisy"})


def test_a_wider_word_is_no_label_and_no_tag(known: Taxonomy) -> None:
    assert set(known.wider).isdisjoint(known.concepts)
    assert known.category("animal") is None
    assert known.ancestors("mammal") == ()
    assert known.label_id("imm", "动物", "zh-Hans") == "imm:动物"


@pytest.mark.parametrize(("id", "members"), [("mammal", ("mammal",)), ("wide", ("dog",)), ("wide", ("nothing",))])
def test_a_wider_word_is_above_categories_only(id: str, members: tuple[str, ...]) -> None:
    dog = [concept("mammal"), concept("dog", 2, "mammal")]
    with pytest.raises(ValueError, match="wider word"):
        Taxonomy(dog, 1, [Wider(id, {"en": id}, members)])


def test_an_id_is_found_when_typed_with_spaces(known: Taxonomy) -> None:
    assert known.resolve("water bird") == known.resolve("water-bird") == known.resolve("Water birds")


def test_a_word_finds_rows_that_were_written_before_its_alias(known: Taxonomy) -> None:
    assert "ci:兽类" in known.resolve("mammal")
    assert "imm:Dog" in known.resolve("mammal")  # of a descendant
    assert known.resolve("ci:兽类") == known.resolve("mammal")


def test_a_word_that_no_concept_has_is_looked_for_as_every_vendors_word(known: Taxonomy) -> None:
    assert known.resolve(" 露营 ") == {f"{vocabulary}:露营" for vocabulary in VOCABULARIES}
    assert known.resolve("imm:露营") == {"imm:露营"}
    assert known.resolve("x:y") == {"ci:x:y", "imm:x:y"}


def test_a_misspelt_word_gets_names_that_exist(known: Taxonomy) -> None:
    assert "Golden retriever" in known.suggest("golden retreiver")
    assert known.suggest("elefant")
    assert len(known.suggest("cat")) <= 3
    assert known.suggest("qqqq") == ()


@pytest.mark.parametrize(
    ("concepts", "complaint"),
    [
        ([concept("a"), concept("a")], "two concepts have the id 'a'"),
        ([concept("a", 2, "b")], "'b' cannot be its parent"),
        ([concept("a"), concept("b", 3, "a")], "'a' cannot be its parent"),
        ([concept("a", 2)], "cannot be its parent"),
        ([concept("a", en="A"), concept("b", en="A")], "both called 'A'"),
        ([concept("a", imm=("A",)), concept("b", imm=("A",))], "both have the alias imm:A"),
        ([concept("a", aws=("A",))], "unknown vocabulary 'aws'"),
    ],
)
def test_data_that_contradict_themselves_are_refused(concepts: list[Concept], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Taxonomy(concepts, 1)
