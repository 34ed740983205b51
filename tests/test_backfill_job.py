"""A backfill of a bucket of each cloud, with the vendors' clients, whose process gets SIGKILL again and again."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import CosBucket, OssBucket
from demo.emulated import HERE, DemoEmulator
from tests.fakes import jpeg

pytestmark = pytest.mark.story

OBJECTS, KILLS, AT_ONCE = 150, 4, 8
LATER = 200.0
"""Seconds after which no lock and no claim of a dead process is left."""
SETTINGS = {"oss": {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}, "cos": {}}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEmulator]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = shlex.join([sys.executable, "-c", DETECTOR])
    with DemoEmulator(port, tmp_path_factory.mktemp("backfill"), "--detector", command) as running:
        assert running.ready()
        yield running


class Story:
    """A bucket, and the command that labels it."""

    def __init__(self, emulator: DemoEmulator, folder: Path, scheme: str) -> None:
        self.emulator, self.folder, self.scheme, self.runs = emulator, folder, scheme, 0
        self.bucket: Any
        if scheme == "oss":
            self.bucket = OssBucket("full-photos", emulator.port)
            self.bucket.sdk.create_bucket()
        else:
            self.bucket = CosBucket(f"full-photos-{CosBucket.appid}", emulator.port)
            self.bucket.sdk.create_bucket(Bucket=self.bucket.name)
        self.keys: set[str] = set()

    def put(self, key: str, content: bytes) -> None:
        self.bucket.put(key, content)
        self.keys.add(key)

    def fill(self) -> int:
        """Put the objects, a tenth of them duplicates and a tenth no pictures, and return how many contents there are
        that need a call."""
        contents = 0
        for number in range(OBJECTS):
            kind = number % 10
            if kind == 7:
                self.put(f"a/{number:03}.jpg", b"no picture %d" % number)
            elif kind == 9:
                self.put(f"a/{number:03}.jpg", jpeg(f"{self.scheme} {number - 5}"))
            else:
                self.put(f"a/{number:03}.jpg", jpeg(f"{self.scheme} {number}"))
                contents += 1
        return contents

    @property
    def report(self) -> Path:
        return self.folder / "report.jsonl"

    def start(self) -> subprocess.Popen[str]:
        """Start the command, later than the time before."""
        words = ["backfill", self.bucket.uri, "--yes", "--report", str(self.report), "--format", "json"]
        words += ["--checkpoint", str(self.folder / "checkpoint.json"), "--concurrency", str(AT_ONCE)]
        environ = os.environ | self.emulator.user_settings | SETTINGS[self.scheme]
        command = [sys.executable, "-m", "tests.later", str(self.runs * LATER), *words]
        self.runs += 1
        return subprocess.Popen(
            command, cwd=HERE, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def calls(self) -> int:
        made: dict[str, int] = self.emulator.control("calls")
        names = ("DetectImageLabels",) if self.scheme == "oss" else ("ci-process",)
        return sum(count for name, count in made.items() if any(part in name for part in names))


@pytest.mark.parametrize("scheme", ["oss", "cos"])
def test_a_killed_backfill_would_pay_twice_lose_a_key_or_tell_one_twice(
    emulator: DemoEmulator, tmp_path: Path, scheme: str
) -> None:
    story = Story(emulator, tmp_path, scheme)
    contents, before = story.fill(), story.calls()
    for kill in range(1, KILLS + 1):
        process = story.start()
        while process.poll() is None and story.calls() - before < kill * contents // (KILLS + 1):
            time.sleep(0.01)
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        story.put(f"0/came-{kill}.jpg", jpeg(f"{scheme} before {kill}"))
        story.put(f"b/came-{kill}.jpg", jpeg(f"{scheme} behind {kill}"))
        contents += 2
    out, err = (last := story.start()).communicate()
    assert last.returncode == 0, err
    told = json.loads(out)
    lines = [json.loads(line) for line in story.report.read_text().splitlines()]
    assert Counter(line["uri"] for line in lines) == Counter(f"{story.bucket.uri}/{key}" for key in story.keys)
    assert Counter(line["state"] for line in lines) == told["states"]
    assert set(told["states"]) <= {"labelled", "skipped", "unchanged"}
    # A call that was under way when its process was killed is made again.
    assert contents <= story.calls() - before <= contents + KILLS * AT_ONCE
    calls = story.calls()
    story.report.unlink()
    again = story.start()
    out, err = again.communicate()
    assert again.returncode == 0, err
    assert json.loads(out)["fates"] == {"done": len(story.keys)}
    assert story.calls() == calls
    story.bucket.close()
