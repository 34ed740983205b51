"""Why a label stays or goes, in words."""

from __future__ import annotations

from imagelabels.domain.explain import Explained, explain
from imagelabels.domain.model import Answer, Detection, Label, ObjectHead, Tags
from imagelabels.domain.plan import plan
from imagelabels.domain.policy import Policy
from tests.fakes import label
from tests.world import CONCEPTS

HEAD = ObjectHead("E", 1, "1", 0)


def explained(labels: list[Label], policy: Policy, tags: Tags | None = None) -> dict[str, Explained]:
    answer = Answer(detection=Detection(tuple(labels), "fake", "m", "", False))
    made = plan(HEAD, None, tags or {}, answer, policy, CONCEPTS, "fake")
    found = explain(made, policy, CONCEPTS)
    assert {one.id for one in found if one.kept} == {one.id for one in made.chosen.labels}
    assert dict(one.tag for one in found if one.tag) == made.written
    return {one.answered: one for one in found}


def test_each_reason_names_the_rule_that_says_so() -> None:
    by = tuple((field, "oss://photos/") for field in ("exclude", "threshold", "map"))
    policy = Policy(0.8, exclude=("pet",), map=(("imm:Puppy", "dog"),), said_by=by)
    labels = [label("car", 0.7), label("cat", 0.9), label("imm:Puppy", 0.9), label("vehicle", 0.8)]
    assert {id: (one.kept, one.why) for id, one in explained(labels, policy).items()} == {
        "car": (False, "below threshold 0.8 of rule oss://photos/"),
        "cat": (False, "excluded as pet by rule oss://photos/"),
        "imm:Puppy": (False, "imm:Puppy mapped to dog by rule oss://photos/; excluded as pet by rule oss://photos/"),
        "vehicle": (True, "kept"),
    }


def test_the_settings_and_the_rule_for_everything_are_called_so() -> None:
    policy = Policy(thresholds=(("pet", 0.95),), only=("mammal",), said_by=(("only", ""),))
    found = explained([label("dog", 0.9), label("car", 0.9), label("mammal", 0.6)], policy)
    assert found["dog"].why == "below threshold 0.95 for pet of the settings"
    assert found["car"].why == "not among the only labels of the rule for everything"
    assert found["mammal"].why == "below threshold 0.7 of the settings"


def test_of_a_kept_label_it_says_what_became_of_its_tag() -> None:
    labels = [label("dog", 0.9), label("cat", 0.8), label("car", 0.75)]
    found = explained(labels, Policy(tag_limit=1), {"label:dog": "mine"})
    assert [(id, one.cause, one.why, one.tag) for id, one in found.items()] == [
        ("dog", "tag_taken", "kept; no tag, because label:dog is a tag of yours", None),
        ("cat", "kept", "kept", ("label:cat", "mammal")),
        ("car", "tag_left_out", "kept; no tag, because there is no room for more", None),
    ]


def test_a_label_that_another_one_became_too_is_said_to_be_there() -> None:
    found = explained([label("dog", 0.8), label("imm:Puppy", 0.9)], Policy(map=(("imm:Puppy", "dog"),)))
    assert (found["dog"].kept, found["dog"].why) == (False, "the picture has dog already, with a higher confidence")


def test_what_goes_is_named_in_the_policys_language_and_words_too() -> None:
    policy = Policy(0.95, "zh-Hans", rename=(("dog", "汪汪"),), map=(("imm:x", "car"),))
    found = explained([label("dog"), label("cat"), label("imm:x")], policy)
    assert [one.name for one in found.values()] == ["猫", "汪汪", "汽车"]


def test_no_label_is_said_to_miss_a_tag_where_none_is_wanted() -> None:
    (dog,) = explained([label("dog", 0.9)], Policy(tag_limit=0)).values()
    assert (dog.cause, dog.why, dog.tag) == ("kept", "kept", None)
