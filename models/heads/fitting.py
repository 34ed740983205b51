"""Fits one linear function of the network's features per label, and measures each on sources that it was not fitted on.

Everything here is numpy on arrays, so a test can run it on a few numbers. A label is 1 (the picture shows it), 0 (it
does not) or NaN (nobody can say, or nobody looked): NaN is never fitted on and never counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COMPONENTS = 320
"""The features are reduced to so many directions first. On sources left out 160 were worse, and 640 hardly better."""

PENALTY = 120.0
"""The squares of the weights cost so much. On sources left out 12 and 40 were worse, and 400 was as good."""

MOST = 220
"""The fit takes at most so many pictures of a source for each answer, so that no large source decides alone."""

PRECISION = 0.93
"""A head's confidence is cut where its precision on sources left out is so high: a little above what is promised."""

STEPS = 8
_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Space:
    """It holds how features are centred, scaled and turned before they are fitted on."""

    middle: Floats
    spread: Floats
    directions: Floats

    def of(self, features: Floats) -> Floats:
        return np.asarray(((features - self.middle) / self.spread) @ self.directions)

    def unfolded(self, weights: Floats) -> tuple[Floats, float]:
        """Return the weights and the bias for features as the network gives them; the last weight is the bias."""
        on_features = (self.directions @ weights[:-1]) / self.spread
        return on_features, float(weights[-1] - on_features @ self.middle)


@dataclass(frozen=True, slots=True)
class Measured:
    """It holds a fitted head, calibrated, with its figures on sources that it was not fitted on."""

    weights: Floats
    bias: float
    measured_at: float | None
    """Precision is PRECISION from this confidence on; None if it never is."""
    precision: float
    recall: float
    positives: int


def space(features: Floats, sources: NDArray[np.intp], apart: int = 0, most: int = 150) -> Space:
    """Find the main directions of the features, in which each source weighs no more than `most` pictures. Each of the
    last `apart` columns is a direction of its own."""
    weight = np.zeros(len(features))
    for source in np.unique(sources):
        here = sources == source
        weight[here] = min(1.0, most / here.sum())
    middle = weight @ features / weight.sum()
    spread = np.sqrt(weight @ (features - middle) ** 2 / weight.sum()) + 0.05
    turned = features.shape[1] - apart
    scaled = ((features - middle) / spread)[:, :turned]
    _, vectors = np.linalg.eigh((scaled * weight[:, None]).T @ scaled / weight.sum())
    main = vectors[:, ::-1][:, :COMPONENTS]
    directions = np.zeros((features.shape[1], main.shape[1] + apart))
    directions[:turned, : main.shape[1]] = main
    directions[turned:, main.shape[1] :] = np.eye(apart)
    return Space(middle, spread, directions)


def fitted(rows: Floats, labels: Floats, weight: Floats, penalty: float) -> Floats:
    """Fit a logistic regression by Newton's method; the last number returned is the bias."""
    inputs = np.column_stack([rows, np.ones(len(rows))])
    costs = np.full(inputs.shape[1], penalty)
    costs[-1] = 1e-6
    result = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        shares = sigmoid(inputs @ result)
        slope = inputs.T @ (weight * (shares - labels)) + costs * result
        curve = (inputs * (weight * shares * (1 - shares) + 1e-6)[:, None]).T @ inputs + np.diag(costs)
        result -= np.linalg.solve(curve, slope)
    return result


def balanced(labels: Floats, sources: NDArray[np.intp], most: float = 150) -> Floats:
    """Weigh both answers alike, and within an answer a large source less than its size."""
    weight = np.zeros(len(labels))
    for answer in (0, 1):
        for source in np.unique(sources[labels == answer]):
            here = (labels == answer) & (sources == source)
            weight[here] = min(here.sum(), most) ** 0.75 / here.sum()
        weight[labels == answer] /= weight[labels == answer].sum()
    return np.asarray(weight / weight.mean())


