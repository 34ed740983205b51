"""Reads what Function Compute says of an asynchronous task. Both versions have the same statuses.

https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-struct-asynctask
"""

from __future__ import annotations

from imagelabels.domain.invocations import failure, failure_of
from imagelabels.domain.tasks import TaskState, TaskStatus

NOT_OF_TASKS = ("Function", "Service", "Version", "Alias")
"""A 404 whose code begins so misses something else than the task."""

OVER, ALREADY_THERE = 412, 409
"""The status of a task that cannot be stopped since it is over, and of an id that is there already:
https://help.aliyun.com/zh/functioncompute/fc-2-0/user-guide/task-deduplication."""

_STATUSES = {
    "Enqueued": TaskStatus.WAITING,
    "Dequeued": TaskStatus.WAITING,
    "Retrying": TaskStatus.WAITING,
    "Running": TaskStatus.RUNNING,
    "Stopping": TaskStatus.RUNNING,
    "Succeeded": TaskStatus.SUCCEEDED,
    "Failed": TaskStatus.FAILED,
    "Expired": TaskStatus.FAILED,
    "Invalid": TaskStatus.FAILED,
    "Stopped": TaskStatus.STOPPED,
}


def is_missing(status: int, code: str) -> bool:
    """Tell whether a refusal says that there is no such task."""
    return status == 404 and not code.startswith(NOT_OF_TASKS)


def state(status: str, error: str, payload: str) -> TaskState:
    """Return the state of a task with this status, error message and answer, each of which may be empty.

    Only accounts that asked the vendor for it get the answer.
    """
    known = _STATUSES.get(status, TaskStatus.UNKNOWN)
    if known is TaskStatus.SUCCEEDED:
        return TaskState(known, body=payload.encode() or None)
    if known is not TaskStatus.FAILED and status != "Retrying":
        return TaskState(known)
    kind = error or status
    return TaskState(known, failure_of(kind, payload) if payload else failure(kind, ""))
