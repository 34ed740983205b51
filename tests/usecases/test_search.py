"""What the words that people type ask of an index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from imagelabels.domain.concept import Concept
from imagelabels.domain.query import Counts, Page, Query, Term
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.words import EverydayWords, UnlabelledWords, Words
from imagelabels.ports import Unfinished
from imagelabels.usecases.search import Typed, count, hints, question, search, state_searched
from tests.contract.samples import record

TAXONOMY = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {"ci": ("兽类",)}),
        Concept("dog", 2, "mammal", {"en": "Dogs", "zh-Hans": "狗"}, {"imm": ("Dog",)}),
        Concept("husky", 3, "dog", {"en": "Husky", "zh-Hans": "哈士奇"}, {}),
        Concept("face", 1, None, {"en": "Faces", "zh-Hans": "人脸"}, {}),
        Concept("beach", 1, None, {"en": "Beach", "zh-Hans": "海滩"}, {}),
    ],
    1,
    vocabularies=("ci", "imm"),
)
WORDS = Words(
    TAXONOMY,
    [
        EverydayWords({"en": ("puppy", "pup"), "zh-Hans": ("小狗",)}, ("dog",)),
        EverydayWords({"en": ("outside",)}, ("dog", "beach")),
        UnlabelledWords({"en": ("woman", "man")}, "does not tell women from men", ("mammal",)),
        UnlabelledWords({"en": ("night",)}, "does not see the time of day", ()),
        EverydayWords({"en": ("sled dog",)}, ("husky",)),
    ],
    {"husky": "dog", "beach": None},
)
OFTEN = "pictures often get only the wider label"
DOG = frozenset({"dog", "husky", "imm:Dog"})
MAMMAL = DOG | {"mammal", "ci:兽类"}
BEACH = frozenset({"beach"})


def _all(*words: str, least: float = 0.0) -> tuple[Term, ...]:
    return question(WORDS, Typed(words, least=least)).all_of


@pytest.mark.parametrize("word", ["dog", "Dogs", "dogs", "狗"])
def test_a_word_of_any_language_asks_for_the_concept_and_all_below_it(word: str) -> None:
    assert question(WORDS, Typed([word])) == Query(all_of=(Term(DOG),))


def test_each_word_is_asked_for_by_itself() -> None:
    query = question(WORDS, Typed(["mammal", "beach"], ["dog", "beach"], ["dog"]))
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
    query = question(WORDS, Typed((), ["dog:0.8"], ["beach:0.9"], 0.5))
    assert (query.any_of, query.none_of) == ((Term(DOG, 0.8),), (Term(BEACH, 0.9),))


def test_a_name_that_ends_in_a_colon_and_a_number_stays_a_name() -> None:
    known = Taxonomy([Concept("ratio", 1, None, {"en": "Ratio 16:9"}, {"imm": ("7",)})], 1, vocabularies=("ci", "imm"))
    assert question(Words(known), Typed(["ratio 16:9"])).all_of == (Term(frozenset({"ratio", "imm:7"})),)
    assert question(Words(known), Typed(["ratio 16:9:0.5"])).all_of == (Term(frozenset({"ratio", "imm:7"}), 0.5),)


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
    assert question(WORDS, Typed(["beach"]), conditions) == replace(conditions, all_of=(Term(BEACH),))


def _called(*names: str) -> frozenset[str]:
    return frozenset(f"{vocabulary}:{name}" for vocabulary in ("imm", "ci") for name in names)


def test_an_everyday_word_asks_for_what_it_means_and_for_all_that_is_called_so() -> None:
    called = _called("puppy", "Puppy", "pup", "Pup", "小狗")
    assert _all("puppy") == (Term(DOG | called | {"user:puppy"}),)
    assert _all("小狗") == (Term(DOG | called | {"user:小狗"}),)
    (term,) = _all("outside:0.5")
    assert term == Term(DOG | BEACH | _called("outside", "Outside") | {"user:outside"}, 0.5)


@pytest.mark.parametrize("word", ["puppies", "pups", "Huskies", "beaches", "mammals", "dogs"])
def test_a_word_is_found_in_the_singular_and_in_the_plural(word: str) -> None:
    (term,) = _all(word)
    assert not term.ids.isdisjoint(TAXONOMY.concepts)


def test_a_word_of_a_cloud_s_detector_is_found_as_it_is_written_there() -> None:
    (term,) = _all("night club")
    assert term.ids >= {"imm:night club", "imm:Night club", "imm:Night Club", "user:night club"}


def test_a_word_that_the_model_cannot_say_still_finds_what_others_said() -> None:
    (term,) = _all("woman")
    assert term.ids == _called("woman", "Woman") | {"user:woman"}


def test_a_word_that_the_model_cannot_say_is_answered_with_why_and_with_what_is_worth_a_try() -> None:
    assert hints(WORDS, ["woman:0.8", "man", "night"]) == [
        "woman: the embedded model does not tell women from men: try Mammals (mammal)",
        "man: the embedded model does not tell women from men: try Mammals (mammal)",
        "night: the embedded model does not see the time of day",
    ]


def test_a_misspelt_word_is_answered_with_what_it_may_have_meant() -> None:
    assert hints(WORDS, ["huskey", "huskey:0.5", "puppz", "pupyp", "mamals"]) == [
        "nothing is called huskey: did you mean Husky?",
        "no label of ours is called puppz: `imagelabels labels` lists them",
        "nothing is called pupyp: did you mean puppy?",
        "nothing is called mamals: did you mean Mammals?",
    ]


def test_a_word_like_nothing_is_said_to_be_no_label() -> None:
    assert hints(WORDS, ["qqqq"]) == ["no label of ours is called qqqq: `imagelabels labels` lists them"]


def test_words_that_are_labels_and_words_of_a_vendor_or_a_person_are_not_corrected() -> None:
    known = ["dog", "Dogs", "dog:0.5", "狗", "outside", "兽类", "puppies", "imm:Dog", "imm:qqqq", "user:mine", ""]
    assert hints(WORDS, known) == []


def test_a_label_that_the_model_never_gives_is_answered_with_the_wider_one_that_it_gives() -> None:
    never = "the embedded model never gives Husky (husky), which was wrong too often: try Dogs (dog)"
    asked = ["husky", "huskies:0.5", "哈士奇", "sled dogs"]
    assert hints(WORDS, asked) == [f"{word.partition(':')[0]}: {never}" for word in asked]
    assert hints(WORDS, ["海滩"]) == ["海滩: the embedded model never gives Beach (beach), which was wrong too often"]


def test_a_label_that_the_model_gives_only_with_a_setting_is_answered_with_the_setting() -> None:
    assert hints(WORDS, ["人脸"]) == ["人脸: the embedded model gives Faces (face) only with IMAGELABELS_FACES=on"]


def test_a_label_that_the_model_never_gives_is_told_only_where_nothing_matched() -> None:
    asked = Typed(["husky"])
    assert search(Shelf(1), WORDS, asked, Query())[1] == []
    assert len(search(Shelf(0), WORDS, asked, Query())[1]) == len(count(Shelf(0), WORDS, asked, Query())[1]) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (Typed(["dog:0.5"]), [f"dog: {OFTEN}: try Mammals (mammal)"]),
        (Typed((), ["puppies"]), [f"puppies: {OFTEN}: try Mammals (mammal)"]),
        (Typed(["dog", "mammal"]), []),  # Either may be why nothing matched.
        (Typed(["mammal"]), []),
        (Typed(["outside"]), []),  # It means two labels, and no label is above both.
        (Typed((), (), ["dog"]), []),
        (Typed(["husky"]), hints(WORDS, ["husky"])),
        (Typed(["dog"], (), ["night"]), [f"dog: {OFTEN}: try Mammals (mammal)", *hints(WORDS, ["night"])]),
    ],
)
def test_a_single_word_that_finds_nothing_is_answered_with_the_label_above_it(typed: Typed, said: list[str]) -> None:
    assert search(Shelf(0), WORDS, typed, Query())[1] == count(Shelf(0), WORDS, typed, Query())[1] == said
    assert search(Shelf(1), WORDS, typed, Query())[1] == hints(WORDS, typed.none_of)


class Shelf:
    """An index that keeps what it was asked, and holds so many rows that match."""

    def __init__(self, rows: int = 0) -> None:
        self.rows = rows
        self.asked: list[Query] = []

    def search(self, query: Query) -> Page:
        self.asked.append(query)
        return Page((record(),) * self.rows, "more" if self.rows else None)

    def count(self, query: Query) -> Counts:
        self.asked.append(query)
        return Counts(self.rows, {}, {})

    def unfinished(self, *_: object, **__: object) -> tuple[Unfinished, ...]:
        raise AssertionError("a search asks for no backlog")


def test_a_search_asks_the_index_for_words_and_conditions_together_and_gives_back_its_page() -> None:
    shelf, conditions = Shelf(2), Query(order="uri", limit=7)
    page, said = search(shelf, WORDS, Typed(["dog"]), conditions)
    counts, _ = count(shelf, WORDS, Typed(["dog"]), conditions)
    assert (len(page.records), page.next, counts.total, said) == (2, "more", 2, [])
    assert shelf.asked == [replace(conditions, all_of=(Term(DOG),))] * 2


@pytest.mark.parametrize("ask", [search, count])
def test_a_word_that_nothing_is_called_by_is_told_where_it_is_why_nothing_matched_or_where_it_left_nothing_out(
    ask: Callable[..., tuple[object, list[str]]],
) -> None:
    typed = Typed(["huskey"], ["puppz"], ["mamals"])
    told = [line.partition(":")[0] for line in ask(Shelf(0), WORDS, typed, Query())[1]]
    assert told == ["nothing is called huskey", "no label of ours is called puppz", "nothing is called mamals"]
    assert ask(Shelf(1), WORDS, typed, Query())[1] == ["nothing is called mamals: did you mean Mammals?"]


def test_a_word_that_cannot_be_meant_is_refused_before_the_index_is_asked() -> None:
    shelf = Shelf()
    with pytest.raises(ValueError, match="dog:80"):
        search(shelf, WORDS, Typed(["dog:80"]), Query())
    assert shelf.asked == []


def test_pictures_without_labels_are_found_by_their_reason_though_no_state_is_named() -> None:
    assert state_searched(None, "") == "labelled"
    assert state_searched(None, "corrupt") == "any"
    assert state_searched("parked", "corrupt") == "parked"
