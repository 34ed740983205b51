"""A walk that does the same to each object, whatever becomes of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.walking import Work

R = TypeVar("R")


class Acting(Generic[R]):
    """Implements walking.Job. An object that failed is counted and told, and is not tried again."""

    def __init__(
        self,
        take: Callable[[R], object],
        fail: Callable[[ObjectRef, LabelingError], object],
        counts: Counter[str],
        save: Callable[[str], object],
    ) -> None:
        """`take` is given each result in the order of the objects, and `save` the position up to which that is so."""
        self._take, self._fail, self._save = take, fail, save
        self.counts = counts

    def sort(self, works: Sequence[Work[R]]) -> None:
        """Every object needs work."""

    def may_begin(self, work: Work[R], under_way: int) -> bool:
        return True

    def again(self, work: Work[R], result: R | LabelingError) -> float | None:
        return None

    def quiet_until(self) -> float:
        return 0.0

    def settle(self, work: Work[R]) -> None:
        result = work.result
        self.counts["objects"] += 1
        if isinstance(result, LabelingError):
            self.counts[f"failed:{result.reason}"] += 1
            self._fail(work.listed.ref, result)
        elif result is not None:
            self._take(result)

    def save(self, position: str) -> None:
        self._save(position)
