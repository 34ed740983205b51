"""Budgets of detectors' calls."""

from __future__ import annotations

from typing import Protocol


class Budget(Protocol):
    """Counts calls, and holds them where they would be made in vain. Times are seconds of the store's clock."""

    def take(self, budget: str, now: float) -> str | None:
        """Count one call against a budget (a detector in a bucket); the reason why not, if it may not be made."""

    def hold(self, budget: str, reason: str, until: float) -> None:
        """Let `take` answer `reason` until then: what a person must mend is not paid for again and again."""
