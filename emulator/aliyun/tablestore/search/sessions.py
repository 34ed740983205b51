"""The sessions of parallel scans, which expire if nobody goes on with them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from emulator.core.refusal import Refusal

ALIVE = 60
"""A session is kept for so many seconds unless the client says otherwise:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/scanquery."""
# Unproven most-scan-sessions: 1000 sessions of parallel scans are kept, and beyond that the oldest are forgotten.
# Why: no page tells a number.
# Ask: ComputeSplits 1001 times, and ParallelScan with the first session: the code.
MOST = 1000
"""So many sessions are kept. Beyond that the oldest are forgotten."""


@dataclass(slots=True)
class Session:
    """A session over one index of a table, in so many parts. `until` is in milliseconds since the epoch."""

    table: int
    index: str
    splits: int
    until: int


class Sessions:
    def __init__(self) -> None:
        self._open: dict[str, Session] = {}

    def start(self, table: int, index: str, splits: int, now: int) -> str:
        """Start a session and return its id."""
        self._open = {name: session for name, session in self._open.items() if session.until >= now}
        while len(self._open) >= MOST:
            del self._open[next(iter(self._open))]
        name = uuid.uuid4().hex
        self._open[name] = Session(table, index, splits, now + ALIVE * 1000)
        return name

    def use(self, name: str, table: int, index: str, alive_seconds: int, now: int) -> Session:
        """Return a session and keep it for so many seconds from now. It is refused if it has expired."""
        session = self._open.get(name)
        if session is None or session.until < now or (session.table, session.index) != (table, index):
            # The code and the message are those of the vendor's own tests: parallel_scan_test.
            raise Refusal(
                "OTSSessionExpired", "ScanQuery'session is expired, please retry ComputeSplitsRequest and ScanQuery."
            )
        session.until = now + alive_seconds * 1000
        return session
