"""Counts of calls and holds on Tablestore: one row for each detector, whose columns change in one conditional write.

The row has a count of all calls, one of each day, one of each of the last seconds where a rate is set, and three
columns for each bucket in which the detector was ever held.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from imagelabels.domain.budget import Hold, Limits, Spending, day, refusal
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers.aliyun.tablestore.client import EXISTS, Instance, below, every
from imagelabels.providers.aliyun.tablestore.tables import BUDGETS
from imagelabels.records import rows

COUNTING = 10
"""Attempts to count a call, where others count at the same time."""

TOTAL = "calls_all"
_HELD = re.compile(r"held_until_[0-9a-f]{16}")
_SECOND = re.compile(r"second_[0-9]{1,12}")

OLD_SECONDS = 5
"""The count of a second is deleted when it is so many seconds old. Store clocks differ by less."""


class TablestoreBudget:
    """Implements ports.Budget."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._seconds = _Seconds()

    def take(self, detector: str, bucket: str, now: float, limits: Limits) -> str | None:
        """Count one call, or return why it may not be made."""
        if (reason := refusal(Spending(), limits, bucket)) is not None:
            return reason  # A limit of 0: the conditions below are met where there is no count yet.
        key, counts, free = (detector,), _counts(now, limits), _not_held(bucket, now)
        room = [below(count, most) for count, most in _limited(now, limits).items()]
        gone = self._old_seconds(key, now) if limits.per_second is not None else []
        when = every(free, *room) if room else free
        try:
            # Counting twice is on the safe side, but it is not counted again where it may have been.
            if self._instance.update(BUDGETS, key, {}, gone, when, add=dict.fromkeys(counts, 1), twice=False):
                self._seconds.written(counts, gone)
                return None
        except Misconfigured:
            # Unproven count-under-condition: An increment may be refused under a condition; then what
            #   follows does without.
            # Why: no page says whether a count may stand under a condition.
            # Ask: UpdateRow with INCREMENT of a column and SingleColumnCondition on another: whether it is
            #   refused, and with which code.
            pass
        for _ in range(COUNTING):
            found = self._instance.get(BUDGETS, key)
            if found is None:
                if self._instance.put(BUDGETS, key, dict.fromkeys(counts, 1)):
                    self._seconds.written(counts, ())
                    return None
                continue
            if (reason := refusal(_spending(found, now), limits, bucket)) is not None:
                return reason
            # Every call is counted in the total, so that no count has changed while the total has not.
            as_seen = every(free, below(TOTAL, found.get(TOTAL, 0) + 1))
            counted = {count: found.get(count, 0) + 1 for count in counts}
            if self._instance.update(BUDGETS, key, counted, gone, as_seen, EXISTS, twice=False):
                self._seconds.written(counts, gone)
                return None
        raise Unavailable("throttled", f"too many calls of {detector} are counted at once")

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        """Note the hold in the detector's row."""
        name = _hash(bucket)
        put = {f"held_{name}": reason, f"held_until_{name}": rows.milliseconds(until), f"held_bucket_{name}": bucket}
        self._instance.update(BUDGETS, (detector,), put)

    def free(self, detector: str, bucket: str) -> None:
        """Delete the columns of the hold."""
        name = _hash(bucket)
        gone = [f"held_{name}", f"held_until_{name}", f"held_bucket_{name}"]
        self._instance.update(BUDGETS, (detector,), {}, gone=gone, row=EXISTS)

    def spending(self, detector: str, now: float) -> Spending:
        """Read the detector's row."""
        return _spending(self._instance.get(BUDGETS, (detector,)) or {}, now)

    def _old_seconds(self, key: tuple[str], now: float) -> list[str]:
        """Return the columns of seconds that are over."""
        if not self._seconds.swept:
            self._seconds.sweep(self._instance.get(BUDGETS, key) or {})
        return self._seconds.old(now)


class _Seconds:
    """The seconds of which the row has a column. It would get one a second, so whoever makes one deletes it later.
    Those of dead instances are found at first. The threads of a process share this.

    A second is remembered until a write that deletes its column was accepted: where calls are refused, so is the write.
    """

    def __init__(self) -> None:
        self._seconds: set[int] = set()
        self._lock = Lock()
        self.swept = False

    def sweep(self, columns: Iterable[str]) -> None:
        """Remember the seconds that the row has."""
        self.written(columns, ())
        self.swept = True

    def written(self, columns: Iterable[str], gone: Iterable[str]) -> None:
        """Remember the seconds among the columns that were written, and forget those that were deleted."""
        with self._lock:
            self._seconds.update(int(name[7:]) for name in columns if _SECOND.fullmatch(name))
            self._seconds.difference_update(int(name[7:]) for name in gone)

    def old(self, now: float) -> list[str]:
        """Return the columns that may be deleted now."""
        with self._lock:
            return [_second(each) for each in sorted(self._seconds) if each < now - OLD_SECONDS][:_MOST_DELETED]


_MOST_DELETED = 100
"""Columns that one write deletes at most."""


def _counts(now: float, limits: Limits) -> list[str]:
    return [TOTAL, _day(now), *([_second(now)] if limits.per_second is not None else [])]


def _limited(now: float, limits: Limits) -> dict[str, int]:
    most = {TOTAL: limits.total, _day(now): limits.per_day, _second(now): limits.per_second}
    return {count: limit for count, limit in most.items() if limit is not None}


def _not_held(bucket: str, now: float) -> Any:
    return below(f"held_until_{_hash(bucket)}", rows.milliseconds(now) + 1)


def _spending(found: Mapping[str, Any], now: float) -> Spending:
    holds = {}
    for column in filter(_HELD.fullmatch, found):
        name = column.removeprefix("held_until_")
        if found[column] > rows.milliseconds(now):
            bucket = str(found.get(f"held_bucket_{name}", name))
            holds[bucket] = Hold(str(found.get(f"held_{name}", "forbidden")), found[column] / 1000)
    return Spending(found.get(TOTAL, 0), found.get(_day(now), 0), found.get(_second(now), 0), holds)


def _day(now: float) -> str:
    return f"calls_{day(now)}"


def _second(now: float) -> str:
    return f"second_{math.floor(now)}"


def _hash(bucket: str) -> str:
    return hashlib.sha256(bucket.encode()).hexdigest()[:16]
