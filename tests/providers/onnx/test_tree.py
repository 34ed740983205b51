"""Confidences are summed up the taxonomy's tree."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.tree import Tree

CLASSES = json.loads(Path(artifact.__file__).with_name("classes.json").read_text())


@pytest.fixture(scope="module")
def tree() -> Tree:
    return Tree(taxonomy.load(), CLASSES)


def summed(tree: Tree, **leaves: float) -> dict[str, float]:
    probabilities = np.zeros(len(CLASSES))
    for leaf, probability in leaves.items():
        probabilities[CLASSES.index(leaf.replace("_", "-"))] = probability
    sums = tree.summed(probabilities)
    return {concept.id: float(total) for concept, total in zip(tree.concepts, sums, strict=True) if total}


def test_the_networks_classes_are_exactly_the_taxonomys_leaves() -> None:
    leaves = {concept.id for concept in taxonomy.load().concepts.values() if concept.level == 3}
    assert len(CLASSES) == len(set(CLASSES)) == 1000
    assert set(CLASSES) == leaves


def test_the_networks_outputs_stand_for_what_the_network_was_trained_on() -> None:
    # Fixed points of the ImageNet order, https://storage.googleapis.com/download.tensorflow.org/data/ImageNetLabels.txt
    known = {0: "tench", 207: "golden-retriever", 281: "tabby-cat", 340: "zebra", 508: "computer-keyboard"}
    known |= {517: "construction-crane", 134: "crane-bird", 817: "sports-car", 967: "espresso", 999: "toilet-paper"}
    assert {place: CLASSES[place] for place in known} == known


def test_no_two_classes_have_changed_places() -> None:
    """Nothing in a list of names says which two were swapped, so the list as a whole is known by its digest."""
    digest = "fb7a7894b3f58e3a720f94b37671eb9f9ac7d0186da0b87dafad5ec4e375e20d"
    assert hashlib.sha256("\n".join(CLASSES).encode()).hexdigest() == digest
    swapped = [CLASSES[1], CLASSES[0], *CLASSES[2:]]
    assert hashlib.sha256("\n".join(swapped).encode()).hexdigest() != digest


def test_two_dogs_make_a_surer_dog_than_each_alone(tree: Tree) -> None:
    assert summed(tree, pug=0.3, beagle=0.4, lion=0.1) == {
        "pug": 0.3,
        "beagle": 0.4,
        "dog": 0.7,
        "lion": 0.1,
        "wild-cat": 0.1,
        "mammal": 0.8,
    }


def test_no_sum_is_above_one(tree: Tree) -> None:
    assert max(tree.summed(np.full(1000, 0.5))) == 1


def test_what_rounds_to_nothing_is_nothing(tree: Tree) -> None:
    assert summed(tree, pug=0.0004, beagle=0.0004) == {"dog": 0.001, "mammal": 0.001}


def test_no_child_is_ever_surer_than_its_parent(tree: Tree) -> None:
    place = {concept.id: at for at, concept in enumerate(tree.concepts)}
    random = np.random.default_rng(0)
    for _ in range(50):
        sums = tree.summed(random.dirichlet(np.full(1000, 0.01)))
        for concept in tree.concepts:
            assert concept.parent is None or sums[place[concept.id]] <= sums[place[concept.parent]]


def test_the_leaves_of_a_concept_are_those_below_it(tree: Tree) -> None:
    names = taxonomy.load()
    below: dict[str, list[int]] = {}
    for column, leaf in enumerate(CLASSES):
        for label_id in (leaf, *names.ancestors(leaf)):
            below.setdefault(label_id, []).append(column)
    assert {c.id: list(own) for c, own in zip(tree.concepts, tree.leaves, strict=True)} == below
    assert len(below) == 1191
