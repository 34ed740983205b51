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

from emulator.functions import endings, queue_file
from emulator.functions.function import Answer
from emulator.functions.kept_settings import KeptSettings
from emulator.functions.messages import Message, Messages, delete
from emulator.functions.tasks import OVER, Status, Task, Tasks


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
        keeps_tasks: bool = False,
    ) -> None:
        """Open the queue in a file.

        `invoke` takes an event and a request id. `retries` are the seconds to wait before each retry, and `time_scale`
        makes these waits longer (above 1) or shorter. An event that is older than `age` seconds is given up. `on_end`
        gets each event that is delivered or given up, and may return a message to keep. `keeps_tasks` makes a task of
        each event, which clients may ask for.
        """
        self.delivered = 0
        self._invoke = invoke
        self._retries, self._age, self._time_scale = retries, age, time_scale
        self._consumers = consumers
        self._on_end = on_end
        self._news, self._resized = asyncio.Event(), asyncio.Event()
        self._database = queue_file.opened(path)
        self.messages = Messages(self._database)
        self.tasks, self.settings = Tasks(self._database), KeptSettings(self._database)
        self.keeps_tasks = keeps_tasks

    async def run(self) -> None:
        """Deliver events until cancelled. Events that are running then are delivered again after the next start."""
        consuming: dict[int, asyncio.Task[None]] = {}
        waiting: asyncio.Task[bool] | None = None
        try:
            while True:
                self._resized.clear()
                for number in range(self._consumers):
                    if number not in consuming or consuming[number].done():
                        consuming[number] = asyncio.create_task(self._consume(number))
                waiting = asyncio.create_task(self._resized.wait())
                done, _ = await asyncio.wait({waiting, *consuming.values()}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                for ended in done:
                    ended.result()
        finally:
            tasks = [*consuming.values(), *filter(None, [waiting])]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def change(self, retries: Sequence[float], age: float | None, keeps_tasks: bool) -> None:
        """Take other settings for the events that are not over, and for those that come."""
        self._retries, self._age, self.keeps_tasks = retries, age, keeps_tasks

    def resize(self, consumers: int) -> None:
        """Deliver at most so many events at once from now on. What is running is not interrupted."""
        self._consumers = consumers
        self._resized.set()
        self._news.set()

    def close(self) -> None:
        self._database.close()

    def enqueue(self, payload: bytes, hops: int = 0, seconds: float = 0.0, task_id: str = "") -> str:
        """Accept an event that is due after so many seconds, and return its request id, which its retries share.

        The event is on disk when this returns. It came by the destinations of so many functions as `hops` says. If
        tasks are kept, it is one, whose id is the request id unless another one is given. TaskExists says that the
        queue has taken nothing, since a task with the id is kept.
        """
        request_id, now = str(uuid.uuid4()), time.time()
        with self._transaction():
            if self.keeps_tasks:
                self.tasks.add(task_id or request_id, request_id, payload, now)
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

    def stop(self, task_id: str) -> Task | None:
        """Let a task be run no more, and return it; None if no such task is kept.

        One that is running is Stopping until its run has ended, for which the caller has to see.
        """
        task, now = self.tasks.find(task_id), time.time()
        if task is None or task.status in (*OVER, Status.STOPPING):
            return task
        with self._transaction():
            if task.status is Status.RUNNING:
                self.tasks.step(task.request_id, Status.STOPPING, now)
            else:
                self._database.execute("DELETE FROM events WHERE request_id = ?", (task.request_id,))
                self.tasks.step(task.request_id, Status.STOPPED, now)
        return self.tasks.find(task_id)

    async def _consume(self, number: int) -> None:
        while number < self._consumers:
            self._news.clear()
            if (event := self._take()) is None:
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._until_next())
                continue
            if self._age is not None and self._is_old(event):
                self._end(event, event["attempts"], endings.too_old(event["request_id"], self._age))
                continue
            answer = await self._invoke(event["payload"], event["request_id"])
            self._settle(event, answer)

    def _take(self) -> sqlite3.Row | None:
        event: sqlite3.Row | None = self._database.execute(
            "SELECT * FROM events WHERE state = 'waiting' AND due <= ? ORDER BY due, id LIMIT 1", (time.time(),)
        ).fetchone()
        if event is not None:
            with self._transaction():
                self._database.execute("UPDATE events SET state = 'running' WHERE id = ?", (event["id"],))
                if not self._is_old(event):
                    self.tasks.step(event["request_id"], Status.RUNNING, time.time())
        return event

    def _is_old(self, event: sqlite3.Row) -> bool:
        return self._age is not None and time.time() - event["enqueued"] > self._age

    def _until_next(self) -> float | None:
        due: float | None = self._database.execute("SELECT min(due) FROM events WHERE state = 'waiting'").fetchone()[0]
        return None if due is None else max(0.0, due - time.time())

    def _settle(self, event: sqlite3.Row, answer: Answer) -> None:
        attempts, now = event["attempts"] + 1, time.time()
        task = self.tasks.of_request(event["request_id"])
        if task is not None and task.status is Status.STOPPING and answer.error_type is not None:
            with self._transaction():
                self._database.execute("DELETE FROM events WHERE id = ?", (event["id"],))
                self.tasks.step(task.request_id, Status.STOPPED, now, answer)
            return
        if answer.error_type is None or attempts > len(self._retries):
            self._end(event, attempts, answer)
            return
        due = now + self._retries[attempts - 1] * self._time_scale
        with self._transaction():
            self._database.execute(
                "UPDATE events SET state = 'waiting', attempts = ?, due = ? WHERE id = ?", (attempts, due, event["id"])
            )
            self.tasks.step(event["request_id"], Status.RETRYING, now, answer, retried=attempts - 1)

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
            self.tasks.step(event["request_id"], endings.last_status(answer), now, answer, retried=max(0, calls - 1))
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
