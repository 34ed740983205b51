"""A backfill through a deployed function of each platform, with the vendors' clients, while workers are killed."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import CosBucket, OssBucket
from demo.emulated import COS_FUNCTION, HERE, OSS_FUNCTION, DemoEmulator
from tests.fakes import jpeg
from tests.later import following
from tests.ports import free_port

pytestmark = pytest.mark.story

OBJECTS = 200
TIMEOUT = 30
"""Seconds that an event may take."""
FUNCTIONS = {"fc": "imagelabels-backfill", "fc2": "pictures/label-backfill", "scf": "cos-backfill"}
SETTINGS = {"oss": {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}, "cos": {}}


class Backfilled(DemoEmulator):
    """The emulator with a function for backfills on each platform, which has few instances and no trigger."""

    def clock(self, through: str) -> Path:
        """Return the file that lets the function of a platform live some minutes later."""
        return Path(self.data) / f"{through}-is-later"

    def pass_time(self, through: str) -> None:
        """Wait until nothing is at work, and let minutes pass, after which no lock of a killed worker is left."""
        name = FUNCTIONS[through].rpartition("/")[2]
        while (
            any(one["busy"] for one in self.control(f"functions/{name}")["processes"])
            or self.control(f"functions/{name}/queue")["pending"]
        ):
            time.sleep(0.05)
        self.clock(through).touch()

    def functions(self) -> list[dict[str, Any]]:
        of_clouds = {one["name"]: one for one in super().functions()}
        described = []
        for through, name in FUNCTIONS.items():
            one = dict(of_clouds[COS_FUNCTION if through == "scf" else OSS_FUNCTION], instances=2, timeout=TIMEOUT)
            del one["trigger"]
            folder = Path(self.data) / f"{through}-code"
            one = following(one, HERE, folder, self.clock(through))
            service, _, one["name"] = name.rpartition("/")
            if service:
                one["service"] = service
            if through == "scf":
                one["AsyncRunEnable"] = "TRUE"  # As the plan of the deployment has it.
            else:
                one["asyncInvokeConfig"] = {"asyncTask": True, "maxAsyncRetryAttempts": 0}
            described.append(one)
        return described


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backfilled]:
    port = free_port()
    command = shlex.join([sys.executable, "-c", DETECTOR])
    running = Backfilled(port, tmp_path_factory.mktemp("through"), "--detector", command)
    with running:
        assert running.ready()
        yield running


@dataclass
class Story:
    """A bucket, and the command that labels it through a function."""

    emulator: Backfilled
    folder: Path
    through: str
    name: str = "full"

    def __post_init__(self) -> None:
        self.bucket: Any
        self.scheme = "cos" if self.through == "scf" else "oss"
        if self.scheme == "oss":
            self.bucket = OssBucket(f"{self.through}-{self.name}", self.emulator.port)
            self.bucket.sdk.create_bucket()
        else:
            self.bucket = CosBucket(f"scf-{self.name}-{CosBucket.appid}", self.emulator.port)
            self.bucket.sdk.create_bucket(Bucket=self.bucket.name)

    def fill(self) -> int:
        """Put the objects, a tenth of them duplicates and a tenth no pictures, and return how many need a call."""
        for number in range(OBJECTS):
            shows = number - 5 if number % 10 == 9 else number
            content = jpeg(f"{self.through} {shows}") if number % 10 != 7 else b"no picture %d" % number
            self.bucket.put(f"{number:03}.jpg", content)
        return OBJECTS * 8 // 10

    @property
    def report(self) -> Path:
        return self.folder / "report.jsonl"

    def start(self, *more: str, **environ: str) -> subprocess.Popen[str]:
        words = ["backfill", self.bucket.uri, "--yes", "--report", str(self.report), "--format", "json"]
        words += ["--checkpoint", str(self.folder / "checkpoint.json"), "--through", self.through]
        words += ["--function", FUNCTIONS[self.through], *more]
        settings = os.environ | self.emulator.user_settings | SETTINGS[self.scheme] | environ
        command = [sys.executable, "-m", "imagelabels", *words]
        return subprocess.Popen(
            command, cwd=HERE, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def calls(self) -> int:
        made: dict[str, int] = self.emulator.control("calls")
        names = ("DetectImageLabels",) if self.scheme == "oss" else ("ci-process",)
        return sum(count for name, count in made.items() if any(part in name for part in names))

    def kill_a_worker(self) -> bool:
        """Kill a process in which the function runs, as a platform does that runs out of memory."""
        name = FUNCTIONS[self.through].rpartition("/")[2]
        busy = [one["pid"] for one in self.emulator.control(f"functions/{name}")["processes"] if one["busy"]]
        for number in busy[:1]:
            os.killpg(number, signal.SIGKILL)
        return bool(busy)


@pytest.mark.parametrize("through", list(FUNCTIONS))
def test_killed_workers_and_a_killed_command_would_pay_twice_lose_a_key_or_tell_one_twice(
    emulator: Backfilled, tmp_path: Path, through: str
) -> None:
    story = Story(emulator, tmp_path, through)
    contents, before = story.fill(), story.calls()
    process = story.start()
    while story.calls() - before < contents // 4:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    while not (kills := story.kill_a_worker()):
        assert process.poll() is None, process.communicate()
    while story.calls() - before < contents // 2:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    emulator.pass_time(through)
    out, err = (last := story.start()).communicate()
    assert last.returncode == 0, err
    told = json.loads(out)
    lines = [json.loads(line) for line in story.report.read_text().splitlines()]
    uris = Counter(f"{story.bucket.uri.rstrip('/')}/{number:03}.jpg" for number in range(OBJECTS))
    assert Counter(line["uri"] for line in lines) == uris
    assert Counter(line["state"] for line in lines) == told["states"] == {"labelled": 180, "skipped": 20}
    # A worker that is killed may have made a call for each of its threads, whose answer nobody kept.
    assert contents <= story.calls() - before <= contents + 16 * kills
    calls = story.calls()
    story.report.unlink()
    again = story.start()
    out, err = again.communicate()
    assert (again.returncode, json.loads(out)["fates"]) == (0, {"done": OBJECTS}), err
    assert story.calls() == calls
    story.bucket.close()


def test_the_second_ctrl_c_would_wait_for_the_function_or_lose_a_key(emulator: Backfilled, tmp_path: Path) -> None:
    story = Story(emulator, tmp_path, "fc", "stopped")
    before = story.fill() and story.calls()
    process = story.start()
    while story.calls() - before < 20:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "waiting for what is under way elsewhere" in process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    emulator.clock("fc").touch()
    _, err = (last := story.start()).communicate()
    assert last.returncode == 0, err
    lines = [json.loads(line) for line in story.report.read_text().splitlines()]
    assert Counter(line["uri"] for line in lines).most_common(1)[0][1] == 1
    assert Counter(line["state"] for line in lines) == {"labelled": 180, "skipped": 20}
    story.bucket.close()


@pytest.mark.parametrize("through", list(FUNCTIONS))
def test_a_function_that_is_not_there_would_be_found_out_after_the_bill(
    emulator: Backfilled, tmp_path: Path, through: str
) -> None:
    story = Story(emulator, tmp_path, through, "alone")
    story.bucket.put("one.jpg", jpeg(f"{through} alone"))
    missing = f"{FUNCTIONS[through]}-nowhere"
    out, err = (done := story.start("--function", missing)).communicate()
    assert (done.returncode, out) == (2, "")
    assert f"{missing!r}: there is no such function" in err
    assert not story.report.exists()
    story.bucket.close()
