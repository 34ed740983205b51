"""CentricScore says where a thing is and how much of the picture it fills."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from imagelabels.ports import LabelDetector
from imagelabels.providers.onnx.centric import CentricScore
from imagelabels.providers.onnx.networks import FC, HEAD
from imagelabels.providers.onnx.tensors import tensors_of
from tests.model import picture
from tests.providers.onnx.pictures import cat, wall

T = 0.9
LABELS = [np.array([281]), np.array([281, 282, 283]), np.arange(151, 269)]


@pytest.fixture(scope="module")
def content(model: Path) -> bytes:
    return model.read_bytes()


def features(seed: int, step: float) -> NDArray[np.float32]:
    """A feature map as the network could give it: whole steps, mostly zero."""
    random = np.random.default_rng(seed)
    whole = random.integers(0, 256, (1280, 7, 7)) * (random.random((1280, 7, 7)) < 0.15)
    return np.asarray(whole * step, np.float32)


def by_the_book(
    content: bytes, features: NDArray[np.float32], leaves: NDArray[np.float64], own: NDArray[np.intp]
) -> float:
    """The formula, one label and one cell at a time, in floats."""
    tag = FC
    rows, scale, bias, bias_scale = tensors_of(content, (f"W{tag}", f"W{tag}.s", f"B{tag}", f"B{tag}.s")).values()
    weights = rows.astype(np.float64) * scale[:, None]
    mean_row = (leaves[own, None] * weights[own]).sum(axis=0)
    activation = np.tensordot(mean_row, features.astype(np.float64), 1)
    activation = np.maximum(activation - np.median(activation), 0)
    places = [-6 / 7, -4 / 7, -2 / 7, 0, 2 / 7, 4 / 7, 6 / 7]
    x = sum(activation[i, j] * places[j] for i in range(7) for j in range(7)) / activation.sum()
    y = sum(activation[i, j] * places[i] for i in range(7) for j in range(7)) / activation.sum()
    distance = min((x * x + y * y) ** 0.5 / (6 / 7), 1)
    rivals = sorted({*np.argsort(leaves)[-40:].tolist(), *own.tolist()})
    cover = 0.0
    for i in range(7):
        for j in range(7):
            logits = (weights @ features[:, i, j] + bias * bias_scale) / T
            share = np.exp(logits - logits[rivals].max())
            cover += share[own].sum() / share[rivals].sum() / 49
    return float((1 - distance * (1 - cover)) ** 2)


@pytest.mark.parametrize("seed", range(3))
def test_all_labels_at_once_give_what_the_formula_gives_one_by_one(content: bytes, seed: int) -> None:
    step = float(tensors_of(content, (f"{HEAD}.s",))[f"{HEAD}.s"])
    leaves = np.random.default_rng(seed).dirichlet(np.full(1000, 0.05))
    seen = features(seed, step)
    scores = CentricScore(content, T).scores(seen, leaves, LABELS)
    expected = [by_the_book(content, seen, leaves, own) for own in LABELS]
    assert scores.tolist() == pytest.approx(expected, abs=1e-5)


def test_a_score_does_not_depend_on_what_else_was_asked(content: bytes) -> None:
    leaves = np.random.default_rng(0).dirichlet(np.full(1000, 0.05))
    centric = CentricScore(content, T)
    seen = features(0, 6 / 255)
    together = centric.scores(seen, leaves, LABELS)
    alone = [centric.scores(seen, leaves, [label])[0] for label in LABELS]
    assert together.tolist() == pytest.approx(alone, abs=1e-12)


def test_without_any_activation_nothing_is_off_centre(content: bytes) -> None:
    scores = CentricScore(content, T).scores(np.zeros((1280, 7, 7), np.float32), np.full(1000, 0.001), LABELS)
    assert scores.tolist() == [1, 1, 1]


def test_the_same_cat_is_more_central_in_the_middle_than_in_a_corner(detector: LabelDetector) -> None:
    def score(left: int, top: int) -> float:
        scene = wall(448, 448)
        scene.paste(cat().crop((75, 0, 375, 300)).resize((200, 200)), (left, top))
        file = io.BytesIO()
        scene.save(file, "PNG")
        labels = {label.id: label for label in detector.detect(picture(file.getvalue())).labels}
        centric = labels["mammal"].centric_score
        assert centric is not None
        return centric

    middle, corner = score(124, 124), score(30, 30)
    assert 0 <= corner < middle - 0.2
    assert middle <= 1
