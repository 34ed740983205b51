"""This benchmark uploads more pictures than a budget has calls, to one cloud after the other, in the emulator.

Exactly as many calls are made as the budget has, the other pictures are parked, and after the budget is raised the
timer alone labels them all: nothing is uploaded again. The same run, with fewer pictures, is a test.
"""

from __future__ import annotations

import json
import shlex
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.clouds import CosBucket, DemoBucket, OssBucket
from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from emulator.core.ports import free_port
from imagelabels import wiring
from imagelabels.domain.model import EventEntry, ObjectRef
from imagelabels.ports import StoredRow

CALLS, PICTURES, INSTANCES = 1000, 5000, 10
DETECTOR = """
import json, sys
label = {"LabelId": "cat", "LabelName": "\\u732b", "LabelConfidence": 0.9, "CentricScore": 0.5, "LabelLevel": 3,
         "ParentLabelName": "\\u54fa\\u4e73\\u52a8\\u7269", "Language": "zh-Hans"}
for line in sys.stdin:
    print(json.dumps({"path": line.rstrip(chr(10)), "labels": [label]}), flush=True)
"""
"""It sees a cat in every picture. What a model sees does not matter here."""

PHOTO = HERE / "photos" / "chelsea.png"
NAMES = {"oss": "imm", "cos": "ci"}
TIMERS = {"oss": "resume_oss", "cos": "resume_cos"}


@dataclass(frozen=True)
class Counted:
    """What the emulator and the index tell at one moment."""

    states: Mapping[str, int]
    calls: int
    """The calls that the emulated detector got."""
    events: int
    """The invocations that events of the bucket caused."""


@dataclass
class Budgeted:
    """The run on one cloud, whose label function and timer have a budget; a second timer has a raised one."""

    emulator: DemoEmulator
    user: DemoBucket
    scheme: str
    keys: list[str] = field(default_factory=list)

    @property
    def function(self) -> str:
        return {"oss": OSS_FUNCTION, "cos": COS_FUNCTION}[self.scheme]

    def upload(self, pictures: int) -> None:
        """Upload different pictures, and wait until every event has been handled."""
        photo = PHOTO.read_bytes()
        self.keys = [f"{number:05}.png" for number in range(pictures)]
        for key in self.keys:
            self.user.put(key, photo + key.encode())
        assert self.emulator.settle() == []

    def counted(self) -> Counted:
        ledger = wiring.index(self.emulator.index, self.emulator.settings).ledger()
        rows = [ledger.row(self.ref(key)) for key in self.keys]
        calls: Mapping[str, int] = self.emulator.control("calls")
        detections = {"oss": "IMM DetectImageLabels", "cos": "COS GET object?ci-process"}
        return Counted(
            dict(Counter(_state(row) for row in rows)),
            sum(count for name, count in calls.items() if name.startswith(detections[self.scheme])),
            self.emulator.control(f"functions/{self.function}")["invocations"],
        )

    def timer(self, raised: bool) -> dict[str, Any]:
        """Let the timer's function run once, as its platform would, and return its answer."""
        name = f"{TIMERS[self.scheme]}{'_raised' if raised else ''}"
        payload = f"{self.user.uri}/"
        told = {"payload": payload, "triggerName": "timer"} if self.scheme == "oss" else {"Message": payload}
        address = f"{self.emulator.address}/_emulator/functions/{name}/invoke"
        with urllib.request.urlopen(urllib.request.Request(address, data=json.dumps(told).encode())) as answer:
            text = answer.read()
        done: dict[str, Any] = json.loads(text)
        assert "errorType" not in done, text
        return done

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.scheme, OSS_BUCKET if self.scheme == "oss" else COS_BUCKET, key)

    def history(self, key: str) -> tuple[EventEntry, ...]:
        return wiring.index(self.emulator.index, self.emulator.settings).ledger().history(self.ref(key))


def _state(row: StoredRow | None) -> str:
    if row is None or row.record is None:
        return "none"
    return f"{row.record.state} {row.record.reason}" if row.record.reason else str(row.record.state)


class BudgetEmulator(DemoEmulator):
    """The emulator with a budget for each function, and two timers for each cloud."""

    def __init__(self, port: int, data: Path, budget: int, instances: int) -> None:
        self._budget, self._instances = budget, instances
        command = shlex.join([sys.executable, "-c", DETECTOR])
        super().__init__(port, data, "--detector", command)

    def functions(self) -> list[dict[str, Any]]:
        described = super().functions()
        limited = {"IMAGELABELS_BUDGET_TOTAL": str(self._budget)}
        for one in described:
            one["environment"] |= limited
            one["instances"] = self._instances
        timers = []
        for scheme, one in zip(TIMERS, described, strict=True):
            timer = {name: value for name, value in one.items() if name != "trigger"}
            timer |= {"name": TIMERS[scheme], "handler": "index.resume", "timeout": 300, "instances": 1}
            without = {name: value for name, value in one["environment"].items() if name not in limited}
            timers += [timer, timer | {"name": f"{TIMERS[scheme]}_raised", "environment": without}]
        return described + timers


@contextmanager
def emulator(folder: Path, budget: int, instances: int) -> Iterator[dict[str, Budgeted]]:
    """Yield the run of each cloud. Both share one emulator and one index in Tablestore."""
    port = free_port()
    with BudgetEmulator(port, folder, budget, instances) as running:
        assert running.ready()
        users: dict[str, DemoBucket] = {"oss": OssBucket(OSS_BUCKET, port), "cos": CosBucket(COS_BUCKET, port)}
        try:
            yield {scheme: Budgeted(running, user, scheme) for scheme, user in users.items()}
        finally:
            for user in users.values():
                user.close()


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known."""
    with tempfile.TemporaryDirectory() as folder, emulator(Path(folder), CALLS, INSTANCES) as runs:
        for scheme, run in runs.items():
            began = time.perf_counter()
            run.upload(PICTURES)
            before = run.counted()
            yield (
                f"budget, {scheme}, {CALLS} calls, {PICTURES} pictures, {INSTANCES} instances: {before.calls} calls, "
                f"{before.states}, {time.perf_counter() - began:.0f} s"
            )
            assert before.calls == CALLS
            assert run.timer(raised=False)["passed_over"] == {"*": ["budget"]}
            began, runs_of_timer = time.perf_counter(), 0
            while run.timer(raised=True)["ended"] != "done":
                runs_of_timer += 1
            after = run.counted()
            yield (
                f"budget, {scheme}, raised: {after.calls} calls, {after.states}, {runs_of_timer + 1} timer runs, "
                f"{time.perf_counter() - began:.0f} s, {after.events - before.events} further events of the bucket"
            )
