"""These tests check which labels of an answer a policy chooses."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from imagelabels.domain import policy, taxonomy
from imagelabels.domain.model import Label
from imagelabels.domain.policy import Policy, Rules, Verdict, choose, rank, untagged
from tests.fakes import label
from tests.world import CONCEPTS


def test_the_threshold_itself_is_enough() -> None:
    labels = (label("dog", 0.7), label("cat", 0.699))
    assert [label.id for label in choose(labels, Policy(), CONCEPTS).labels] == ["dog"]


def test_names_follow_the_language_where_the_concept_is_known() -> None:
    labels = (label("dog", 0.9), Label("imm:露营", "露营", "zh-Hans", 1, None, 0.8))
    names = [(label.name, label.language) for label in choose(labels, Policy(), CONCEPTS).labels]
    assert names == [("Dog", "en"), ("露营", "zh-Hans")]


def test_what_the_answer_named_above_a_label_is_kept_even_if_it_is_not_in_the_answer() -> None:
    labels = (label("dog", 0.9, "imm:Pet Dog"), label("cat", 0.9, "pet"), label("pet", 0.2, "mammal"))
    chosen = choose(labels, Policy(), CONCEPTS)
    assert chosen.ancestors == {"dog": ("imm:Pet Dog",), "cat": ("pet", "mammal")}


def test_a_word_of_a_kept_answer_would_not_be_the_label_that_it_became_since() -> None:
    """A policy that names the word means that label, and would no longer fit the word."""
    known = taxonomy.load()
    sky = known.named("ci:天空")
    assert sky == "sky"
    answer = (
        Label("landscape", "自然风光", "zh-Hans", 1, None, 0.9),
        Label("ci:天空", "天空", "zh-Hans", 2, "landscape", 0.9),
        Label("ci:晴空", "晴空", "zh-Hans", 3, "ci:天空", 0.8),
    )
    chosen = choose(answer, Policy(language="zh-Hans"), known)
    assert [(label.id, label.name, label.parent_id) for label in chosen.labels] == [
        ("landscape", "自然风光", None),
        ("sky", "天空", "landscape"),
        ("ci:晴空", "晴空", "sky"),
    ]
    assert chosen.ancestors["ci:晴空"] == ("sky", "landscape")
    assert [verdict.answered for verdict in chosen.verdicts] == ["landscape", "sky", "ci:晴空"]
    assert [label.id for label in choose(answer, Policy(exclude=(sky,)), known).labels] == ["landscape"]


def test_of_two_words_of_a_kept_answer_that_became_one_label_the_surer_stays_and_is_not_above_itself() -> None:
    wider = Label("imm:Companion", "Companion", "en", 1, None, 0.8)
    surer = Label("imm:Pets", "Pets", "en", 2, "imm:Companion", 0.9)
    for answer in ((wider, surer), (surer, wider)):
        (chosen,) = choose(answer, Policy(), CONCEPTS).labels
        assert (chosen.id, chosen.parent_id, chosen.confidence) == ("pet", None, 0.9)


@pytest.mark.parametrize("field", [field.name for field in fields(Policy) if field.name != "said_by"])
def test_every_setting_of_the_policy_changes_its_digest(field: str) -> None:
    other: dict[str, Any] = {
        "threshold": 0.5,
        "language": "zh-Hans",
        "tag_prefix": "x:",
        "tag_limit": 1,
        "tag_value": "confidence",
    }
    other |= {"label": False, "thresholds": (("dog", 0.5),), "exclude": ("dog",), "only": ("dog",)}
    other |= {"rename": (("dog", "Hound"),), "map": (("dog", "cat"),)}
    assert replace(Policy(), **{field: other[field]}).digest(1) != Policy().digest(1)


def test_a_rule_under_another_prefix_that_says_the_same_is_the_same_digest() -> None:
    digests = set()
    for prefix in ("oss://a/", "oss://b/"):
        policy._digest.cache_clear()  # another process would have no cache
        digests.add(Policy(0.5, said_by=(("threshold", prefix),)).digest(1))
    assert len(digests) == 1


def test_a_new_taxonomy_is_a_new_digest_and_the_same_one_is_stable() -> None:
    assert Policy().digest(1) == Policy().digest(1)
    assert Policy().digest(1) != Policy().digest(2)


def test_a_change_of_any_rule_would_not_change_the_digest_of_all_rules() -> None:
    rules = Rules(Policy(), (("oss://a/b/", Policy(0.5)), ("oss://a/", Policy(0.6))))
    others = [
        replace(rules, default=Policy(0.8)),
        replace(rules, by_prefix=rules.by_prefix[:1]),
        replace(rules, by_prefix=(("oss://a/b/", Policy(0.4)), rules.by_prefix[1])),
        replace(rules, by_prefix=(("oss://a/c/", Policy(0.5)), rules.by_prefix[1])),
    ]
    digests = {each.whole_digest(1) for each in (rules, *others)} | {rules.whole_digest(2)}
    assert len(digests) == len(others) + 2
    assert replace(rules, by_prefix=tuple(rules.by_prefix)).whole_digest(1) == rules.whole_digest(1)


def kept(labels: list[Label], **rules: object) -> list[str]:
    return [label.id for label in choose(tuple(labels), Policy(**rules), CONCEPTS).labels]  # type: ignore[arg-type]


def test_a_labels_own_threshold_counts_for_what_is_below_it_and_the_nearest_one_wins() -> None:
    labels = [label("mammal", 0.9), label("dog", 0.85), label("cat", 0.55), label("car", 0.75)]
    assert kept(labels, thresholds=(("mammal", 0.86),)) == ["mammal", "car"]
    assert kept(labels, thresholds=(("mammal", 0.86), ("pet", 0.5))) == ["mammal", "dog", "car", "cat"]
    assert kept(labels, thresholds=(("cat", 0.55),)) == ["mammal", "dog", "car", "cat"]


def test_an_excluded_label_takes_all_below_it_along_and_leaves_those_above() -> None:
    labels = [label("mammal", 0.99), label("pet", 0.98), label("dog", 0.97), label("car", 0.8)]
    assert kept(labels, exclude=("pet",)) == ["mammal", "car"]
    assert kept(labels, exclude=("dog",)) == ["mammal", "pet", "car"]


def test_a_vendors_word_below_an_excluded_label_goes_too() -> None:
    labels = [Label("imm:Puppy", "Puppy", "en", 3, "imm:Dogs", 0.9), label("imm:Dogs", 0.9, "pet")]
    assert kept(labels, exclude=("mammal",)) == []
    assert kept(labels, only=("vehicle",)) == []
    assert kept(labels, only=("mammal",)) == ["imm:Dogs", "imm:Puppy"]


def test_only_keeps_what_is_named_and_what_is_below_and_an_exclusion_is_stronger() -> None:
    labels = [label("mammal", 0.9), label("dog", 0.85), label("cat", 0.8), label("car", 0.8)]
    assert kept(labels, only=("pet",)) == ["dog", "cat"]
    assert kept(labels, only=("pet",), exclude=("cat",)) == ["dog"]


def test_a_renamed_label_keeps_its_id() -> None:
    labels = choose((label("dog"), label("cat")), Policy(rename=(("dog", "Hound"),)), CONCEPTS).labels
    assert {(label.id, label.name) for label in labels} == {("dog", "Hound"), ("cat", "Cat")}


def test_a_mapped_label_takes_the_place_of_the_other_in_the_taxonomy() -> None:
    answer = (Label("imm:Puppy", "Puppy", "zh-Hans", 1, "imm:Small", 0.9, 0.4),)
    chosen = choose(answer, Policy(map=(("imm:Puppy", "dog"),)), CONCEPTS)
    assert chosen.labels == (Label("dog", "Dog", "en", 3, "pet", 0.9, 0.4),)
    assert chosen.ancestors == {"dog": ("pet", "mammal")}


def test_rules_apply_to_a_label_after_it_is_mapped() -> None:
    puppy = [Label("imm:Puppy", "Puppy", "en", 1, None, 0.9)]
    to_dog = (("imm:Puppy", "dog"),)
    assert kept(puppy, map=to_dog, exclude=("pet",)) == []
    assert kept(puppy, map=to_dog, thresholds=(("dog", 0.95),)) == []
    assert kept(puppy, map=to_dog, only=("mammal",)) == ["dog"]


def test_of_two_labels_that_became_one_the_surer_stays() -> None:
    answer = (label("dog", 0.8), label("imm:Puppy", 0.9), label("cat", 0.85))
    chosen = choose(answer, Policy(map=(("imm:Puppy", "dog"),)), CONCEPTS)
    assert [(label.id, label.confidence) for label in chosen.labels] == [("dog", 0.9), ("cat", 0.85)]
    assert chosen.verdicts[-1][2:4] == ("joined", "dog")


def test_labels_with_equal_confidence_are_sorted_by_their_new_ids() -> None:
    assert kept([label("imm:a", 0.9), label("cat", 0.9)], map=(("imm:a", "dog"),)) == ["cat", "dog"]


def test_a_vendors_word_above_is_mapped_and_the_taxonomy_says_what_is_above_that() -> None:
    answer = (label("imm:Puppy", 0.9, "imm:Small"), label("imm:Small", 0.2, "imm:Thing"))
    chosen = choose(answer, Policy(map=(("imm:Small", "pet"),)), CONCEPTS)
    assert chosen.ancestors == {"imm:Puppy": ("pet", "mammal")}
    assert chosen.labels[0].parent_id == "pet"


def test_no_map_changes_what_is_above_a_concept() -> None:
    answer = (label("dog", 0.9, "pet"), label("pet", 0.8, "mammal"), label("mammal", 0.8))
    chosen = choose(answer, Policy(map=(("pet", "car"),)), CONCEPTS)
    assert chosen.ancestors == {"dog": ("pet", "mammal"), "car": ("vehicle",), "mammal": ()}


def test_there_is_a_verdict_for_every_label_of_the_answer() -> None:
    labels = (label("dog", 0.9), label("cat", 0.5), label("car", 0.8), label("vehicle", 0.7))
    verdicts = choose(labels, Policy(exclude=("car",), thresholds=(("pet", 0.6),)), CONCEPTS).verdicts
    assert [(verdict.answered, verdict.cause, verdict.by, verdict.least) for verdict in verdicts] == [
        ("dog", "kept", "pet", 0.6),
        ("car", "excluded", "car", 0.0),
        ("vehicle", "kept", "", 0.7),
        ("cat", "below_threshold", "pet", 0.6),
    ]
    assert all(isinstance(verdict, Verdict) for verdict in verdicts)


def test_the_longest_prefix_of_the_uri_decides_and_where_none_fits_the_settings() -> None:
    here, there = Policy(0.1), Policy(0.2)
    rules = Rules(Policy(), (("oss://photos/2026/", there), ("oss://photos/", here)))
    assert rules.at("oss://photos/2026/a.jpg") is there
    assert rules.at("oss://photos/2025/a.jpg") is here
    assert rules.at("oss://photos2/a.jpg") == Policy()


def test_of_equally_sure_labels_the_order_is_that_of_what_they_are_mapped_to() -> None:
    """A page and a tag limit cut this order, so it must not depend on a vendor's words."""
    labels = [label("imm:Aaa", 0.9), label("imm:Bbb", 0.9), label("imm:Zzz", 0.95)]
    assert kept(labels, map=(("imm:Aaa", "dog"), ("imm:Bbb", "cat"))) == ["imm:Zzz", "cat", "dog"]
    assert kept(labels, map=(("imm:Aaa", "cat"), ("imm:Bbb", "dog"))) == ["imm:Zzz", "cat", "dog"]


