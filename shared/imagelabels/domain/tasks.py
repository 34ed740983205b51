"""The values of asynchronous invocations whose state can be asked for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from imagelabels.domain.invocations import Failure

TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
"""An id that a caller may choose. Function Compute has this rule:
https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-invokefunction"""


class TaskStatus(str, Enum):
    """The platform says that a task is at this point of its life."""

    WAITING = "waiting"
    """It is in the queue, for its first run or for another one after a failure."""
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """It will not be run again."""
    STOPPED = "stopped"
    """Somebody stopped it. It will not be run again."""
    UNKNOWN = "unknown"
    """The platform knows no such task, or has forgotten it, or does not keep the states of this function's tasks."""

    __str__ = str.__str__

    @property
    def is_over(self) -> bool:
        """Tell whether the platform will do nothing more for the task."""
        return self in (TaskStatus.SUCCEEDED, TaskStatus.FAILED, TaskStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class Task:
    """The platform has taken an asynchronous invocation."""

    id: str
    """The platform finds the task by this id: the caller's own id, or the platform's where callers choose none."""
    already_there: bool = False
    """The platform had a task with this id before, so this request has started nothing."""


@dataclass(frozen=True, slots=True)
class TaskState:
    """The platform says this of a task."""

    status: TaskStatus
    failure: Failure | None = None
    """It says why the task failed, or why its last run did, where the platform tells that."""
    body: bytes | None = None
    """The function's answer, where the platform keeps it. It is the truth about a batch only if it is there: otherwise
    the index has to be asked."""


def checked_task_id(task_id: str) -> str:
    """Return the id. ValueError says that a caller may not choose it."""
    if not TASK_ID.fullmatch(task_id):
        raise ValueError(f"a task id is up to 128 of letters, digits, - and _, no digit or - first, not {task_id!r}")
    return task_id


def task_id(request: str, parts: Sequence[tuple[str, int]]) -> str:
    """Return the id of the task that works on objects at these positions of a walk, each in its n-th try.

    It is the same however often the same objects are sent for the same try, also by a process that goes on with a run,
    so a platform that refuses duplicates starts nothing twice.
    """
    said = json.dumps([request, *parts], ensure_ascii=True)
    return f"backfill-{hashlib.sha256(said.encode()).hexdigest()[:40]}"
