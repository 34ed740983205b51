"""A function platform in memory: it keeps the promises of the real ones, and has doors for what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.invocations import Failure, Reply
from imagelabels.domain.tasks import Task, TaskState, TaskStatus, checked_task_id

MOST_BYTES = 128 * 1024

DeployedFunction = Callable[[bytes], Any]
"""It takes an event, and returns what is answered as JSON."""


SECRET = "secret"


def answer(event: bytes) -> dict[str, Any]:
    """Do what the event says, as the functions do that the contract suite deploys."""
    asked = json.loads(event)
    if "touch" in asked:
        Path(asked["touch"]).touch()
    if "raise" in asked:
        raise ValueError(asked["raise"])
    return {"event": asked}


class FakeInvoker:
    """This is an Invoker of functions of this process. An enqueued event runs when a test says so.

    Its tasks have the ids of their callers, as on Function Compute; with `own_ids` the platform chooses them, as SCF
    does. `keeps_answers` says whether the state of a task that succeeded has the function's answer. With `never_waits`
    each event is queued, as SCF does it for functions that run asynchronously.
    """

    def __init__(
        self,
        functions: Mapping[str, DeployedFunction],
        secret: str = SECRET,
        own_ids: bool = False,
        keeps_answers: bool = True,
        never_waits: bool = False,
    ) -> None:
        self._functions, self._secret = functions, secret
        self._own_ids, self._keeps_answers, self._never_waits = own_ids, keeps_answers, never_waits
        self._busy: set[str] = set()
        self.events: list[bytes] = []
        self.waiting: list[tuple[str, bytes]] = []
        self.tasks: dict[tuple[str, str], TaskState] = {}
        """What is known of each task by function and id. A test may change it or take it out."""
        self._of_tasks: dict[tuple[str, str], bytes] = {}
        self.fails: list[LabelingError] = []
        """The next requests end with these errors, one each, before they reach a function."""
        self.loses: list[LabelingError] = []
        """The next tasks are started, and then the requests end with these errors, one each."""

    def invoke(self, function: str, event: bytes) -> Reply:
        if self._never_waits:
            return Reply(self.start(function, event, "queued").id, is_queued=True)
        self._check(function, event)
        request_id = f"request-{len(self.events)}"
        try:
            return Reply(request_id, json.dumps(self._functions[function](event)).encode())
        except Exception as error:
            return Reply(request_id, failure=Failure(type(error).__name__, str(error)))

    def enqueue(self, function: str, event: bytes) -> str:
        self._check(function, event, queued=True)
        self.waiting.append((function, event))
        return f"request-{len(self.events)}"

    def run_the_queue(self) -> None:
        while self.waiting:
            function, event = self.waiting.pop(0)
            self._functions[function](event)
        self.run_tasks()

    def start(self, function: str, event: bytes, task_id: str) -> Task:
        checked_task_id(task_id)
        self._check(function, event, queued=True)
        known = task_id if not self._own_ids else f"task-{len(self.events)}"
        there = (function, known) in self.tasks
        if not there:
            self.tasks[function, known] = TaskState(TaskStatus.WAITING)
            self._of_tasks[function, known] = event
        if self.loses:
            raise self.loses.pop(0)
        return Task(known, there)

    def state(self, function: str, task_id: str) -> TaskState:
        self._check(function, queued=True)
        return self.tasks.get((function, task_id), TaskState(TaskStatus.UNKNOWN))

    def stop(self, function: str, task_id: str) -> None:
        self._check(function, queued=True)
        state = self.tasks.get((function, task_id))
        if state is not None and not state.status.is_over:
            self.tasks[function, task_id] = TaskState(TaskStatus.STOPPED)

    def run_tasks(self, most: int | None = None) -> int:
        """Run the tasks that wait, the oldest first, but not more than `most`, and return how many were run."""
        waiting = [key for key, state in self.tasks.items() if state.status is TaskStatus.WAITING][:most]
        for key in waiting:
            self.tasks[key] = self._ended(key[0], self._of_tasks[key])
        return len(waiting)

    def _ended(self, function: str, event: bytes) -> TaskState:
        try:
            body = json.dumps(self._functions[function](event)).encode()
        except Exception as error:
            return TaskState(TaskStatus.FAILED, Failure(type(error).__name__, str(error)))
        return TaskState(TaskStatus.SUCCEEDED, body=body if self._keeps_answers else None)

    @contextmanager
    def all_instances_busy(self, function: str) -> Iterator[None]:
        self._busy.add(function)
        try:
            yield
        finally:
            self._busy.discard(function)

    def _check(self, function: str, event: bytes | None = None, queued: bool = False) -> None:
        if event is not None:
            self.events.append(event)
        if self._secret != SECRET:
            raise Misconfigured("the secret is not that of the key")
        if self.fails:
            raise self.fails.pop(0)
        if function not in self._functions:
            raise Misconfigured(f"there is no function {function!r}")
        if event is not None and len(event) > MOST_BYTES:
            raise Rejected("too_large", f"the event has {len(event)} bytes")
        if function in self._busy and not queued:
            raise Unavailable("throttled", "all instances are busy")
