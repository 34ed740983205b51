"""Counts of calls and holds on SQLite. Each function is part of the transaction of its caller.

The table `budgets` has a row for each detector (calls in all), for each detector's day, for its present second (whose
`held_until` tells which one that is), and for each bucket in which it was ever held.
"""

from __future__ import annotations

import math
import sqlite3

from imagelabels.domain.budget import Hold, Limits, Spending, day, last_expired_day, refusal
from imagelabels.records import rows


def take(
    connection: sqlite3.Connection, detector: str, bucket: str, now: float, limits: Limits, calls: int
) -> str | None:
    """Count one request, which is billed as so many calls, or return why it may not be made."""
    spent = spending(connection, detector, now)
    if (reason := refusal(spent, limits, bucket, calls)) is not None:
        return reason
    for counted in (detector, _day(detector, now)):
        connection.execute(
            "INSERT INTO budgets (detector, calls_all) VALUES (:row, :calls)"
            " ON CONFLICT (detector) DO UPDATE SET calls_all = calls_all + :calls",
            {"row": counted, "calls": calls},
        )
    if not spent.today:
        connection.execute(
            "DELETE FROM budgets WHERE detector GLOB ? AND detector <= ?",
            (f"{detector} {'[0-9]' * 8}", _day(detector, last_expired_day(now))),
        )
    if limits.per_second is not None:
        connection.execute(
            "INSERT INTO budgets (detector, calls_all, held_until) VALUES (:row, 1, :second) ON CONFLICT (detector) DO"
            " UPDATE SET calls_all = 1 + CASE held_until WHEN :second THEN calls_all ELSE 0 END, held_until = :second",
            {"row": _second(detector), "second": math.floor(now)},
        )
    return None


def hold(connection: sqlite3.Connection, detector: str, bucket: str, reason: str, until: float) -> None:
    """Note the hold in the bucket's row."""
    connection.execute(
        "INSERT INTO budgets (detector, held, held_until) VALUES (:row, :reason, :until)"
        " ON CONFLICT (detector) DO UPDATE SET held = :reason, held_until = :until",
        {"row": f"{detector} {bucket}", "reason": reason, "until": rows.milliseconds(until)},
    )


def free(connection: sqlite3.Connection, detector: str, bucket: str) -> None:
    """End the hold of the bucket."""
    connection.execute(
        "UPDATE budgets SET held = NULL, held_until = NULL WHERE detector = ?", (f"{detector} {bucket}",)
    )


def spending(connection: sqlite3.Connection, detector: str, now: float) -> Spending:
    """Read the detector's rows."""
    counted = (detector, _day(detector, now), _second(detector))
    counts: dict[str, tuple[int, int | None]] = {
        row: (calls, until)
        for row, calls, until in connection.execute(
            "SELECT detector, calls_all, held_until FROM budgets WHERE detector IN (?, ?, ?)", counted
        )
    }
    held = connection.execute(
        # The names of buckets begin with their stores' schemes; "!" comes after the blank.
        "SELECT detector, held, held_until FROM budgets WHERE detector > ? || ' ' AND detector < ? || '!'"
        " AND held IS NOT NULL AND held_until > ?",
        (detector, detector, rows.milliseconds(now)),
    )
    holds = {row.removeprefix(f"{detector} "): Hold(reason, until / 1000) for row, reason, until in held}
    total, today, second = (counts.get(row, (0, None)) for row in counted)
    return Spending(total[0], today[0], second[0] if second[1] == math.floor(now) else 0, holds)


def _day(detector: str, now: float) -> str:
    return f"{detector} {day(now)}"


def _second(detector: str) -> str:
    return f"{detector} second"
