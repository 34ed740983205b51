"""Holds the taxonomy as arrays: which concepts the network's outputs belong to, and how they add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain.concept import Concept
from imagelabels.domain.taxonomy import Taxonomy


class Tree:
    """`concepts` are those above the network's classes and the classes themselves; `leaves` are the columns of each."""

    def __init__(self, taxonomy: Taxonomy, classes: Sequence[str]) -> None:
        """`classes` are leaf ids in the order of the network's outputs; KeyError for one that the taxonomy does not
        have."""
        below: dict[str, list[int]] = {}
        for column, leaf in enumerate(classes):
            for label_id in (taxonomy.concepts[leaf].id, *taxonomy.ancestors(leaf)):
                below.setdefault(label_id, []).append(column)
        self.concepts: tuple[Concept, ...] = tuple(taxonomy.concepts[label_id] for label_id in below)
        self.leaves = tuple(np.array(columns, np.intp) for columns in below.values())
        place = {label_id: at for at, label_id in enumerate(below)}
        self._classes = np.array([place[leaf] for leaf in classes], np.intp)
        self._steps = tuple(
            np.array(
                [(place[c.id], place[c.parent]) for c in self.concepts if c.level == level and c.parent], np.intp
            ).T
            for level in (3, 2)
        )

    def summed(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each concept's sum of its leaves in thousandths, at most 1 and never less than a child's."""
        sums = np.zeros(len(self.concepts))
        sums[self._classes] = probabilities
        for children, parents in self._steps:
            # Level by level, so that a parent is its children added up: rounding then cannot put one above it.
            sums += np.bincount(parents, sums[children], minlength=len(sums))
        return np.asarray(np.round(np.minimum(sums, 1), 3))
