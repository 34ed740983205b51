"""All records of one event: each is tried, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import Delivered, ObjectChange
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


def _one(labeler: Labeler, change: ObjectChange, deadline: float) -> Delivered:
    worker, measure = measured(labeler)
    try:
        outcome = worker.reconcile(change, deadline)
    except LabelingError as error:
        return Delivered(change, None, error, measure.spent())
    return Delivered(change, outcome, None, measure.spent())
