"""Calls at once that do not depend on each other: all of them end before an error of any is raised."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Any, Protocol

from imagelabels.domain.errors import Gone


class AtOnce(Protocol):
    """Makes the calls and gives their results in their order.

    When several fail, the first error that is not Gone is raised: Gone only asks for another look, others end the
    attempt. No call may wait for another one, nor for anything that another delivery holds.
    """

    def __call__(self, *calls: Callable[[], Any]) -> list[Any]: ...


def inline(*calls: Callable[[], Any]) -> list[Any]:
    """Make one call after the other, in this thread."""
    return _all(calls)


def on(executor: Executor) -> AtOnce:
    """Make the last call in this thread and the others on the executor, which must not be the one we run on."""

    def at_once(*calls: Callable[[], Any]) -> list[Any]:
        *others, last = calls
        waiting = [executor.submit(call).result for call in others]
        results = _all([last, *waiting])
        return [*results[1:], results[0]]

    return at_once


def _all(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    results, errors = [], []
    for call in calls:
        try:
            results.append(call())
        except Exception as error:
            errors.append(error)
    if errors:
        first = next((error for error in errors if not isinstance(error, Gone)), errors[0])
        raise first from next((error for error in errors if error is not first), first.__cause__)
    return results
