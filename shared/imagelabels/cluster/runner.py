"""This runner shares the objects of a walk out over the workers of a Dask cluster, in slices."""

from __future__ import annotations

from typing import Any

import distributed

from imagelabels.cluster import slices
from imagelabels.cluster.slices import Part, Plan
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.outcomes import Reason, State
from imagelabels.ports import Clock
from imagelabels.usecases.backfill import Backfill, Worked
from imagelabels.usecases.walking import WINDOW, Work

CONNECT = 10.0
"""Seconds within which the scheduler must answer."""

LOOK = 0.02
"""Seconds between two looks at the slices that are under way. A look sends nothing."""

LEAST = 10
"""A slice has at least so many objects, unless the walk has no more."""

Client: Any = distributed.Client  # It has no types.

Result = tuple[Work[Worked], "Worked | LabelingError"]


def connected(address: str, patience: float = CONNECT) -> Any:
    """Connect to a scheduler at dask://host:port; Misconfigured if none answers within `patience` seconds, or if it has
    no workers."""
    try:
        client = Client(address.replace("dask://", "tcp://", 1), timeout=patience, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Misconfigured(f"no Dask scheduler answers at {address}: {error}") from None
    if not client.nthreads():
        client.close()
        raise Misconfigured(f"the Dask cluster at {address} has no workers: start some with `dask worker`")
    return client


class OnCluster:
    """Implements walking.Runner."""

    def __init__(self, client: Any, address: str, job: Backfill, plan: Plan, clock: Clock) -> None:
        self._client, self._address, self._job, self._plan, self._clock = client, address, job, plan, clock
        # Each worker has one slice to work on and one that waits, within the window of the walk.
        self._size = max(LEAST, WINDOW // (2 * max(len(client.nthreads()), 1)))
        self._gathered: list[Work[Worked]] = []
        self._slices: list[tuple[Any, list[Work[Worked]]]] = []
        self._results: list[Result] = []

    def room(self) -> int:
        return WINDOW - self.under_way()

    def under_way(self) -> int:
        return len(self._gathered) + sum(len(works) for _, works in self._slices) + len(self._results)

    def begin(self, work: Work[Worked]) -> None:
        if self._job.pays_nothing(work):
            self._results.append((work, self._job.act(work)))
            return
        self._gathered.append(work)
        if len(self._gathered) >= self._size:
            self._send()

    def ended(self, patience: float | None) -> list[Result]:
        if patience != 0:
            self._send()
        until = None if patience is None else self._clock.monotonic() + patience
        while True:
            self._collect()
            if self._results or not self._slices:
                results, self._results = self._results, []
                return results
            if until is not None and self._clock.monotonic() >= until:
                return []
            self._clock.sleep(LOOK)

    def drop(self) -> None:
        self._gathered = []
        for future, _ in [one for one in self._slices if one[0].status == "pending"]:
            # A slice on which a worker is at work ends by itself; its objects are done, and the next run sees that.
            future.cancel()

    def give_up(self) -> None:
        """Ask the scheduler to begin nothing more."""
        for future, _ in self._slices:
            future.cancel()

    def _send(self) -> None:
        works, self._gathered = self._gathered, []
        if works:
            parts = [self._part(work) for work in works]
            # A slice is no pure function, so its result is never taken from an earlier one.
            self._slices.append((self._client.submit(slices.work, self._plan, parts, pure=False), works))

    def _part(self, work: Work[Worked]) -> Part:
        return work.listed.ref.bucket, work.listed.ref.key, self._job.fate_of(work).value

    def _collect(self) -> None:
        is_lost = self._client.status != "running"
        for one in [one for one in self._slices if is_lost or one[0].status != "pending"]:
            self._slices.remove(one)
            self._results.extend(self._told(*one))

    def _told(self, future: Any, works: list[Work[Worked]]) -> list[Result]:
        if future.status == "finished":
            answers = future.result()
            if isinstance(answers, str):
                return [(work, Misconfigured(f"a worker of {self._address} cannot work: {answers}")) for work in works]
            return [(work, slices.heard(answer)) for work, answer in zip(works, answers, strict=True)]
        if future.status == "error":
            error = future.exception()
            if isinstance(error, distributed.scheduler.KilledWorker):
                return [(work, self._unsettled(work)) for work in works]
            said = f"{type(error).__name__}: {error}"
            return [(work, Misconfigured(f"a worker of {self._address} cannot do a slice: {said}")) for work in works]
        gone = f"the Dask scheduler at {self._address} does not answer any more: start it and its workers again, and "
        return [(work, Unavailable("store_error", f"{gone}the same command goes on")) for work in works]

    def _unsettled(self, work: Work[Worked]) -> Worked:
        return Worked(self._job.fate_of(work), State.WAITING, Reason.UNSETTLED)
