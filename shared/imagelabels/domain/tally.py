"""Counts of rows by what became of them, and what was spent on a detector."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.budget import Limits, Spending


@dataclass(frozen=True, slots=True)
class Group:
    """The number of rows with a state and a reason. Labelled rows have no reason."""

    state: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class DetectorSpending:
    """What was spent on a detector, and how much may be."""

    detector: str
    spent: Spending
    limits: Limits
