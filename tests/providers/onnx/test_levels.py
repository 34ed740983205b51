"""A sum becomes the confidence that is shown, level by level, and classes that mislead stay silent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from imagelabels.domain import measured, taxonomy
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.levels import Levels
from imagelabels.providers.onnx.tree import Tree

FOLDER = Path(artifact.__file__).parent
CLASSES = json.loads((FOLDER / "classes.json").read_text())
DATA = json.loads((FOLDER / "levels.json").read_text())
SUMS = np.linspace(0, 1, 1001)
DEFAULT_THRESHOLD = 0.7


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(taxonomy.load(), CLASSES)


@pytest.fixture(scope="module")
def levels(tree: Tree) -> Levels:
    return Levels(tree.concepts, CLASSES)


def shown(tree: Tree, levels: Levels, **leaves: float) -> dict[str, float]:
    probabilities = np.zeros(len(CLASSES))
    for leaf, probability in leaves.items():
        probabilities[CLASSES.index(leaf.replace("_", "-"))] = probability
    confidences = levels.shown(tree.summed(levels.counted(probabilities)))
    return {concept.id: float(value) for concept, value in zip(tree.concepts, confidences, strict=True) if value}


def test_a_surer_sum_never_gets_a_lower_confidence(levels: Levels) -> None:
    for table in levels.tables.values():
        assert (np.diff(np.interp(SUMS, *table)) >= 0).all()
        assert np.interp([0.0, 1.0], *table).tolist() == [0, 1]


# Swapped tables or a lost one would show the same sum higher at a narrower level, or as it is.
def test_the_same_sum_is_believed_less_the_narrower_the_level(levels: Levels) -> None:
    category, group, thing = (np.interp(SUMS[1:-1], *levels.tables[level]) for level in (1, 2, 3))
    assert (thing <= group).all()
    assert (group <= category).all()
    between = (SUMS[1:-1] > 0.55) & (SUMS[1:-1] < 0.95)
    assert (thing[between] < group[between] - 0.005).all()
    assert (group[between] < category[between] - 0.005).all()


# These are the sums from which on 92 of 100 labels were right on the photos that the tables were fitted on.
@pytest.mark.parametrize(("level", "least"), [(1, 0.78), (2, 0.87), (3, 0.92)])
def test_the_default_threshold_cuts_where_each_level_was_measured(levels: Levels, level: int, least: float) -> None:
    below, at = np.interp([least - 0.002, least], *levels.tables[level])
    assert below < DEFAULT_THRESHOLD <= at


def test_a_thing_that_is_not_sure_enough_gives_way_to_its_group_and_the_group_to_its_category(
    tree: Tree, levels: Levels
) -> None:
    found = shown(tree, levels, goldfish=0.9)
    assert found["aquatic-animal"] >= 0.7
    assert found["fish"] >= 0.7 > found["goldfish"]
    found = shown(tree, levels, goldfish=0.82)
    assert found["aquatic-animal"] >= 0.7 > found["fish"] > found["goldfish"]


def test_a_group_of_mammals_is_as_sure_as_its_category(tree: Tree, levels: Levels) -> None:
    found = shown(tree, levels, pug=0.8)
    assert found["dog"] == found["mammal"] >= 0.7 > found["pug"]


def test_no_child_is_ever_surer_than_its_parent(tree: Tree, levels: Levels) -> None:
    place = {concept.id: at for at, concept in enumerate(tree.concepts)}
    random = np.random.default_rng(3)
    for _ in range(50):
        probabilities = random.dirichlet(np.full(len(CLASSES), 0.01))
        confidences = levels.shown(tree.summed(levels.counted(probabilities)))
        for concept, confidence in zip(tree.concepts, confidences, strict=True):
            assert concept.parent is None or confidence <= confidences[place[concept.parent]]


def test_a_silent_class_is_not_shown_but_speaks_for_its_group(tree: Tree, levels: Levels) -> None:
    assert shown(tree, levels, trolleybus=1.0) == {"bus": 1.0, "car-and-truck": 1.0}


def test_a_misleading_class_speaks_for_nothing(tree: Tree, levels: Levels) -> None:
    assert shown(tree, levels, soap_bubble=1.0) == {}


def test_what_is_told_of_the_labels_names_the_silent_classes() -> None:
    assert measured.silent() == {*DATA["silent"], *DATA["misleading"]}
    for counts in measured.load().values():
        assert counts.right <= min(counts.given, counts.there)


def test_every_silent_class_is_one_of_the_networks_and_has_a_reason() -> None:
    assert not set(DATA["silent"]) & set(DATA["misleading"])
    for reasons in (DATA["silent"], DATA["misleading"]):
        assert set(reasons) <= set(CLASSES)
        assert all(len(reason.split()) >= 3 for reason in reasons.values())
        assert list(reasons) == sorted(reasons)
