"""How fast a backfill walks: over ports in memory, and over the emulated OSS with the vendor's client."""

from __future__ import annotations

import os
import resource
import shlex
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.budget import DETECTOR
from demo.clouds import OssBucket
from demo.emulated import HERE, DemoEmulator
from emulator.core.ports import free_port
from imagelabels import wiring_commands
from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.journal import Journal
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.budget import UNLIMITED, Limits
from imagelabels.domain.checkpoint import Task
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Detection, ImageRecord, Look, ObjectHead, ObjectRef, Picture
from imagelabels.domain.outcomes import State
from imagelabels.domain.policy import Policy
from imagelabels.ports import StoredRow, traits_of
from imagelabels.usecases.backfill import Worked
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.threads import Threads
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place, listed
from tests.fakes import FakeDetector, FakeLedger, FakeObjects, jpeg
from tests.world import CONCEPTS

PLACE = Place("oss", "photos", "")
OLD = 1_700_000_000
NAME = "backfill-photos"
CALL = 0.45
"""Seconds that a call to a detector of a cloud takes."""


class Clock:
    """The time of this machine, which is also that of the store in memory."""

    monotonic, sleep, time = staticmethod(time.monotonic), staticmethod(time.sleep), staticmethod(time.time)

    @property
    def store(self) -> float:
        return time.time()


class SlowDetector(FakeDetector):
    """A detector whose calls take their time. It counts how many are under way."""

    def __init__(self, objects: FakeObjects, seconds: float) -> None:
        super().__init__(objects)
        self.seconds, self.now, self.most, self._lock = seconds, 0, 0, threading.Lock()

    def detect(self, picture: Picture) -> Detection:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if self.seconds:
            time.sleep(self.seconds)
        with self._lock:
            self.now -= 1
        return super().detect(picture)


class UncountedLedger(FakeLedger):
    """The ledger of the tests adds up all calls for each new one, so its time would grow with the square."""

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        return None


class Labelled:
    """A bucket of so many objects, all of them labelled; nothing of it is held in memory."""

    def __init__(self, number: int) -> None:
        self._number = number

    def head(self, ref: ObjectRef) -> Look:
        return Look(time.time(), None)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        for number in range(self._number):
            yield Listed(ObjectRef("oss", bucket, f"{number:09}.jpg"), "A", 10, float(OLD), "Standard")

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        digest, head = Policy().digest(CONCEPTS.version), ObjectHead("A", 10, None, OLD)
        rows = (ImageRecord(ref, State.LABELLED, None, head, "c", "fake", digest, "fake", "1") for ref in refs)
        return tuple(StoredRow(row, None, None, None) for row in rows)


def walk(labeler: Labeler, folder: Path, at_once: int) -> tuple[float, Counter[str]]:
    """Backfill the bucket, with a checkpoint and a report on the disk, and return the seconds that it took."""
    name = f"{time.monotonic_ns()}"
    task, report = Task("backfill", PLACE.uri, "list", "memory", "fake"), folder / f"{name}.jsonl"
    with Journal(folder / f"{name}.json", task, report) as journal, ThreadPoolExecutor(at_once) as executor:
        counts: Counter[str] = Counter()
        source = listed(labeler.tools.objects, PLACE)
        began = time.perf_counter()
        Backfilling(
            labeler,
            PLACE,
            source,
            journal,
            WalkLine(),
            lambda job: Threads[Worked](job.act, executor, at_once),
            grows=False,
            limit=None,
            counts=counts,
        ).run()
        return time.perf_counter() - began, counts


def in_memory(number: int, seconds: float, at_once: int, folder: Path) -> tuple[float, SlowDetector]:
    """Label so many pictures in memory, and return how long it took."""
    objects, ledger, clock = FakeObjects(Clock()), UncountedLedger(), Clock()  # type: ignore[arg-type]
    for n in range(number):
        objects.put(ObjectRef("oss", "photos", f"{n:06}.jpg"), jpeg(f"{n}"), last_modified=OLD)
    detector = SlowDetector(objects, seconds)
    tools = Tools(objects, ledger, ledger, ledger, traits_of(detector), Policy(), CONCEPTS, clock)
    took, counts = walk(Labeler(tools, detector, ledger), folder, at_once)
    assert counts["state:labelled"] == number, counts
    return took, detector


