"""The list of the newest calls: who asked for what and when, what came of it, and which faults it met."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import islice

from emulator.core.request_log import Notes

REMEMBERED = 100_000
"""So many calls are kept. Older ones are forgotten."""
MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call that has ended. Times are seconds since the epoch."""

    number: int
    began: float
    ended: float
    service: str
    operation: str
    """It is empty where the service refused the request before it knew what it asks for."""
    bucket: str
    key: str
    function: str
    """The function whose temporary key the request names, or nothing."""
    process: int
    """The process of that function, or 0."""
    invocation: str
    request_id: str
    status: int
    """The status with which the service answered, also where a fault kept the answer from its client."""
    code: str
    """The vendor's code of a refusal, or nothing."""
    faults: tuple[str, ...]
    content: str
    """The picture that a detector was asked about: its size and its CRC-64."""
    etag: str
    detected: str
    """What the detector answered, as a call that is paid for: `labels`, or the reason why it gave none."""


FIELDS = tuple(field.name for field in fields(CallRecord))


def call_page(query: Mapping[str, str]) -> tuple[int, int, bool]:
    """Read which calls a client wants. ValueError says what is wrong with it."""
    if unknown := query.keys() - {"since", "limit", "detected"}:
        raise ValueError(f"there is no parameter {min(unknown)[:100]!r}: known are detected, limit, since")
    if query.get("detected", "true") != "true":
        raise ValueError("detected takes true, or is left out")
    since = number(query, "since", 0, 0, 2**53)
    return since, number(query, "limit", MOST_AT_ONCE, 1, MOST_AT_ONCE), "detected" in query


def number(query: Mapping[str, str], name: str, default: int, lowest: int, highest: int) -> int:
    """Read a parameter that is a whole number. ValueError names it if it is anything else."""
    text = query.get(name, str(default))
    if not re.fullmatch("[0-9]{1,16}", text) or not lowest <= int(text) <= highest:
        raise ValueError(f"{name} takes a whole number from {lowest} to {highest}, not {text[:100]!r}")
    return int(text)


class CallLog:
    """Keeps the newest calls, and counts all by their operations."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.counts: Counter[str] = Counter()
        self._records: deque[CallRecord] = deque(maxlen=remembered)
        self._next = 0

    def add(self, began: float, ended: float, operation: str, status: int, notes: Notes) -> None:
        """Add a call that has ended. `operation` has the service before it."""
        if operation:
            self.counts[operation] += 1
        worker = notes.signer.worker if notes.signer is not None else None
        service, _, name = operation.partition(" ")
        record = CallRecord(
            number=self._next,
            began=began,
            ended=ended,
            service=service or notes.service,
            operation=name,
            bucket=notes.bucket,
            key=notes.key,
            function=worker.function if worker is not None else "",
            process=worker.pid if worker is not None else 0,
            invocation=worker.request_id if worker is not None else "",
            request_id=notes.request_id,
            status=status,
            code=notes.code,
            faults=tuple(notes.faults),
            content=notes.content,
            etag=notes.etag,
            detected=notes.detected,
        )
        self._next += 1
        self._records.append(record)

    def page(self, since: int, limit: int, detected: bool) -> dict[str, object]:
        """Return calls from the number `since` on, the number to go on with, and how many of them were forgotten.

        With `detected` these are only the calls for which a detector was asked.
        """
        first = self._next - len(self._records)
        at = max(since, first)
        calls: list[dict[str, object]] = []
        for record in islice(self._records, at - first, None):
            if len(calls) == limit:
                break
            at = record.number + 1
            if record.detected or not detected:
                calls.append({name: getattr(record, name) for name in FIELDS})
        return {"calls": calls, "next": at, "forgotten": max(0, first - since)}
