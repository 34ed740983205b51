"""SQLite in place of a log service: a table of logged lines, and the functions that queries call."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from imagelabels.deploy.dashboards.query import Dialect
from imagelabels.views.log_fields import FIELDS

INDEXED = {field.name: field for field in FIELDS if field.index is not None}


class Percentile:
    """Stands in for approx_percentile: the least value that so many of all values do not exceed."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.share = 0.0

    def step(self, value: float | None, share: float) -> None:
        self.share = share
        self.values += [] if value is None else [value]

    def finalize(self) -> float | None:
        return sorted(self.values)[math.ceil(self.share * len(self.values)) - 1] if self.values else None


class CountIf:
    def __init__(self) -> None:
        self.count = 0

    def step(self, true: int | None) -> None:
        self.count += bool(true)

    def finalize(self) -> int:
        return self.count


class MaxBy:
    def __init__(self) -> None:
        self.best: tuple[int, Any] | None = None

    def step(self, value: Any, by: int) -> None:
        if self.best is None or by > self.best[0]:
            self.best = (by, value)

    def finalize(self) -> Any:
        return self.best[1] if self.best is not None else None


def date_format(seconds: int, form: str) -> str:
    """The vendor writes minutes as %i."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime(form.replace("%i", "%M"))


def table_of(lines: Sequence[tuple[int, dict[str, Any]]], dialect: Dialect, unit: int) -> sqlite3.Connection:
    """Put lines into a table as the log service would: a column for each field that its index has."""
    database = sqlite3.connect(":memory:")
    database.create_aggregate("approx_percentile", 2, Percentile)  # type: ignore[arg-type]
    database.create_aggregate("count_if", 1, CountIf)
    database.create_aggregate("max_by", 2, MaxBy)  # type: ignore[arg-type]
    database.create_function("date_format", 2, date_format)
    names = [dialect.moment, *(dialect.field.format(name) for name in INDEXED)]
    database.execute(f"CREATE TABLE log ({', '.join(names)})")
    rows = [(at * unit, *(line.get(name) for name in INDEXED)) for at, line in lines]
    database.executemany(f"INSERT INTO log VALUES ({', '.join('?' * len(names))})", rows)
    return database