def test_where_objects_have_no_tags_none_is_written_under_any_rule_and_all_else_stays() -> None:
    default, strict = Policy(tag_limit=3), Policy(0.9, tag_limit=7)
    assert untagged(default) == replace(default, tag_limit=0)
    rules = Rules(default, (("file:///a/", strict),))
    assert untagged(rules) == Rules(replace(default, tag_limit=0), (("file:///a/", replace(strict, tag_limit=0)),))


def test_a_row_that_was_chosen_before_an_update_is_not_chosen_anew_after_it() -> None:
    assert Policy().digest(1) == "f1ae18725614e2fb"


def test_two_rules_that_say_the_same_are_one_policy() -> None:
    assert Policy(0.5, said_by=(("threshold", "oss://a/"),)) == Policy(0.5, said_by=(("threshold", "oss://b/"),))


def test_a_label_without_a_centric_score_ranks_as_one_at_the_edge_of_the_picture() -> None:
    assert rank(label("dog", 0.9, centric=None)) == rank(label("dog", 0.9, centric=0.0)) == (-0.9, 0.0, "dog")


def test_a_verdict_names_a_threshold_only_where_one_was_compared() -> None:
    assert Verdict("dog", label("dog"), "added").least == 0.0
    for rules in (Policy(only=("car",)), Policy(exclude=("dog",))):
        (verdict,) = choose((label("dog", 0.9),), rules, CONCEPTS).verdicts
        assert verdict.least == 0.0


def test_a_label_that_would_go_anyway_is_not_said_to_be_there_already() -> None:
    puppy = (("imm:Puppy", "dog"),)
    unsure = choose((label("dog", 0.9), label("imm:Puppy", 0.5)), Policy(map=puppy), CONCEPTS)
    assert [verdict.cause for verdict in unsure.verdicts] == ["kept", "below_threshold"]
    in_the_zoo = (label("dog", 0.9, "imm:Zoo"), label("imm:Puppy", 0.8))
    elsewhere = choose(in_the_zoo, Policy(map=puppy, only=("imm:Zoo",)), CONCEPTS)
    assert [verdict.cause for verdict in elsewhere.verdicts] == ["kept", "not_only"]


def test_a_vendors_word_above_a_label_becomes_its_parent_as_it_is_mapped() -> None:
    labels = (label("imm:Jeep", 0.9, "imm:Wagons"), label("imm:Tent", 0.8, "imm:Camping"))
    chosen = choose(labels, Policy(map=(("imm:Wagons", "car"),)), CONCEPTS)
    assert [each.parent_id for each in chosen.labels] == ["car", "imm:Camping"]
    assert chosen.ancestors["imm:Tent"] == ("imm:Camping",)
