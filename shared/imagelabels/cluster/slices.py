"""What a worker of the cluster does with one slice of a walk.

A slice says which objects are to be labelled by which settings. The keys of the clouds are those of the worker's own
environment and never travel. The truth stays in the index, so a slice that is run twice changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Lock

from imagelabels import wiring_commands
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.fates import Fate
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.usecases.backfill import Worked, is_of, label_one
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.run_budget import RunBudget
from imagelabels.wiring_commands import LabelingHere

PREFIX = "IMAGELABELS_"


def shared(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the workers are told of the client's environment: our settings, and nothing that may be a key."""
    return {name: value for name, value in environ.items() if name.startswith(PREFIX)}


@dataclass(frozen=True, slots=True)
class Plan:
    """What all slices of a pass have in common."""

    settings: Mapping[str, str]
    """The variables of the client's environment that begin with IMAGELABELS_."""
    scheme: str
    concurrency: int
    rate: int | None
    detector: str
    """The detector's setting as the client has it."""
    run: str
    most_calls: int | None
    """The limit of the whole run, which all workers count together in the index."""
    event: str


Part = tuple[str, str, str]
"""A bucket, a key, and the fate of the object."""

Failure = tuple[bool, str, str]
"""An error on its way to the client: whether it is Misconfigured, its reason, and its words."""

Answer = tuple[Worked, "Failure | None"]
"""What became of an object. Its error travels beside it."""

_lock = Lock()
_opened: dict[tuple[object, ...], LabelingHere] = {}


def work(plan: Plan, parts: list[Part]) -> list[Answer] | str:
    """Return what became of each object, or say why this worker can do nothing."""
    try:
        here = _labeling(plan)
    except Misconfigured as error:
        return str(error)
    if here.labeler.detector.setting != plan.detector:
        return f"its detector has the setting {here.labeler.detector.setting!r} and not {plan.detector!r}"
    labeler = here.labeler
    if plan.most_calls is not None:
        now = labeler.tools.time.now()
        labeler = replace(labeler, budget=RunBudget(labeler.budget, plan.run, plan.most_calls, now))
    under_way = [
        here.records.submit(_label, labeler, ObjectRef(plan.scheme, bucket, key), Fate(fate), plan.event)
        for bucket, key, fate in parts
    ]
    return [_told(future.result()) for future in under_way]


def _label(labeler: Labeler, ref: ObjectRef, fate: Fate, event: str) -> Worked:
    worked = label_one(labeler, ref, fate, event)
    if worked.state is not State.UNCHANGED:
        return worked
    # A worker that died may have labelled it for the same slice, and its calls were told to nobody.
    with suppress(LabelingError):
        lines = [line for line in labeler.tools.rows.history(ref) if is_of(event, line.event_id)]
        return replace(worked, paid_calls=sum(line.paid_calls for line in lines))
    return worked


def heard(answer: Answer) -> Worked:
    """Return what a worker told, with its error."""
    worked, failure = answer
    if failure is None:
        return worked
    is_misconfigured, reason, words = failure
    error = Misconfigured(words, reason) if is_misconfigured else Unavailable(reason, words)
    return replace(worked, error=error)


def _told(worked: Worked) -> Answer:
    error: LabelingError | None = worked.error
    if error is None:
        return worked, None
    return replace(worked, error=None), (isinstance(error, Misconfigured), str(error.reason), str(error))


def _labeling(plan: Plan) -> LabelingHere:
    """Open what labels by the plan's settings, once in this process."""
    name = (tuple(sorted(plan.settings.items())), plan.scheme, plan.concurrency, plan.rate)
    with _lock:
        if name not in _opened:
            for own in [own for own in os.environ if own.startswith(PREFIX)]:
                del os.environ[own]
            os.environ.update(plan.settings)
            _opened[name] = wiring_commands.labeling(plan.scheme, plan.concurrency, plan.rate)
        return _opened[name]
