"""How much faster two processes of a Dask cluster label than one, with a detector that computes as the embedded one.

Each process has a bucket and an index of its own in memory, so only the way of the slices and the work are measured.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.backfill import OLD, PLACE, Clock, UncountedLedger
from demo.emulated import HERE
from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.journal import Journal
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.checkpoint import Task
from imagelabels.domain.model import Detection, ObjectRef, Picture
from imagelabels.domain.policy import Policy
from imagelabels.ports import traits_of
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import listed
from imagelabels.wiring_commands import LabelingHere
from tests.fakes import FakeDetector, FakeObjects, jpeg
from tests.world import CONCEPTS

PICTURES, COMPUTES = 2000, 0.010
"""A call computes for so many seconds of the processor's time."""


class ComputingDetector(FakeDetector):
    def detect(self, picture: Picture) -> Detection:
        until = time.thread_time() + COMPUTES
        while time.thread_time() < until:
            pass
        return super().detect(picture)


def labeling() -> LabelingHere:
    """Return what labels the pictures in this process, one after the other, as one core does."""
    clock: Any = Clock()
    objects, ledger = FakeObjects(clock), UncountedLedger()
    for n in range(PICTURES):
        objects.put(ObjectRef("oss", "photos", f"{n:06}.jpg"), jpeg(f"{n}"), last_modified=OLD)
    detector = ComputingDetector(objects)
    tools = Tools(objects, ledger, ledger, ledger, traits_of(detector), Policy(), CONCEPTS, clock)
    return LabelingHere(Labeler(tools, detector, ledger), ThreadPoolExecutor(1), 1, "memory")


def prepare() -> None:
    """Let this worker use what is in its memory, whatever the plan says."""
    from imagelabels.cluster import slices

    here = labeling()
    slices._labeling = lambda plan: here


def measure(processes: int) -> float:
    """Return how many objects a second so many processes label."""
    import distributed

    from imagelabels.cluster import runner
    from imagelabels.cluster.slices import Plan

    dask: Any = distributed
    here = labeling()
    options = {"n_workers": processes, "threads_per_worker": 1, "dashboard_address": None}
    with (
        tempfile.TemporaryDirectory() as name,
        dask.LocalCluster(**options) as cluster,
        dask.Client(cluster, set_as_default=False) as client,
        Journal(Path(name) / "checkpoint.json", Task("backfill", PLACE.uri, "list", "memory", "fake")) as journal,
    ):
        client.run(prepare)
        tools, counts = here.labeler.tools, Counter[str]()
        plan = Plan({}, "oss", 1, None, tools.detector.setting, "run", None, "event")
        began = time.perf_counter()
        Backfilling(
            here.labeler,
            PLACE,
            listed(tools.objects, PLACE),
            journal,
            WalkLine(),
            lambda job: runner.OnCluster(client, "a local cluster", job, plan, tools.clock),
            grows=False,
            limit=None,
            counts=counts,
        ).run()
        took = time.perf_counter() - began
    assert counts["state:labelled"] == PICTURES, counts
    return PICTURES / took


def report() -> Iterator[str]:
    """Measure one process and two."""
    rates = []
    for processes in (1, 2):
        command = [sys.executable, "-m", "benchmarks.cluster", str(processes)]
        rates.append(float(subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, check=True).stdout))
    yield (
        f"cluster, Dask, calls that compute {COMPUTES * 1000:.0f} ms: {rates[0]:,.0f} objects/s with one process, "
        f"{rates[1]:,.0f} with two, {rates[1] / rates[0]:.2f} times (1.7 wanted)"
    )


if __name__ == "__main__":
    print(measure(int(sys.argv[1])))
