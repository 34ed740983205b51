"""Invokers: what runs a deployed function on its platform."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.invocations import Reply
from imagelabels.domain.tasks import Task, TaskState


class Invoker(Protocol):
    """Runs the functions of one platform.

    Each method sends its request once and never repeats it. An event that reaches the function twice does no harm,
    since the function pays for a picture only once, but whoever repeats a request should know that it did.

    All methods raise Misconfigured for a function that is not there and for keys that may not do what was asked, which
    the message names, and Unavailable if the platform is throttled, fails or does not answer in time (what was asked
    may have been done all the same). Those that bring an event raise Rejected("too_large") if it is too long for the
    platform.

    A task is an asynchronous invocation whose state the platform keeps. The states are a help and not the truth: they
    may come late, and after some days they are forgotten. The truth about an object is its row in the index.
    """

    def invoke(self, function: str, event: bytes) -> Reply:
        """Run the function and wait for its answer. A failure inside the function is a reply, not an exception.

        SCF has functions that nobody can wait for. The reply then says that the event was queued.
        """

    def enqueue(self, function: str, event: bytes) -> str:
        """Let the platform run the function later, with its own retries, and return the id of the accepted request."""

    def start(self, function: str, event: bytes, task_id: str) -> Task:
        """Let the platform run the function later, as a task with this id, and return the task.

        Sending an id again starts nothing: the task is `already_there`. So whoever got Unavailable may send the same
        id again. SCF takes no ids from its callers: there each call starts another task, whose id is the platform's,
        and the same event twice costs time and no second call of the detector. ValueError says that an id is none that
        a caller may choose (tasks.TASK_ID).
        """

    def state(self, function: str, task_id: str) -> TaskState:
        """Return what the platform says of the task with the id that `start` returned.

        The state of a task that was just started may be unknown for a moment.
        """

    def stop(self, function: str, task_id: str) -> None:
        """Ask the platform to run the task no more, and to end it if it is running.

        Nothing happens to a task that is over or not known. A task may end by itself before it is stopped, and an
        instance that is ended leaves its objects locked until their leases run out.
        """
