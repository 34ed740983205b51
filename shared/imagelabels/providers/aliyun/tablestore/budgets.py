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

from imagelabels.domain.budget import Hold, Limits, Spending, day, last_expired_day, refusal
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
        self._begun: set[tuple[str, str]] = set()
        """The detectors and days for which this process has deleted what is not kept any more."""

    def take(self, detector: str, bucket: str, now: float, limits: Limits, calls: int) -> str | None:
        """Count one request, which is billed as so many calls, or return why it may not be made."""
        if (reason := refusal(Spending(), limits, bucket, calls)) is not None:
            return reason  # The limit is below the calls: the conditions below are met where there is no count yet.
        key, counts, free = (detector,), _counts(now, limits, calls), _not_held(bucket, now)
        room = [below(count, most - counts[count] + 1) for count, most in _limited(now, limits).items()]
        gone = self._old_seconds(key, now) if limits.per_second is not None else []
        gone = gone + self._old_days(detector, now)
        when = every(free, *room) if room else free
        try:
            # Counting twice is on the safe side, but it is not counted again where it may have been.
            if self._instance.update(BUDGETS, key, {}, gone, when, add=counts, twice=False):
                self._written(detector, now, counts, gone)
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
                if self._instance.put(BUDGETS, key, counts):
                    self._seconds.written(counts, ())
                    return None
                continue
            if (reason := refusal(_spending(found, now), limits, bucket, calls)) is not None:
                return reason
            # Every call is counted in the total, so that no count has changed while the total has not.
            as_seen = every(free, below(TOTAL, found.get(TOTAL, 0) + 1))
            counted = {count: found.get(count, 0) + more for count, more in counts.items()}
            if self._instance.update(BUDGETS, key, counted, gone, as_seen, EXISTS, twice=False):
                self._written(detector, now, counts, gone)
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

    def _old_days(self, detector: str, now: float) -> list[str]:
        """Return the columns of days that are not kept any more, if this process has not deleted them on this day.

        Nothing is read for it: the columns are named by their days, and deleting one that is not there does no harm.
        """
        if (detector, day(now)) in self._begun:
            return []
        last = last_expired_day(now)
        return [_day(last - 86_400 * before) for before in range(DAYS_DELETED)]

    def _written(self, detector: str, now: float, counts: Iterable[str], gone: Iterable[str]) -> None:
        """Remember what an accepted write has counted and deleted."""
        self._seconds.written(counts, gone)
        self._begun.add((detector, day(now)))


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
            self._seconds.difference_update(int(name[7:]) for name in gone if _SECOND.fullmatch(name))

    def old(self, now: float) -> list[str]:
        """Return the columns that may be deleted now."""
        with self._lock:
            return [_second(each) for each in sorted(self._seconds) if each < now - OLD_SECONDS][:_MOST_DELETED]


_MOST_DELETED = 100
"""Columns that one write deletes at most."""


DAYS_DELETED = 100
"""The first write of a day deletes the columns of so many days: of all, unless no call was counted for so long. That
is about a kilobyte, and an update is billed for each 4 KB: https://www.alibabacloud.com/help/en/tablestore/billing"""


def _counts(now: float, limits: Limits, calls: int) -> dict[str, int]:
    """Return the columns that are counted up for a request, and by how much."""
    return {TOTAL: calls, _day(now): calls, **({_second(now): 1} if limits.per_second is not None else {})}


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
