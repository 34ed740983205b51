"""Calls at once that do not depend on each other: all of them end before an error of any is raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from imagelabels.domain.errors import Gone


class AtOnce(Protocol):
    """Makes the calls and gives their results in their order.

    When several fail, the first error, in the order of the calls, that is not Gone is raised: Gone only asks for
    another look, others end the attempt. No call may wait for another one, nor for anything that another delivery
    holds.
    """

    def __call__(self, *calls: Callable[[], Any]) -> list[Any]: ...


def inline(*calls: Callable[[], Any]) -> list[Any]:
    """Make one call after the other, in this thread."""
    return _results([_ended(call) for call in calls])


def on(executor: Executor) -> AtOnce:
    """Make the last call in this thread and the others on the executor, which must not be the one we run on."""

    def at_once(*calls: Callable[[], Any]) -> list[Any]:
        *others, last = calls
        waiting = [executor.submit(_ended, call) for call in others]
        here = _ended(last)
        return _results([*(other.result() for other in waiting), here])

    return at_once


def _ended(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    """What the call gave, or the error that it ended in."""
    try:
        return call(), None
    except Exception as error:
        return None, error


def _results(ended: Sequence[tuple[Any, Exception | None]]) -> list[Any]:
    errors = [error for _, error in ended if error is not None]
    if errors:
        first = next((error for error in errors if not isinstance(error, Gone)), errors[0])
        raise first from next((error for error in errors if error is not first), first.__cause__)
    return [result for result, _ in ended]