def all_labelled(number: int, folder: Path) -> float:
    """Walk over labelled pictures, and return how long it took."""
    bucket: Any = Labelled(number)
    objects = FakeObjects(Clock())  # type: ignore[arg-type]
    detector = FakeDetector(objects)
    tools = Tools(bucket, bucket, bucket, bucket, traits_of(detector), Policy(), CONCEPTS, Clock())
    took, counts = walk(Labeler(tools, detector, bucket), folder, 16)
    assert counts["fate:done"] == number, counts
    return took


def memory(number: int) -> tuple[float, float]:
    """Walk in a process of its own; return its objects/s, and the MB that it had in memory at most."""
    command = [sys.executable, "-m", "benchmarks.backfill", str(number)]
    rate, most = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True).stdout.split()
    return float(rate), float(most)


def over_emulator(folder: Path, number: int, at_once: int) -> str:
    """Label pictures in the emulated OSS, with the index in the emulated Tablestore."""
    port = free_port()
    command = shlex.join([sys.executable, "-c", DETECTOR])
    with DemoEmulator(port, folder, "--detector", command) as emulator:
        emulator.ready()
        bucket = OssBucket(NAME, port)
        bucket.sdk.create_bucket()
        for n in range(number):
            bucket.put(f"{n:06}.jpg", jpeg(f"{n}"))
        time.sleep(1.1)  # A picture that is less than a second old would need one call more.
        os.environ.update(emulator.user_settings | {"IMAGELABELS_DETECTOR": "imm"})
        os.environ["IMAGELABELS_IMM_PROJECT"] = "imagelabels"
        here = wiring_commands.labeling("oss", at_once, None)
        own = _own_rate(here.labeler.tools, NAME, at_once, number)
        before = sum(emulator.control("calls").values())
        place, task = Place("oss", NAME, ""), Task("backfill", bucket.uri, "list", "", "")
        with Journal(folder / "emulated.json", task, folder / "emulated.jsonl") as journal:
            counts: Counter[str] = Counter()
            began = time.perf_counter()
            Backfilling(
                here.labeler,
                place,
                listed(here.labeler.tools.objects, place),
                journal,
                WalkLine(),
                lambda job: Threads[Worked](job.act, here.records, here.at_once),
                grows=False,
                limit=None,
                counts=counts,
            ).run()
            took = time.perf_counter() - began
        assert counts["state:labelled"] == number, counts
        made = sum(emulator.control("calls").values()) - before
        bucket.close()
    return (
        f"backfill, over the emulator and the vendor's clients, {at_once} at once: {number / took:.1f} objects/s, "
        f"{made / number:.1f} requests an object, {made / took:.0f} requests/s, "
        f"{made / took / own:.2f} of the {own:.0f} requests/s of HEAD, tags and rows "
        "alone with the same clients (0.80 wanted)"
    )


def _own_rate(tools: Tools, bucket: str, at_once: int, number: int) -> float:
    """Return how many requests a second the emulator answers to the same clients, if they do nothing else."""

    def ask(n: int) -> None:
        ref = ObjectRef("oss", bucket, f"{n % number:06}.jpg")
        tools.objects.head(ref)
        tools.objects.tags(ref)
        tools.rows.row(ref)

    with ThreadPoolExecutor(at_once) as executor:
        began = time.perf_counter()
        list(executor.map(ask, range(300)))
        return 900 / (time.perf_counter() - began)


def report() -> Iterator[str]:
    """Measure everything once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        took, _ = in_memory(5000, 0, 16, folder)
        yield f"backfill, ports in memory: {5000 / took:,.0f} objects/s are labelled (1,000 wanted)"
        took, detector = in_memory(1008, CALL, 48, folder)
        mean = 1008 * CALL / took
        yield f"backfill, calls of 450 ms, --concurrency 48: {detector.most} at most, {mean:.1f} on average (45 wanted)"
        (_, small), (rate, large) = memory(1000), memory(1_000_000)
        yield (
            f"backfill, a labelled bucket: {rate:,.0f} objects/s; {small:.0f} MB in memory at most for 1,000 objects, "
            f"{large:.0f} MB for 1,000,000"
        )
        yield over_emulator(folder, 200, 16)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        objects = int(sys.argv[1])
        seconds = all_labelled(objects, Path(place))
    print(objects / seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
