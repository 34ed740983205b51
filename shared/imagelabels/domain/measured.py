"""How good the embedded model's labels are: how often one was right, and how often what was there got its label.

`python -m benchmarks.quality FOLDER --write` writes measured.json from the pictures that benchmarks/everyday.csv names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts of one label at the default threshold. Few pictures say little: 9 of 10 may be 6 of 10 or 10 of 10."""

    right: int
    given: int
    """The label was given to so many pictures, and was right for `right` of them."""
    there: int
    """So many pictures show it; `right` of them got the label."""


def load() -> Mapping[str, Measured]:
    """Return what was measured by label id. Labels that were seldom given and seldom there are not in it."""
    return _data()[0]


def silent() -> Mapping[str, str | None]:
    """Return the labels that the embedded model never gives: on everyday photos they were wrong too often.

    Each has the wider label that the model gives to such pictures instead; None if it gives none.
    """
    return _data()[1]


@lru_cache(maxsize=1)
def _data() -> tuple[Mapping[str, Measured], Mapping[str, str | None]]:
    data = json.loads(Path(__file__).with_name("measured.json").read_bytes())
    labels = {label_id: Measured(*counts) for label_id, counts in data["labels"].items()}
    return labels, data["silent"]
