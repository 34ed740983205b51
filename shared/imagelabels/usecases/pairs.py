"""Two calls at once: both end before either error is raised."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from imagelabels.domain.errors import Gone

A = TypeVar("A")
B = TypeVar("B")


class Pair(Protocol):
    """Makes two calls that do not depend on each other and gives both results.

    When both fail, an error that is not Gone is raised: Gone only asks for another look, the other ends the attempt.
    """

    def __call__(self, first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]: ...


def inline(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]:
    """One after the other, in this thread."""
    return _both(first, second)


def on(executor: Executor) -> Pair:
    """The first in this thread, the second on the executor: it must not be the one that this thread runs on."""

    def pair(first: Callable[[], A], second: Callable[[], B], /) -> tuple[A, B]:
        return _both(first, executor.submit(second).result)

    return pair


def _both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    try:
        a = first()
    except Exception as error:
        _then_second(second, error)
        raise
    return a, second()


def _then_second(second: Callable[[], object], error: Exception) -> None:
    try:
        second()
    except Exception as other:
        if isinstance(error, Gone) and not isinstance(other, Gone):
            raise other from error
