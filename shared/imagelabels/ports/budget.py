"""Budgets of detectors' calls."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.budget import UNLIMITED, Limits, Spending


class Budget(Protocol):
    """Counts the calls of each detector, and holds those that would be made in vain, by the URI of the bucket.

    Times are seconds of the store's clock. Every write is atomic: whoever takes, nobody exceeds a limit.
    """

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        """Count one request to the detector for a picture of the bucket, which is billed as so many calls. If it may
        not be made, return the reason why not (budget.refusal), and count nothing.

        Calls count in the present day and in all, and the request counts once in the present second. The counts of days
        that ended more than KEPT_DAYS ago are deleted when a day's first call is counted.
        """

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        """Let `take` answer `reason` until then: what a person must mend is not paid for again and again."""

    def free(self, detector: str, bucket: str) -> None:
        """End the hold, if there is one: a person has mended what it was for."""

    def spending(self, detector: str, now: float) -> Spending:
        """Return what has been counted, and the holds that last: a strong read."""
