"""A bucket in memory that a backfill labels through a function in memory, whose platform may lose and throttle."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.journal import Journal
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef
from imagelabels.domain.tasks import TaskState
from imagelabels.usecases.run_budget import CountedLimit
from imagelabels.usecases.through import ThroughFunction
from imagelabels.usecases.walk import listed
from imagelabels.views.forms import outcome_json
from tests.backfilling import PLACE, Bucket
from tests.fakes import _Port
from tests.invoking import FakeInvoker
from tests.world import Worker

T = TypeVar("T")

FUNCTION = "imagelabels-backfill"
TIMEOUT = 90.0


class InThisThread(Executor):
    """It does everything at once, so that every run makes the same calls in the same order."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def written(refs: Sequence[ObjectRef], request: str) -> bytes:
    for ref in refs:
        if "unnamed" in ref.key:
            raise Misconfigured(f"no event can name {ref.uri!r}")
    return json.dumps([request, [ref.key for ref in refs]]).encode()


class Platform(FakeInvoker):
    """It runs a task whenever somebody asks about one."""

    def state(self, function: str, task_id: str) -> TaskState:
        self.run_tasks(1)
        return super().state(function, task_id)


class ThroughBucket(Bucket):
    """The function labels as the deployed one does, with ports of its own that the command's end does not touch."""

    platform: Platform

    def deployed(self, **platform: Any) -> ThroughBucket:
        self.platform = Platform({FUNCTION: self._act}, **platform)
        self.prepared: Callable[[Worker], object] = lambda worker: None
        self.batches: list[list[str]] = []
        return self

    def _act(self, event: bytes) -> dict[str, Any]:
        request, keys = json.loads(event)
        self.batches.append(keys)
        delivered = [self._one(request, key) for key in keys]
        for one in delivered:
            if one.error is not None:
                raise one.error
        return {"records": [outcome_json(one) for one in delivered]}

    def _one(self, request: str, key: str) -> Delivered:
        worker = self.world.worker()
        self.prepared(worker)
        change = ObjectChange(ObjectRef("oss", "photos", key), "created", f"{request}/{key}")
        try:
            return Delivered(change, worker.labeler.reconcile(change, self.world.clock.monotonic() + TIMEOUT), None)
        except LabelingError as error:
            return Delivered(change, None, error)

    def _opened(self, worker: Worker, journal: Journal, limit: int | None) -> Backfilling:
        labeler = worker.labeler
        budget = None if limit is None else CountedLimit(limit, journal.now.counts.get("paid_calls", 0))
        invoker: Any = _Port(worker.wire, "invoker", self.platform)
        return Backfilling(
            labeler,
            PLACE,
            listed(labeler.tools.objects, PLACE),
            journal,
            WalkLine(),
            lambda job: ThroughFunction(invoker, FUNCTION, written, job, labeler.tools, InThisThread()),
            True,
            budget,
            Counter(journal.now.counts),
        )
