"""These tests check that a person's corrections win over the detector and over earlier corrections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagelabels.domain.concept import Concept, Wider
from imagelabels.domain.corrections import LONGEST, corrected, merged, user_id
from imagelabels.domain.model import Corrections, Label
from imagelabels.domain.policy import Chosen, Policy, choose
from imagelabels.domain.tags import ours, wanted
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.records.rows import read_record, record_json
from tests.contract.samples import REF, record
from tests.fakes import label
from tests.world import CONCEPTS

NONE = Corrections("c0ffee")
LABELS = (label("dog", 0.9, "pet"), label("imm:Husky", 0.8, "dog"), label("car", 0.75, "vehicle"), label("cat", 0.4))
WIDER = [Wider("animal", {"en": "Animals", "zh-Hans": "动物"}, ("mammal",))]
KNOWN = Taxonomy(CONCEPTS.concepts.values(), 1, WIDER, CONCEPTS.vocabularies)


def merge(without: tuple[str, ...] = (), add: tuple[str, ...] = (), old: Corrections = NONE) -> Corrections:
    return merged(old, without, add, KNOWN, [label.id for label in LABELS])


def chosen(words: Corrections, policy: Policy | None = None, labels: tuple[Label, ...] = LABELS) -> Chosen:
    policy = policy or Policy()
    return corrected(choose(labels, policy, KNOWN), words, policy, KNOWN)


def ids(choice: Chosen) -> list[str]:
    return [label.id for label in choice.labels]


def tags(choice: Chosen) -> dict[str, str]:
    return wanted(choice, {}, Policy(), KNOWN).written


@pytest.mark.parametrize("word", ["dog", "Dog", " DOG ", "狗"])
def test_a_rejected_label_goes_with_all_labels_below_it_in_the_answer(word: str) -> None:
    choice = chosen(merge((word,)))
    assert ids(choice) == ["car"]
    assert choice.ancestors == {"car": ("vehicle",)}
    assert tags(choice) == {"label:car": "vehicle"}


def test_a_rejected_category_or_wider_word_removes_all_labels_below_it() -> None:
    assert ids(chosen(merge(("mammal",)))) == ["car"]
    assert ids(chosen(merge(("animal",)))) == ["car"]


def test_a_vendors_word_can_be_rejected_by_its_name_or_id() -> None:
    assert ids(chosen(merge(("imm:Husky",)))) == ["dog", "car"]
    assert ids(chosen(merge(("Husky",)))) == ["dog", "car"]


def test_a_known_name_that_is_added_is_its_concept_with_its_place_in_the_tree() -> None:
    choice = chosen(merge((), ("Cat",)))
    cat = choice.labels[0]
    assert cat == Label("cat", "Cat", "en", 3, "pet", 1.0, None)
    assert choice.ancestors["cat"] == ("pet", "mammal")
    assert tags(choice)["label:cat"] == "mammal"
    assert chosen(merge((), ("cat",)), Policy(language="zh-Hans")).labels[0].name == "猫"


def test_a_label_that_is_there_already_becomes_sure_and_stays_one() -> None:
    choice = chosen(merge((), ("car",)))
    assert ids(choice) == ["car", "dog", "imm:Husky"]
    assert choice.labels[0].confidence == 1.0


def test_words_of_the_user_s_own_become_a_label_whose_tag_is_ours_to_take_back() -> None:
    choice = chosen(merge((), ("My  Boat", "露营")))
    boat, camping = (label for label in choice.labels if label.id.startswith("user:"))
    assert (boat.id, boat.name, boat.confidence, boat.level, boat.parent_id) == (
        "user:my boat",
        "My Boat",
        1.0,
        1,
        None,
    )
    assert camping.id == "user:露营"
    assert tags(choice)["label:user:my boat"] == "user"
    for key, value in tags(choice).items():
        assert ours(key, value, "label:", KNOWN), key


def test_a_concept_that_the_taxonomy_learns_later_takes_the_words_that_were_added_for_it() -> None:
    words = merge((), ("my boat",))
    learned = Taxonomy([*CONCEPTS.concepts.values(), Concept("boat", 1, None, {"en": "My boat"}, {})], 2, (), ["imm"])
    choice = corrected(Chosen((), {}), words, Policy(), learned)
    assert ids(choice) == ["boat"]


def test_what_is_added_is_there_whatever_the_policy_says() -> None:
    assert ids(chosen(merge((), ("cat",)), Policy(threshold=1.0, exclude=("cat",)))) == ["cat"]


def test_a_later_correction_wins() -> None:
    first = merge(("dog",), ("my boat",))
    assert merge((), ("dog",), first) == Corrections("c0ffee", (), ("my boat", "dog"))
    assert merge(("MY-BOAT",), (), first) == Corrections("c0ffee", ("dog", "MY-BOAT"), ())
    assert merge(("pet",), (), merge((), ("cat",))).add == ()
    assert merge((), ("cat",), merge(("mammal",))).without == ()
    assert merge(("dog",), (), first) == first


def test_rejecting_and_adding_a_label_at_once_is_refused() -> None:
    for without, add in (("dog", "Dog"), ("mammal", "dog"), ("my boat", "My-Boat")):
        with pytest.raises(ValueError, match=r"say one of the two|nothing is called"):
            merge((without,), (add,))


def test_a_word_that_nothing_is_called_is_refused_with_what_it_may_mean() -> None:
    with pytest.raises(ValueError, match=r"nothing is called mamal.*: did you mean mammal\?$"):
        merge(("mamal",))
    with pytest.raises(ValueError, match=r"nothing is called kitten, and the picture has no such label: write cat$"):
        merge(("kitten",))
    with pytest.raises(ValueError, match=r"no such label: `imagelabels why` shows the labels that it has$"):
        merge(("xyzzy",))


@pytest.mark.parametrize("word", ["", " ", "\x1b[2J", "user:", "-", "user: -", "x" * 101])
def test_what_is_no_word_is_refused(word: str) -> None:
    for without, add in (((word,), ()), ((), (word,))):
        with pytest.raises(ValueError, match="is no word for a label"):
            merge(without, add)


def test_a_wider_word_is_no_label() -> None:
    with pytest.raises(ValueError, match=r"wider word, for searching only: add mammal, or a label below it$"):
        merge((), ("Animals",))


def test_a_word_that_the_taxonomy_makes_a_wider_one_later_stays_the_user_s_and_stops_no_delivery() -> None:
    words = merged(NONE, (), ("animal",), CONCEPTS)
    assert ids(chosen(words))[0] == "user:animal"


def test_a_rejected_word_can_be_rejected_again_when_the_row_no_longer_has_it() -> None:
    first = merge(("Husky",))
    assert merged(first, ("Husky",), (), KNOWN, ["dog"]) == first


def test_own_words_are_the_same_in_any_case_and_with_hyphens() -> None:
    assert {user_id(word) for word in ("my boat", " My-Boat", "USER:my  boat", "user:my boat")} == {"user:my boat"}


def test_each_label_says_what_a_correction_did_to_it() -> None:
    causes = {verdict.label.id: verdict.cause for verdict in chosen(merge(("dog",), ("cat", "my boat"))).verdicts}
    assert causes == {
        "dog": "not_so",
        "imm:Husky": "not_so",
        "car": "kept",
        "cat": "added",
        "user:my boat": "added",
    }


def test_a_row_keeps_corrections_and_an_old_row_has_none() -> None:
    row = replace(record(), corrections=Corrections("c0ffee", ("dog",), ("my boat", "露营")))
    assert read_record(REF, 1, record_json(row)) == row
    plain = record_json(record())
    assert read_record(REF, 1, plain.replace(',"corrections":null', "")) == record()
    assert ',"corrections":null' in plain


def test_a_word_of_the_greatest_length_is_taken_and_a_longer_one_is_not() -> None:
    assert merge((), ("x" * LONGEST,)).add == ("x" * LONGEST,)
    with pytest.raises(ValueError, match="1 to 100 characters"):
        merge((), ("x" * (LONGEST + 1),))


def test_a_word_that_only_the_policy_shows_a_label_by_is_kept_as_that_labels_id() -> None:
    assert merged(NONE, (), ("doggo",), KNOWN, shown=[("dog", "doggo")]).add == ("dog",)
    assert merged(NONE, ("doggo",), (), KNOWN, shown=[("dog", "doggo")]).without == ("dog",)
    two_of_a_name = [("dog", "beast"), ("cat", "beast")]
    assert merged(NONE, (), ("beast",), KNOWN, shown=two_of_a_name).add == ("dog",)
    assert merged(NONE, ("beast",), (), KNOWN, shown=two_of_a_name).without == ("dog", "cat")


def test_a_word_that_the_taxonomy_knows_keeps_its_meaning_though_the_policy_shows_another_label_by_it() -> None:
    assert merged(NONE, (), ("dog",), KNOWN, shown=[("cat", "dog")]).add == ("dog",)
    assert merged(NONE, ("dog",), (), KNOWN, shown=[("cat", "dog")]).without == ("dog", "cat")


def test_a_word_that_was_added_becomes_the_label_that_a_later_policy_shows_by_it() -> None:
    policy = Policy(rename=(("car", "wheels"),))
    assert ids(chosen(Corrections("c0ffee", add=("wheels",)), policy, ())) == ["car"]
    assert ids(chosen(Corrections("c0ffee", add=("wheels",)), Policy(), ())) == ["user:wheels"]


@pytest.mark.parametrize(
    ("word", "name"), [("imm:Tent", "Tent"), ("imm", "imm"), ("12:30", "12:30"), ("user:my boat", "my boat")]
)
def test_an_added_word_is_shown_without_its_vocabulary_and_otherwise_as_it_was_typed(word: str, name: str) -> None:
    (added,) = chosen(Corrections("c0ffee", add=(word,)), labels=()).labels
    assert added.name == name
