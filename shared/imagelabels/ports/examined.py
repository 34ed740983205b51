"""Indexes that tell how they stand, and whether the ledger's calls are allowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from imagelabels.domain.errors import LabelingError


@dataclass(frozen=True, slots=True)
class IndexState:
    """This is how an index stands. What is empty is as it should be."""

    missing: tuple[str, ...] = ()
    """These tables are not there."""
    foreign: tuple[str, ...] = ()
    """These tables have our names and somebody else's keys."""
    search: Literal["ready", "building", "missing"] = "ready"
    lacking: tuple[str, ...] = ()
    """The search index lacks these fields."""
    old_rows: bool = False
    """Rows were written by an older version, in another form."""


@runtime_checkable
class ExaminedIndex(Protocol):
    """An opened index with these methods can be examined."""

    def state(self) -> IndexState:
        """Look at tables, search index and a few rows. It raises what the ledger raises."""

    def refusals(self, name: str) -> list[LabelingError]:
        """Try each call that the ledger makes, on rows with this name, and return the errors of those that failed.

        There must be no such rows. Every write has a condition that no missing row meets, so nothing is written.
        """
