"""This runner works on the objects of a walk in threads of this process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from imagelabels.domain.errors import LabelingError
from imagelabels.usecases.walking import Work

R = TypeVar("R")

AHEAD = 2
"""So many objects for each thread are taken, so that a thread that has ended one finds the next one at once."""


class Threads(Generic[R]):
    """Implements walking.Runner. An error that is not a LabelingError is a bug, and comes out of `ended` as it is."""

    def __init__(self, act: Callable[[Work[R]], R], executor: Executor, at_once: int) -> None:
        self._act, self._executor, self._most = act, executor, AHEAD * at_once
        self._ended: SimpleQueue[Work[R]] = SimpleQueue()
        self._futures: dict[int, tuple[Work[R], Future[R | LabelingError]]] = {}

    def room(self) -> int:
        return self._most - len(self._futures)

    def under_way(self) -> int:
        return len(self._futures)

    def begin(self, work: Work[R]) -> None:
        future = self._executor.submit(self._tried, work)
        self._futures[work.number] = work, future
        future.add_done_callback(lambda _: self._ended.put(work))

    def ended(self, patience: float | None) -> list[tuple[Work[R], R | LabelingError]]:
        results: list[tuple[Work[R], R | LabelingError]] = []
        try:
            work = self._ended.get(patience != 0, patience)
            while True:
                if (begun := self._futures.pop(work.number, None)) is not None:
                    results.append((work, begun[1].result()))
                work = self._ended.get_nowait()
        except Empty:
            return results

    def drop(self) -> None:
        for number, (_, future) in list(self._futures.items()):
            if future.cancel():
                del self._futures[number]

    def _tried(self, work: Work[R]) -> R | LabelingError:
        try:
            return self._act(work)
        except LabelingError as error:
            return error
