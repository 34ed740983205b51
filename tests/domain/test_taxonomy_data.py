"""These tests check the data of the taxonomy: ids, parents, names, wider words and vendors' words."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path

import pytest

from imagelabels import clouds
from imagelabels.domain import taxonomy
from imagelabels.domain.concept import Concept, Wider
from imagelabels.domain.taxonomy import Taxonomy
from tests.released import broken, present, released

LANGUAGES = ("en", "zh-Hans")


@pytest.fixture(scope="module")
def known() -> Taxonomy:
    return taxonomy.load()


def everything(known: Taxonomy) -> list[Concept | Wider]:
    return [*known.concepts.values(), *known.wider.values()]


def names_of(word: Concept | Wider, language: str) -> list[str]:
    also = word.also.get(language, ()) if isinstance(word, Concept) else ()
    return [word.names[language], *also]


def test_an_id_that_was_released_is_still_there_at_its_level(known: Taxonomy) -> None:
    assert len(released()) >= 1200
    assert broken(released(), present(known)) == []


def test_an_id_that_is_gone_renamed_or_moved_between_levels_is_noticed() -> None:
    old = {"dog": 2, "cat": 2, "mammal": 1}
    assert broken(old, old | {"new": 3}) == []
    assert broken(old, {"dog": 3, "house-cat": 2, "mammal": 1}) == ["cat", "dog"]


def test_concepts_are_trees_of_three_levels_and_wider_words_stand_above(known: Taxonomy) -> None:
    levels = {concept.id: concept.level for concept in known.concepts.values()}
    for concept in known.concepts.values():
        lineage = (concept.id, *known.ancestors(concept.id))
        assert [levels[above] for above in lineage] == list(range(concept.level, 0, -1))
    for word in known.wider.values():
        assert len(set(word.members)) == len(word.members) >= 2
        assert {levels[member] for member in word.members} == {1}


def test_every_concept_is_named_in_both_languages_as_the_file_has_it(known: Taxonomy) -> None:
    for word in everything(known):
        assert set(word.names) == set(LANGUAGES)
        for language in LANGUAGES:
            assert all(name == " ".join(name.split()) != "" for name in names_of(word, language))
        english, chinese = word.names["en"], word.names["zh-Hans"]
        assert re.fullmatch(r"[A-Zi][\w'-]*([, ]+[\w'-]+)*( \([a-z]+\))?", english), english
        assert re.fullmatch(r"[A-Za-z]*[\u3400-\u9fff、T]+", chinese), chinese


def test_every_name_finds_its_concept_and_nothing_else(known: Taxonomy) -> None:
    for word in everything(known):
        meant = known.resolve(word.id)
        for language in LANGUAGES:
            assert all(known.resolve(name) == meant for name in names_of(word, language))


def test_every_name_said_by_a_vendor_is_its_concept(known: Taxonomy) -> None:
    for concept in known.concepts.values():
        for language in LANGUAGES:
            for name in names_of(concept, language):
                assert {known.label_id(vocabulary, name, language) for vocabulary in known.vocabularies} == {concept.id}


def test_no_word_means_two_things_whoever_says_it(known: Taxonomy) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for word in everything(known):
        names = [name for language in LANGUAGES for name in names_of(word, language)]
        for text in (word.id, *names, *(alias for aliases in word.aliases.values() for alias in aliases)):
            meanings[text.replace("-", " ").casefold()].add(word.id)
    assert {word: ids for word, ids in meanings.items() if len(ids) > 1} == {}


def test_an_alias_is_its_concept_in_its_own_vocabulary_only(known: Taxonomy) -> None:
    pairs = [
        (vocabulary, alias, concept.id)
        for concept in known.concepts.values()
        for vocabulary in concept.aliases
        for alias in concept.aliases[vocabulary]
    ]
    assert len(pairs) > 10
    for vocabulary, alias, concept_id in pairs:
        assert {known.label_id(vocabulary, alias, language) for language in LANGUAGES} == {concept_id}
        assert f"{vocabulary}:{alias}" in known.resolve(concept_id)
        for other in known.vocabularies:
            theirs = {*known.concepts[concept_id].aliases.get(other, ()), *names_of(known.concepts[concept_id], "en")}
            assert (known.label_id(other, alias, "en") == concept_id) == (alias in theirs)


def test_a_wider_words_alias_is_nobodys_label(known: Taxonomy) -> None:
    pairs = [
        (vocabulary, alias, word.id)
        for word in known.wider.values()
        for vocabulary in word.aliases
        for alias in word.aliases[vocabulary]
    ]
    assert len(pairs) > 8
    for vocabulary, alias, word_id in pairs:
        assert {known.label_id(vocabulary, alias, language) for language in LANGUAGES} == {f"{vocabulary}:{alias}"}
        assert f"{vocabulary}:{alias}" in known.resolve(word_id)


def test_the_file_names_the_pages_that_the_aliases_are_from() -> None:
    data = json.loads(Path(taxonomy.__file__).with_name("taxonomy.json").read_bytes())
    assert all(page.startswith("https://") for page in data["aliases from"])
    hosts = {page.split("/")[2] for page in data["aliases from"]}
    assert any("alibabacloud" in host for host in hosts)
    assert any("tencent" in host for host in hosts)


# These words are from the vendors' pages: an IMM answer (a dog in a tent, a coat) and a CI answer (a deer in the
# grass).
@pytest.mark.parametrize(
    ("vocabulary", "language", "word", "label_id"),
    [
        ("imm", "zh-Hans", "服装", "clothing"),
        ("imm", "zh-Hans", "衣服", "clothing"),
        ("imm", "en", "Apparel", "clothing"),
        ("imm", "zh-Hans", "Clothing", "clothing"),  # the answer declares these English words as Chinese
        ("imm", "zh-Hans", "Person", "person"),
        ("imm", "en", "Coat", "top-and-coat"),
        ("imm", "en", "Pet Dog", "dog"),
        ("imm", "en", "Tent", "tent"),
        ("imm", "en", "Person", "person"),
        ("imm", "zh-Hans", "人物", "person"),
        ("imm", "zh-Hans", "家具", "furniture"),
        ("imm", "zh-Hans", "座椅", "chair-and-sofa"),
        ("imm", "zh-Hans", "自然景观", "landscape"),
        ("imm", "zh-Hans", "露营", "imm:露营"),
        ("imm", "zh-Hans", "食肉动物", "imm:食肉动物"),
        ("ci", "zh-Hans", "兽类", "mammal"),
        ("ci", "zh-Hans", "自然风光", "landscape"),
        ("ci", "zh-Hans", "建筑", "building-and-structure"),
        ("ci", "zh-Hans", "饮品", "drink"),
        ("ci", "en", "Rabbit", "rabbit-and-hare"),
        ("ci", "en", "Plants and other organisms", "plant-and-fungus"),
        ("ci", "zh-Hans", "动植物", "ci:动植物"),
        ("ci", "zh-Hans", "鹿", "ci:鹿"),
    ],
)
def test_the_vendors_own_examples_are_our_concepts_where_we_have_them(
    known: Taxonomy, vocabulary: str, language: str, word: str, label_id: str
) -> None:
    assert known.label_id(vocabulary, word, language) == label_id


@pytest.mark.parametrize(
    ("word", "expected", "not_expected"),
    [
        ("animal", "ladybug ci:Wildlife imm:野生动物 imm:动物", "daisy"),
        ("生物", "ladybug daisy mushroom ci:动植物", "strawberry"),
        ("vehicles", "bus canoe airliner imm:Transportation", "traffic-light"),
        ("饮食", "pizza espresso banana", "daisy"),
        ("home", "sofa-bed plate-rack vase", "castle"),
        ("fashion", "kimono sandal umbrella", "quilt"),
        ("设备和工具", "laptop hammer", "toaster"),
        ("Sports and leisure", "volleyball teddy-bear violin", "vase"),
        ("scene", "church volcano street-sign ci:场景", "person"),
        ("plants", "daisy ci:植物 imm:植物", "strawberry"),
        ("汽车", "jeep tractor", "moped"),
        ("饮品", "red-wine wine-bottle", "coffee-mug"),
    ],
)
def test_a_word_that_people_type_finds_what_it_means(
    known: Taxonomy, word: str, expected: str, not_expected: str
) -> None:
    ids = known.resolve(word)
    assert not_expected in known.concepts
    assert set(expected.split()) <= ids
    assert not_expected not in ids


@pytest.mark.parametrize(
    ("thing", "group", "category"),
    [
        ("trilobite", "scorpion-tick-and-centipede", "insect-and-bug"),  # it is an arthropod and not a reptile
        ("isopod", "scorpion-tick-and-centipede", "insect-and-bug"),  # it is not a worm
        ("plate-rack", "kitchen-utensil", "kitchenware"),  # it dries dishes and is not furniture
        ("paper-towel", "cleaning-tool", "home-and-household"),
        ("birdhouse", "house-and-barn", "building-and-structure"),
        ("cliff", "mountain-and-valley", "landscape"),
        ("coffee-mug", "cup-bowl-and-tableware", "kitchenware"),
        ("hen", "poultry", "bird"),
        ("tusker", "elephant-and-hippo", "mammal"),
    ],
)
def test_a_thing_is_what_stands_above_it(known: Taxonomy, thing: str, group: str, category: str) -> None:
    assert known.ancestors(thing) == (group, category)


@pytest.mark.parametrize(
    ("thing", "english", "chinese"),
    [
        ("yorkshire-terrier", "Yorkshire terrier", "约克夏梗"),
        ("otterhound", "Otterhound", "猎水獭犬"),
        ("tiger-shark", "Tiger shark", "鼬鲨"),  # 虎鲨 means another order, the bullhead sharks
        ("prairie-chicken", "Prairie chicken", "草原松鸡"),
        ("common-gallinule", "Gallinule", "水鸡"),  # the class is Porphyrio porphyrio, which is not 黑水鸡
        ("drake", "Male duck", "公鸭"),
        ("kite-bird", "Kite (bird)", "鸢"),
        ("construction-crane", "Construction crane", "起重机"),
        ("drumstick", "Drumstick (percussion)", "鼓槌"),
    ],
)
def test_a_name_is_what_people_say_and_no_other_thing(known: Taxonomy, thing: str, english: str, chinese: str) -> None:
    assert known.concepts[thing].names == {"en": english, "zh-Hans": chinese}


def test_the_data_name_no_vocabulary_that_no_provider_has(known: Taxonomy) -> None:
    assert known.vocabularies == clouds.vocabularies()
