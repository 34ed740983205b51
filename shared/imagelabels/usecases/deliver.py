"""All records of one event: each is tried, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.model import Delivered, ObjectChange
from imagelabels.domain.outcomes import Reason
from imagelabels.usecases.measure import measured
from imagelabels.usecases.reconcile import Labeler


def deliver(labeler: Labeler, changes: Sequence[ObjectChange], deadline: float, executor: Executor) -> list[Delivered]:
    """In the order of the records. Those of one object go one after the other: side by side they would only wait.

    `deadline` as in Labeler.reconcile. Errors that are not LabelingError are bugs and come out as they are, after every
    record has been tried.
    """
    if len(changes) == 1:
        return [_one(labeler, changes[0], deadline)]
    groups: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        groups.setdefault(change.ref.uri, []).append(number)
    work = [
        executor.submit(lambda same: [(n, _one(labeler, changes[n], deadline)) for n in same], numbers)
        for numbers in groups.values()
    ]
    for future in work:
        future.exception()
    return [one for _, one in sorted((pair for future in work for pair in future.result()), key=lambda pair: pair[0])]


def deliver_each(
    labeler: Labeler, changes: Iterator[ObjectChange], deadline: float, executor: Executor, at_once: int
) -> Iterator[Delivered]:
    """Yield what became of each change as soon as it is known. At most `at_once` are worked on at a time, and the next
    change is asked for only when there is room for it, so `changes` may go by what became of the former ones.

    Every object comes once. An error that is not a LabelingError is a bug, which must not keep the other objects from
    being tried: it counts as `unsettled`, which is what the object's row says then. If `changes` raises a
    LabelingError, what was begun is yielded before it is raised.
    """
    under_way: set[Future[Delivered]] = set()
    failure = None
    try:
        for change in changes:
            under_way.add(executor.submit(whatever_happens, labeler, change, deadline))
            if len(under_way) >= at_once:
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
    except LabelingError as error:
        failure = error
    for future in under_way:
        yield future.result()
    if failure is not None:
        raise failure


def whatever_happens(labeler: Labeler, change: ObjectChange, deadline: float) -> Delivered:
    """Return what became of one change. A bug counts as `unsettled`, as in deliver_each."""
    try:
        return _one(labeler, change, deadline)
    except Exception as error:
        # Only the kind and the place are told: the text of an unknown error may hold a signed URL.
        place, last = error.__traceback__, ""
        while place is not None:
            last, place = f"{place.tb_frame.f_globals.get('__name__')}, line {place.tb_lineno}", place.tb_next
        told = Unavailable(Reason.UNSETTLED, f"this is a fault of the program: {type(error).__name__} in {last}")
        return Delivered(change, None, told)


def _one(labeler: Labeler, change: ObjectChange, deadline: float) -> Delivered:
    worker, measure = measured(labeler)
    try:
        outcome = worker.reconcile(change, deadline)
    except LabelingError as error:
        return Delivered(change, None, error, measure.spent())
    return Delivered(change, outcome, None, measure.spent())
