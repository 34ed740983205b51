"""Keeps a command's holds on detectors to the command, beside the budget that all functions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from threading import Lock

from imagelabels.domain.budget import UNLIMITED, Hold, Limits, Spending
from imagelabels.ports import Budget

_NOT_HELD = ""
"""No bucket has this name, so the shared budget holds no call for it."""


class OwnHolds:
    """Implements ports.Budget for a process whose settings and keys are its own, such as a command on a laptop.

    Its calls count for all. A hold says that a call with these settings is made in vain, which is true for nobody else:
    a wrong project or a missing permission on a laptop must not stop the deployed functions, nor theirs the laptop.
    """

    def __init__(self, shared: Budget) -> None:
        self._shared = shared
        self._lock = Lock()
        self._holds: dict[tuple[str, str], Hold] = {}

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        hold = self._lasting(detector, now).get(bucket)
        return hold.reason if hold is not None else self._shared.take(detector, _NOT_HELD, now, limits, calls)

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        with self._lock:
            self._holds[detector, bucket] = Hold(reason, until)

    def free(self, detector: str, bucket: str) -> None:
        with self._lock:
            self._holds.pop((detector, bucket), None)

    def spending(self, detector: str, now: float) -> Spending:
        return replace(self._shared.spending(detector, now), holds=self._lasting(detector, now))

    def _lasting(self, detector: str, now: float) -> Mapping[str, Hold]:
        with self._lock:
            held = list(self._holds.items())
        return {bucket: hold for (name, bucket), hold in held if name == detector and hold.until > now}
