"""The asynchronous queue of a function, on disk.

It delivers each event at least once, with a few retries, and keeps failed events until they are put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from emulator.functions.function import Answer

SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    payload BLOB NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    error TEXT,
    enqueued REAL NOT NULL,
    failed REAL
);
CREATE INDEX IF NOT EXISTS next_event ON events (state, due, id);
"""
# The state is waiting, running or failed. Times are seconds since the epoch. `attempts` counts those that failed.


class Queue:
    """The events on their way to one function. Use a queue from one event loop only."""

    def __init__(
        self,
        path: Path,
        invoke: Callable[[bytes, str], Awaitable[Answer]],
        retries: Sequence[float],
        consumers: int = 2,
        time_scale: float = 1.0,
        on_failure: Callable[[str, Answer], None] | None = None,
    ) -> None:
        """Open the queue in a file.

        `invoke` takes an event and a request id. `retries` are the seconds to wait before each retry, and `time_scale`
        makes these waits longer (above 1) or shorter. `on_failure` gets the request id and the last answer of each
        event whose last retry failed.
        """
        self.delivered = 0
        self._invoke = invoke
        self._retries = retries
        self._consumers = consumers
        self._time_scale = time_scale
        self._on_failure = on_failure
        self._news = asyncio.Event()
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(SCHEMA)
        # Events that were running when the last emulator ended got no answer: they are delivered again.
        self._database.execute("UPDATE events SET state = 'waiting' WHERE state = 'running'")

    async def run(self) -> None:
        """Deliver events until cancelled. Events that are running then are delivered again after the next start."""
        tasks = [asyncio.create_task(self._consume()) for _ in range(self._consumers)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def close(self) -> None:
        self._database.close()

    def enqueue(self, payload: bytes) -> str:
        """Accept an event, and return its request id, which its retries share.

        The event is on disk when this returns.
        """
        request_id, now = str(uuid.uuid4()), time.time()
        self._database.execute(
            "INSERT INTO events (request_id, payload, due, enqueued) VALUES (?, ?, ?, ?)",
            (request_id, payload, now, now),
        )
        self._news.set()
        return request_id

    def counts(self) -> dict[str, int]:
        """Count the events by state. `delivered` are those since this emulator started."""
        rows = self._database.execute("SELECT state, count(*) FROM events GROUP BY state")
        return {"waiting": 0, "running": 0, "failed": 0, **dict(map(tuple, rows)), "delivered": self.delivered}

    def pending(self, limit: int = 100) -> list[dict[str, object]]:
        """Return the events that wait or are running, the next one first."""
        rows = self._database.execute(
            "SELECT id, request_id, state, attempts, due, enqueued FROM events WHERE state != 'failed'"
            " ORDER BY due, id LIMIT ?",
            (limit,),
        )
        return [dict(row) for row in rows]

    def failures(self) -> list[dict[str, object]]:
        """Return the events whose last retry failed, the oldest first, with payload as text, error and times."""
        rows = self._database.execute(
            "SELECT id, request_id, payload, error, attempts, enqueued, failed FROM events WHERE state = 'failed'"
            " ORDER BY id"
        )
        return [
            {**dict(row), "payload": row["payload"].decode("utf-8", "replace"), "error": json.loads(row["error"])}
            for row in rows
        ]

    def redrive(self, ids: Collection[int] | None = None) -> int:
        """Put failed events back as if they had just come, and return how many.

        These are the events with the `ids`, or all failed events.
        """
        failed = [row["id"] for row in self._database.execute("SELECT id FROM events WHERE state = 'failed'")]
        chosen = [(time.time(), event) for event in failed if ids is None or event in ids]
        self._database.executemany(
            "UPDATE events SET state = 'waiting', attempts = 0, due = ?, error = NULL, failed = NULL WHERE id = ?",
            chosen,
        )
        self._news.set()
        return len(chosen)

    async def _consume(self) -> None:
        while True:
            self._news.clear()
            if (event := self._take()) is None:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._until_next())
                continue
            answer = await self._invoke(event["payload"], event["request_id"])
            self._settle(event, answer)

    def _take(self) -> sqlite3.Row | None:
        event: sqlite3.Row | None = self._database.execute(
            "SELECT * FROM events WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 1", (time.time(),)
        ).fetchone()
        if event is not None:
            self._database.execute("UPDATE events SET state = 'running' WHERE id = ?", (event["id"],))
        return event

    def _until_next(self) -> float | None:
        due: float | None = self._database.execute("SELECT min(due) FROM events WHERE state = 'waiting'").fetchone()[0]
        return None if due is None else max(0.0, due - time.time())

    def _settle(self, event: sqlite3.Row, answer: Answer) -> None:
        number, attempts, now = event["id"], event["attempts"] + 1, time.time()
        if answer.error_type is None:
            self.delivered += 1
            self._database.execute("DELETE FROM events WHERE id = ?", (number,))
        elif attempts > len(self._retries):
            self._database.execute(
                "UPDATE events SET state = 'failed', attempts = ?, error = ?, failed = ? WHERE id = ?",
                (attempts, answer.body.decode(), now, number),
            )
            if self._on_failure is not None:
                self._on_failure(event["request_id"], answer)
        else:
            due = now + self._retries[attempts - 1] * self._time_scale
            self._database.execute(
                "UPDATE events SET state = 'waiting', attempts = ?, due = ? WHERE id = ?", (attempts, due, number)
            )
