"""What clients are told of asynchronous invocations: each is a task, which is kept after it is over.

A change of a task is a part of the queue's transaction about its event, so both are true after a restart.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from enum import Enum

from emulator.functions.function import Answer, Ending

MOST_OVER = 5_000
"""So many tasks that are over are kept for each function. The one that ended first goes first."""
LARGEST_ANSWER = 1024 * 1024
"""A longer answer is not kept: https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-struct-asynctask."""


class Status(str, Enum):
    """The status of a task, by the names that Function Compute has for it."""

    ENQUEUED = "Enqueued"
    RUNNING = "Running"
    RETRYING = "Retrying"
    """It failed, and waits for its next run."""
    STOPPING = "Stopping"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    STOPPED = "Stopped"
    EXPIRED = "Expired"
    """It waited for too long and was not run."""

    __str__ = str.__str__


OVER = frozenset({Status.SUCCEEDED, Status.FAILED, Status.STOPPED, Status.EXPIRED})


class TaskExists(Exception):
    """A task with this id is kept already."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task. Times are seconds since the epoch."""

    number: int
    """The order in which the tasks of a function came."""
    id: str
    request_id: str
    status: Status
    payload: bytes
    enqueued: float
    started: float | None
    ended: float | None
    retried: int
    steps: tuple[tuple[Status, float], ...]
    """Each status that the task has had, and the time of the change."""
    answer: Answer | None
    """The answer of the last run, if that is over. The body is empty if it is too large."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """This says which tasks a client wants to see."""

    prefix: str = ""
    statuses: tuple[str, ...] = ()
    started_from: float | None = None
    started_before: float | None = None
    ended_from: float | None = None
    ended_before: float | None = None
    request_id: str = ""
    ascending: bool = False
    past: int | None = None
    """The list begins behind the task with this number."""
    limit: int = 20
    offset: int = 0

    def conditions(self) -> tuple[str, list[object]]:
        """Return the condition in SQL and its values."""
        parts: list[tuple[str, object]] = [
            ("substr(id, 1, length(?1)) = ?1", self.prefix or None),
            ("started >= ?", self.started_from),
            ("started < ?", self.started_before),
            ("ended >= ?", self.ended_from),
            ("ended < ?", self.ended_before),
            ("request_id = ?", self.request_id or None),
            (f"number {'>' if self.ascending else '<'} ?", self.past),
        ]
        named = [(text.replace("?1", "?"), value) for text, value in parts if value is not None]
        values = [value for text, value in named for _ in range(text.count("?"))]
        texts = [text for text, _ in named]
        if self.statuses:
            texts.append(f"status IN ({', '.join('?' * len(self.statuses))})")
            values += self.statuses
        return " AND ".join(texts) or "1", values


class Tasks:
    """The tasks of one function, in the file of its queue."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, task_id: str, request_id: str, payload: bytes, now: float) -> None:
        """Note that an event has come. Raise TaskExists if a task with the id is kept."""
        try:
            self._database.execute(
                "INSERT INTO tasks (id, request_id, status, payload, enqueued, steps) VALUES (?, ?, ?, ?, ?, ?)",
                (task_id, request_id, Status.ENQUEUED, payload, now, json.dumps([[Status.ENQUEUED, now]])),
            )
        except sqlite3.IntegrityError:
            raise TaskExists from None

    def step(self, request_id: str, status: Status, now: float, answer: Answer | None = None, retried: int = 0) -> None:
        """Note that the task of an event has another status, if the event is a task."""
        task = self._one("request_id", request_id)
        if task is None:
            return
        body = b"" if answer is None or len(answer.body) > LARGEST_ANSWER else answer.body
        steps = json.dumps([*task.steps, (status, now)])
        self._database.execute(
            "UPDATE tasks SET status = ?, steps = ?, retried = max(retried, ?), started = ?, ended = ?"
            " WHERE number = ?",
            (status, steps, retried, _started(task, status, now), now if status in OVER else None, task.number),
        )
        if answer is not None:
            self._database.execute(
                "UPDATE tasks SET body = ?, error_type = ?, ending = ?, duration = ?, memory = ? WHERE number = ?",
                (body, answer.error_type, answer.ending.value, answer.duration, answer.memory, task.number),
            )
        if status in OVER:
            self._forget()

    def find(self, task_id: str) -> Task | None:
        return self._one("id", task_id)

    def of_request(self, request_id: str) -> Task | None:
        return self._one("request_id", request_id)

    def listed(self, wanted: Wanted) -> list[Task]:
        """Return the tasks that are wanted, up to the limit."""
        condition, values = wanted.conditions()
        order = "ASC" if wanted.ascending else "DESC"
        rows = self._database.execute(
            f"SELECT * FROM tasks WHERE {condition} ORDER BY number {order} LIMIT ? OFFSET ?",
            (*values, wanted.limit, wanted.offset),
        )
        return [_task(row) for row in rows]

    def count(self, wanted: Wanted) -> int:
        condition, values = wanted.conditions()
        number: int = self._database.execute(f"SELECT count(*) FROM tasks WHERE {condition}", values).fetchone()[0]
        return number

    def _one(self, column: str, value: str) -> Task | None:
        row = self._database.execute(f"SELECT * FROM tasks WHERE {column} = ?", (value,)).fetchone()
        return None if row is None else _task(row)

    def _forget(self) -> None:
        """Forget those that ended first, if too many are over."""
        self._database.execute(
            "DELETE FROM tasks WHERE number IN"
            " (SELECT number FROM tasks WHERE ended IS NOT NULL ORDER BY ended DESC, number DESC LIMIT -1 OFFSET ?)",
            (MOST_OVER,),
        )


def _started(task: Task, status: Status, now: float) -> float | None:
    return now if status is Status.RUNNING and task.started is None else task.started


def _task(row: sqlite3.Row) -> Task:
    answer = None
    if row["ending"] is not None:
        measured = (row["duration"], row["memory"])
        answer = Answer(row["request_id"], row["body"], row["error_type"], Ending(row["ending"]), *measured)
    steps = tuple((Status(status), at) for status, at in json.loads(row["steps"]))
    names = ("number", "id", "request_id", "payload", "enqueued", "started", "ended", "retried")
    return Task(**{name: row[name] for name in names}, status=Status(row["status"]), steps=steps, answer=answer)
