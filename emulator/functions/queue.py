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
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.functions.function import Answer, Ending
from emulator.functions.messages import Message, Messages, delete

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
    failed REAL,
    hops INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS next_event ON events (state, due, id);
"""
# The state is waiting, running or failed. Times are seconds since the epoch. `attempts` counts those that failed, and
# `hops` the functions whose destination brought the event.


@dataclass(frozen=True, slots=True)
class Ended:
    """An event that is delivered, or given up. Times are seconds since the epoch; `calls` counts the invocations."""

    request_id: str
    payload: bytes
    calls: int
    enqueued: float
    at: float
    answer: Answer
    hops: int = 0


class Queue:
    """The events on their way to one function. Use a queue from one event loop only."""

    def __init__(
        self,
        path: Path,
        invoke: Callable[[bytes, str], Awaitable[Answer]],
        retries: Sequence[float],
        consumers: int = 2,
        time_scale: float = 1.0,
        age: float | None = None,
        on_end: Callable[[Ended], Message | None] | None = None,
    ) -> None:
        """Open the queue in a file.

        `invoke` takes an event and a request id. `retries` are the seconds to wait before each retry, and `time_scale`
        makes these waits longer (above 1) or shorter. An event that is older than `age` seconds is given up. `on_end`
        gets each event that is delivered or given up, and may return a message to keep.
        """
        self.delivered = 0
        self._invoke = invoke
        self._retries = retries
        self._consumers = consumers
        self._time_scale = time_scale
        self._age = age
        self._on_end = on_end
        self._news = asyncio.Event()
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.executescript(SCHEMA)
        self.messages = Messages(self._database)
        if "hops" not in {row["name"] for row in self._database.execute("PRAGMA table_info(events)")}:
            # The data folder is that of an emulator that had no destinations.
            self._database.execute("ALTER TABLE events ADD COLUMN hops INTEGER NOT NULL DEFAULT 0")
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

    def enqueue(self, payload: bytes, hops: int = 0, seconds: float = 0.0) -> str:
        """Accept an event that is due after so many seconds, and return its request id, which its retries share.

        The event is on disk when this returns. It came by the destinations of so many functions as `hops` says.
        """
        request_id, now = str(uuid.uuid4()), time.time()
        self._database.execute(
            "INSERT INTO events (request_id, payload, due, enqueued, hops) VALUES (?, ?, ?, ?, ?)",
            (request_id, payload, now + seconds, now, hops),
        )
        self._news.set()
        return request_id

    def hasten(self, request_id: str) -> None:
        """Let an event that waits for its first delivery be due, behind those that are due already."""
        self._database.execute(
            "UPDATE events SET due = min(due, ?) WHERE request_id = ? AND state = 'waiting' AND attempts = 0",
            (time.time() + 0.001, request_id),
        )
        self._news.set()

    def extend(self, request_id: str, join: Callable[[bytes], bytes | None]) -> bool:
        """Replace the payload of an event that waits for its first delivery by what `join` makes of it.

        Return False if the delivery has begun, or if `join` gives None.
        """
        row = self._database.execute(
            "SELECT id, payload FROM events WHERE request_id = ? AND state = 'waiting' AND attempts = 0", (request_id,)
        ).fetchone()
        payload = join(row["payload"]) if row is not None else None
        if payload is None:
            return False
        self._database.execute("UPDATE events SET payload = ? WHERE id = ?", (payload, row["id"]))
        return True

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

    def delete_failures(self, ids: Collection[int] | None = None) -> int:
        """Delete the failed events with the `ids`, or all of them, and return how many."""
        return delete(self._database, "events", "state = 'failed'", ids)

    def redrive(self, ids: Collection[int] | None = None) -> int:
        """Put failed events back as if they had just come, and return how many.

        These are the events with the `ids`, or all failed events.
        """
        failed = [row["id"] for row in self._database.execute("SELECT id FROM events WHERE state = 'failed'")]
        now = time.time()
        chosen = [(now, now, event_id) for event_id in failed if ids is None or event_id in ids]
        self._database.executemany(
            "UPDATE events SET state = 'waiting', attempts = 0, due = ?, enqueued = ?, error = NULL, failed = NULL"
            " WHERE id = ?",
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
            if self._age is not None and time.time() - event["enqueued"] > self._age:
                self._end(event, event["attempts"], _too_old(event["request_id"], self._age))
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
        attempts = event["attempts"] + 1
        if answer.error_type is None or attempts > len(self._retries):
            self._end(event, attempts, answer)
            return
        due = time.time() + self._retries[attempts - 1] * self._time_scale
        self._database.execute(
            "UPDATE events SET state = 'waiting', attempts = ?, due = ? WHERE id = ?", (attempts, due, event["id"])
        )

    def _end(self, event: sqlite3.Row, calls: int, answer: Answer) -> None:
        """Note that an event is delivered or given up, together with the message about it."""
        now = time.time()
        message = None
        if self._on_end is not None:
            ended = (event["request_id"], event["payload"], calls, event["enqueued"], now, answer, event["hops"])
            message = self._on_end(Ended(*ended))
        with self._transaction():
            if message is not None:
                self.messages.keep(message, now)
            if answer.error_type is None:
                self.delivered += 1
                self._database.execute("DELETE FROM events WHERE id = ?", (event["id"],))
            else:
                self._database.execute(
                    "UPDATE events SET state = 'failed', attempts = ?, error = ?, failed = ? WHERE id = ?",
                    (calls, answer.body.decode(), now, event["id"]),
                )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


# Unproven error-of-old-event: An event that is given up because of its age has the error EventAgeExceeded.
# Why: no page shows what a destination gets then.
# Ask: set maxAsyncEventAgeInSeconds to 1 and onFailure to a queue, keep the only instance busy with a long invocation,
#   invoke the function asynchronously, and read the message in the queue.
def _too_old(request_id: str, age: float) -> Answer:
    """Return the answer for an event that is given up because of its age."""
    message = f"The event waited for longer than {age:g} seconds, which is its greatest age."
    error = {"errorMessage": message, "errorType": "EventAgeExceeded", "stackTrace": []}
    return Answer(request_id, json.dumps(error).encode(), "EventAgeExceeded", Ending.EXPIRED)