def thinned(allowed: Flags, labels: Floats, sources: NDArray[np.intp], seed: int = 3) -> Flags:
    """Keep at most MOST pictures of each source and answer, always the same ones."""
    order = np.random.default_rng(seed).random(len(labels))
    kept = np.zeros(len(labels), bool)
    for source in np.unique(sources[allowed]):
        for answer in (0, 1):
            here = np.flatnonzero(allowed & (sources == source) & (labels == answer))
            kept[here[np.argsort(order[here])][:MOST]] = True
    return kept


def head(
    features: Floats, turned: Space, labels: Floats, sources: NDArray[np.intp], test_only: Flags, counted: Flags
) -> Measured:
    """Fit a head on everything that may be fitted on, and calibrate and measure it on sources left out.

    Pictures that are `test_only` are never fitted on. Figures are of the pictures that are `counted`: those on which
    the label can be shown at all.
    """
    rows = turned.of(features)
    known = ~np.isnan(labels)
    usable = known & ~test_only
    scores = np.full(len(labels), np.nan)
    for group in _left_out(labels, sources, usable):
        out = usable & np.isin(sources, group)
        scores[out] = _Scores(rows, labels, sources, usable & ~out)(rows[out])
    everything = thinned(usable, labels, sources)
    final = fitted(rows[everything], labels[everything], balanced(labels[everything], sources[everything]), PENALTY)
    scores[known & test_only] = rows[known & test_only] @ final[:-1] + final[-1]
    weights, bias = turned.unfolded(final)
    return _calibrated(weights, bias, scores, labels, sources, known & counted)


def _left_out(labels: Floats, sources: NDArray[np.intp], usable: Flags) -> list[list[int]]:
    """List the sources that are left out together: one that shows the label alone, all others in three groups."""
    every = [int(source) for source in np.unique(sources[usable])]
    showing = [source for source in every if (labels[usable & (sources == source)] == 1).any()]
    others = [source for source in every if source not in showing]
    return [[source] for source in showing] + [group for at in range(_GROUPS) if (group := others[at::_GROUPS])]


class _Scores:
    """It is a head fitted on some pictures; it scores others."""

    def __init__(self, rows: Floats, labels: Floats, sources: NDArray[np.intp], allowed: Flags) -> None:
        kept = thinned(allowed, labels, sources)
        self._weights = fitted(rows[kept], labels[kept], balanced(labels[kept], sources[kept]), PENALTY)

    def __call__(self, rows: Floats) -> Floats:
        return np.asarray(rows @ self._weights[:-1] + self._weights[-1])


def _calibrated(
    weights: Floats, bias: float, scores: Floats, labels: Floats, sources: NDArray[np.intp], counted: Flags
) -> Measured:
    """Turn scores into confidences (Platt), and find the least confidence with the precision that is promised."""
    weight = np.zeros(len(labels))
    for source in np.unique(sources[counted]):
        here = counted & (sources == source)
        weight[here] = min(1.0, 200 / here.sum())
    scores, labels, weight = scores[counted], labels[counted], weight[counted]
    steep, shift = fitted(scores[:, None] / 10, labels, weight / weight.mean(), 1e-3)
    steep /= 10
    order = np.argsort(-scores)
    right, wrong = np.cumsum((weight * labels)[order]), np.cumsum((weight * (1 - labels))[order])
    precision, recall = right / (right + wrong), right / max((weight * labels).sum(), 1e-9)
    confidences = sigmoid(steep * scores[order] + shift)
    is_last = np.append(np.diff(scores[order]) < 0, True)  # equal pictures are cut together
    enough = np.flatnonzero((precision >= PRECISION) & is_last)
    least = max(0.7, float(confidences[enough[-1]])) if len(enough) else None
    last = max(int((confidences >= (least or 0.7)).sum()) - 1, 0)
    return Measured(
        weights * steep,
        float(bias * steep + shift),
        least,
        float(precision[last]),
        float(recall[last]),
        int((labels == 1).sum()),
    )


def whole(weights: Floats) -> tuple[float, list[int]]:
    """Round weights to whole numbers of -127 to 127 and their scale."""
    scale = float(f"{np.abs(weights).max() / 127:.6g}")
    return scale, [int(number) for number in np.rint(weights / scale)]


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))))
