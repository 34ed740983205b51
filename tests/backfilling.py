"""A bucket in memory that a backfill labels, whose process can be killed at every call and at every step on files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from imagelabels.cli.backfilling import Backfilling
from imagelabels.cli.journal import Files, Journal
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.checkpoint import Task
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef
from imagelabels.usecases.backfill import Worked
from imagelabels.usecases.run_budget import RunBudget
from imagelabels.usecases.walk import Place, listed
from imagelabels.usecases.walking import Work
from tests.fakes import Killed, jpeg
from tests.world import Worker, World

PLACE = Place("oss", "photos", "")
TASK = Task("backfill", PLACE.uri, "list", "memory", "fake")


class Inline:
    """Implements walking.Runner in the thread of the test, so that every run makes the same calls in the same order."""

    def __init__(self, act: Callable[[Work[Worked]], Worked], room: int = 4) -> None:
        self._act, self._room = act, room
        self._results: list[tuple[Work[Worked], Worked | LabelingError]] = []

    def room(self) -> int:
        return self._room - len(self._results)

    def under_way(self) -> int:
        return len(self._results)

    def begin(self, work: Work[Worked]) -> None:
        try:
            self._results.append((work, self._act(work)))
        except LabelingError as error:
            self._results.append((work, error))

    def ended(self, patience: float | None) -> list[tuple[Work[Worked], Worked | LabelingError]]:
        # The last one comes first: results come in any order.
        results, self._results = self._results[::-1], []
        return results

    def drop(self) -> None:
        """Everything that was taken is done already."""


class DyingFiles(Files):
    """Kills the process before, in the middle of, or after its n-th step on files. It counts these steps."""

    def __init__(self, at: tuple[int, str] | None = None) -> None:
        self.steps, self._at = 0, at

    def sync(self, number: int) -> None:
        """No test takes the power away."""

    def replace(self, path: Path, text: str) -> None:
        def half() -> None:
            path.with_name(f".{path.name}.part").write_text(text[: len(text) // 2])

        self._do(lambda: Files.replace(self, path, text), half)

    def write_at(self, path: Path, length: int, octets: bytes) -> None:
        half = octets[: len(octets) // 2]
        self._do(lambda: Files.write_at(self, path, length, octets), lambda: Files.write_at(self, path, length, half))

    def cut(self, path: Path, length: int) -> None:
        self._do(lambda: Files.cut(self, path, length), lambda: None)

    def _do(self, step: Callable[[], object], half: Callable[[], object]) -> None:
        self.steps += 1
        number, moment = self._at or (0, "")
        if self.steps != number:
            step()
            return
        if moment != "before":
            (half if moment == "half" else step)()
        raise Killed


class Bucket:
    """The bucket, its index, and the files of the command."""

    def __init__(self, folder: Path) -> None:
        self.world, self.folder = World(), folder
        self.worker: Worker | None = None
        self.ran: Backfilling | None = None
        self.files = DyingFiles()
        self.most_pending = 0

    def put(self, key: str, shows: str = "", **head: Any) -> ObjectRef:
        ref = ObjectRef("oss", "photos", key)
        self.world.objects.put(ref, jpeg(shows or key), **head)
        return ref

    def fill(self, number: int) -> Bucket:
        """Put so many objects, a tenth of them duplicates, and some that get no labels."""
        for n in range(number):
            key = f"{n:04}.jpg"
            if n % 10 == 9:
                self.put(key, f"{n - 5:04}.jpg")
            elif n % 10 == 7:
                self.world.objects.put(ObjectRef("oss", "photos", key), b"no picture" + key.encode())
            elif n % 10 == 5:
                self.put(key, archived=True)
            else:
                self.put(key)
        self.world.wait(2)
        return self

    @property
    def keys(self) -> list[str]:
        return sorted(uri.removeprefix(PLACE.uri) for uri in self.world.objects.there)

    @property
    def report(self) -> Path:
        return self.folder / "report.jsonl"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.json"

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.report.read_text().splitlines()]

    def run(
        self,
        kill_at: tuple[int, str] | None = None,
        files: DyingFiles | None = None,
        limit: int | None = None,
        prepare: Callable[[Worker], object] = lambda worker: None,
        task: Task = TASK,
    ) -> Backfilling | None:
        """Run the command once in a process of its own; None if it was killed."""
        self.worker, self.files = self.world.worker(), files or DyingFiles()
        self.worker.wire.kill_at = kill_at
        prepare(self.worker)
        try:
            with Journal(self.checkpoint, task, self.report, self.files) as journal:
                self.ran = self._opened(self.worker, journal, limit)
                self.ran.run()
                return self.ran
        except Killed:
            return None

    def _opened(self, worker: Worker, journal: Journal, limit: int | None) -> Backfilling:
        labeler, now = worker.labeler, worker.tools.time.now()
        budget = (
            None
            if limit is None
            else RunBudget(labeler.budget, journal.now.run, limit, now, journal.now.counts.get("paid_calls", 0))
        )
        if budget is not None:
            labeler = replace(labeler, budget=budget)
        line, counts = WalkLine(), Counter(journal.now.counts)
        source = listed(labeler.tools.objects, PLACE)
        return Backfilling(labeler, PLACE, source, journal, line, lambda job: Inline(job.act), True, budget, counts)

    def until_done(self, **run: Any) -> Backfilling:
        """Run again, a while later each time, until it is not killed."""
        for _ in range(5):
            self.world.wait(120)
            if (ran := self.run(**run)) is not None:
                return ran
        raise AssertionError("it never ends")
