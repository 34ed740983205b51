"""What the user wants of an answer."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from imagelabels.domain.model import Label
from imagelabels.domain.policy import Policy, choose
from tests.fakes import label
from tests.world import CONCEPTS


def test_the_threshold_itself_is_enough() -> None:
    labels = (label("dog", 0.7), label("cat", 0.699))
    assert [found.id for found in choose(labels, Policy(), CONCEPTS).labels] == ["dog"]


def test_names_follow_the_language_where_the_concept_is_known() -> None:
    labels = (label("dog", 0.9), Label("imm:露营", "露营", "zh-Hans", 1, None, 0.8))
    named = [(found.name, found.language) for found in choose(labels, Policy(), CONCEPTS).labels]
    assert named == [("Dog", "en"), ("露营", "zh-Hans")]


def test_what_the_answer_named_above_a_label_is_kept_even_if_it_is_not_in_the_answer() -> None:
    labels = (label("dog", 0.9, "imm:Pet Dog"), label("cat", 0.9, "pet"), label("pet", 0.2, "mammal"))
    chosen = choose(labels, Policy(), CONCEPTS)
    assert chosen.ancestors == {"dog": ("imm:Pet Dog",), "cat": ("pet", "mammal")}


@pytest.mark.parametrize("field", [field.name for field in fields(Policy)])
def test_every_setting_of_the_policy_changes_its_digest(field: str) -> None:
    other = {"threshold": 0.5, "language": "zh-Hans", "tag_prefix": "x:", "tag_limit": 1, "tag_value": "confidence"}
    assert replace(Policy(), **{field: other[field]}).digest(1) != Policy().digest(1)


def test_a_new_taxonomy_is_a_new_digest_and_the_same_one_is_stable() -> None:
    assert Policy().digest(1) == Policy().digest(1)
    assert Policy().digest(1) != Policy().digest(2)
