"""These tests check the explanations why a label is kept or left out."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.corrections import corrected
from imagelabels.domain.explain import Explained, explain
from imagelabels.domain.model import Answer, Corrections, Detection, DetectorTraits, Label, ObjectHead, Tags, crc64
from imagelabels.domain.plan import Seen, plan
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.world import CONCEPTS, K

HEAD = ObjectHead("E", 1, crc64("xz", "1"), 0)
FAKE = DetectorTraits("fake", "fake", 10)


def explained(labels: list[Label], policy: Policy, tags: Tags | None = None) -> dict[str, Explained]:
    answer = Answer(detection=Detection(tuple(labels), "fake", "m", "", False))
    planned = plan(Seen(K, HEAD, policy, CONCEPTS, FAKE, answer, "fake", tags or {}))
    labels_explained = explain(planned, policy, CONCEPTS)
    kept = {explanation.id for explanation in labels_explained if explanation.kept}
    assert kept == {label.id for label in planned.chosen.labels}
    assert dict(explanation.tag for explanation in labels_explained if explanation.tag) == planned.written
    return {explanation.answered_id: explanation for explanation in labels_explained}


def test_each_reason_names_the_rule_that_says_so() -> None:
    sources = tuple((field, "oss://photos/") for field in ("exclude", "threshold", "map"))
    policy = Policy(0.8, exclude=("pet",), map=(("imm:Puppy", "dog"),), said_by=sources)
    labels = [label("car", 0.7), label("cat", 0.9), label("imm:Puppy", 0.9), label("vehicle", 0.8)]
    assert {label_id: (label.kept, label.why) for label_id, label in explained(labels, policy).items()} == {
        "car": (False, "below threshold 0.8 of rule oss://photos/"),
        "cat": (False, "excluded as pet by rule oss://photos/"),
        "imm:Puppy": (False, "imm:Puppy mapped to dog by rule oss://photos/; excluded as pet by rule oss://photos/"),
        "vehicle": (True, "kept"),
    }


def test_the_settings_and_the_rule_for_everything_are_called_so() -> None:
    policy = Policy(thresholds=(("pet", 0.95),), only=("mammal",), said_by=(("only", ""),))
    explanations = explained([label("dog", 0.9), label("car", 0.9), label("mammal", 0.6)], policy)
    assert explanations["dog"].why == "below threshold 0.95 for pet of the settings"
    assert explanations["car"].why == "not among the only labels of the rule for everything"
    assert explanations["mammal"].why == "below threshold 0.7 of the settings"


def test_the_explanation_of_a_kept_label_says_what_happened_to_its_tag() -> None:
    labels = [label("dog", 0.9), label("cat", 0.8), label("car", 0.75)]
    explanations = explained(labels, Policy(tag_limit=1), {"label:dog": "mine"})
    assert [(label_id, label.cause, label.why, label.tag) for label_id, label in explanations.items()] == [
        ("dog", "tag_taken", "kept; no tag, because label:dog is a tag of yours", None),
        ("cat", "kept", "kept", ("label:cat", "mammal")),
        ("car", "tag_left_out", "kept; no tag, because there is no room for more", None),
    ]


def test_a_label_that_another_one_was_mapped_to_is_explained_as_present_already() -> None:
    explanations = explained([label("dog", 0.8), label("imm:Puppy", 0.9)], Policy(map=(("imm:Puppy", "dog"),)))
    assert (explanations["dog"].kept, explanations["dog"].why) == (
        False,
        "the picture has dog already, with a higher confidence",
    )


def test_what_goes_is_named_in_the_policys_language_and_words_too() -> None:
    policy = Policy(0.95, "zh-Hans", rename=(("dog", "汪汪"),), map=(("imm:x", "car"),))
    explanations = explained([label("dog"), label("cat"), label("imm:x")], policy)
    assert [label.name for label in explanations.values()] == ["猫", "汪汪", "汽车"]


def test_no_label_is_said_to_miss_a_tag_where_none_is_wanted() -> None:
    (dog,) = explained([label("dog", 0.9)], Policy(tag_limit=0)).values()
    assert (dog.cause, dog.why, dog.tag) == ("kept", "kept", None)


def test_a_correction_is_named_as_what_took_a_label_away_or_added_it() -> None:
    policy = Policy(tag_limit=0)
    answer = Answer(detection=Detection((label("dog"), label("cat"), label("car", 0.5)), "fake", "m", "", False))
    planned = plan(Seen(K, HEAD, policy, CONCEPTS, FAKE, answer, "fake", {}))
    said = Corrections("", without=("dog",), add=("vehicle",))
    chosen = corrected(planned.chosen, said, policy, CONCEPTS)
    explained_labels = explain(replace(planned, chosen=chosen), policy, CONCEPTS)
    assert {each.id: (each.kept, each.why) for each in explained_labels} == {
        "dog": (False, "taken away by a correction"),
        "cat": (True, "kept"),
        "car": (False, "below threshold 0.7 of the settings"),
        "vehicle": (True, "added by a correction"),
    }


def test_a_label_is_said_to_be_mapped_whichever_of_the_two_ids_comes_first() -> None:
    for before, after in (("car", "dog"), ("dog", "car")):
        ((_, mapped),) = explained([label(before)], Policy(map=((before, after),))).items()
        assert mapped.why == f"{before} mapped to {after} by the settings; kept"
