"""Turns the network's sums into the confidences that are shown, level by level, and keeps some labels silent.

On everyday photos, the same sum is right less often for a thing than for its category: between 0.7 and 0.9, categories
were right in 85 of 100 labels, groups in 75 and things in 60. levels.json has a table per level, fitted on photos that
no figure in docs/labels.md was measured on: at the confidence 0.7 and above, each level is about equally often right. A
thing that is not sure enough thus gives way to its group.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagelabels.domain.concept import Concept
from imagelabels.providers.onnx.artifact import released

Floats = NDArray[np.float64]

FILE = Path(__file__).with_name("levels.json")


class Levels:
    """It holds a table of sums and confidences for each level, the labels that are never shown (`silent`), and the
    classes that are not even counted for their group (`misleading`)."""

    def __init__(self, concepts: Sequence[Concept], classes: Sequence[str], file: Path = FILE) -> None:
        """`concepts` are in the order of the sums, and `classes` in the order of the network's outputs.

        Misconfigured if the file was altered so that confidences would mean nothing.
        """
        with released(file):
            self._read(json.loads(file.read_bytes()), concepts, classes)

    def _read(self, data: dict[str, Any], concepts: Sequence[Concept], classes: Sequence[str]) -> None:
        self.tables: Mapping[int, Floats] = {
            int(level): np.array(table, np.float64).T for level, table in data["shown"].items()
        }
        _check(self.tables, {concept.level for concept in concepts})
        never = {*data["silent"], *data["misleading"]}
        if unknown := never - {concept.id for concept in concepts}:
            raise ValueError(f"there is no label {', '.join(sorted(unknown))} to keep silent")
        # Groups of mammals were right as often as their category: 8 of 8 labels for sums from 0.78 to 0.87.
        sure = frozenset(data["as_sure_as_their_category"])
        levels = np.array(
            [1 if concept.level == 2 and concept.parent in sure else concept.level for concept in concepts]
        )
        self._of_level = {level: levels == level for level in self.tables}
        self._silent = np.array([concept.id in never for concept in concepts])
        self._misleading = np.array([leaf in data["misleading"] for leaf in classes])

    def counted(self, probabilities: Floats) -> Floats:
        """Return the classes' probabilities without those that say nothing, not even of the group."""
        return np.where(self._misleading, 0, probabilities)

    def shown(self, sums: Floats) -> Floats:
        """Return each concept's confidence in thousandths: 0 for a silent label, and never more than its parent's."""
        confidences = np.zeros(len(sums))
        for level, mine in self._of_level.items():
            confidences[mine] = np.interp(sums[mine], *self.tables[level])
        return np.asarray(np.round(np.where(self._silent, 0, confidences), 3))


def _check(tables: Mapping[int, Floats], levels: set[int]) -> None:
    """Raise ValueError if not every level has a table that rises from 0 to 1."""
    if tables.keys() != levels:
        raise ValueError(f"there are tables for the levels {sorted(tables)}, and not for {sorted(levels)}")
    for level, table in tables.items():
        if table[:, [0, -1]].tolist() != [[0, 1], [0, 1]] or not (np.diff(table) >= 0).all():
            raise ValueError(f"the table of level {level} does not rise from 0 to 1")
