"""A backfill of a bucket of each cloud, with the vendors' clients, whose process gets SIGKILL again and again."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import CosBucket, OssBucket
from demo.emulated import HERE, DemoEmulator
from tests.fakes import jpeg
from tests.ports import free_port

pytestmark = pytest.mark.story

OBJECTS, KILLS, AT_ONCE = 150, 4, 8
LATER = 200.0
"""Seconds after which no lock and no claim of a dead process is left."""
SETTINGS = {"oss": {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}, "cos": {}}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEmulator]:
    port = free_port()
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


INVENTORY = (
    "<InventoryConfiguration><Id>daily</Id><IsEnabled>true</IsEnabled>"
    "<IncludedObjectVersions>Current</IncludedObjectVersions><OptionalFields><Field>Size</Field><Field>ETag</Field>"
    "<Field>LastModifiedDate</Field><Field>StorageClass</Field></OptionalFields>"
    "<Schedule><Frequency>Daily</Frequency></Schedule><Destination><OSSBucketDestination><Format>CSV</Format>"
    "<Bucket>acs:oss:::photo-lists</Bucket><Prefix>out</Prefix></OSSBucketDestination></Destination>"
    "<IncrementalInventory><IsEnabled>true</IsEnabled><Schedule><Frequency>600</Frequency></Schedule><OptionalFields>"
    "<Field>RecordType</Field><Field>Size</Field></OptionalFields></IncrementalInventory></InventoryConfiguration>"
)


def _inventory(emulator: DemoEmulator, bucket: str, incremental: bool) -> str:
    """Let the store write an inventory with two rows in each file, and return the URI of its manifest."""
    asked = {"store": "oss", "bucket": bucket, "id": "daily", "rows": 2, "incremental": incremental}
    request = urllib.request.Request(f"{emulator.address}/_emulator/inventories", json.dumps(asked).encode())
    with urllib.request.urlopen(request) as answer:
        manifest: str = json.load(answer)["manifest"]
    return manifest


def test_an_incremental_inventory_would_label_something_else_than_what_came_since(
    emulator: DemoEmulator, tmp_path: Path
) -> None:
    lists, bucket = OssBucket("photo-lists", emulator.port), OssBucket("listed-photos", emulator.port)
    for one in (lists, bucket):
        one.sdk.create_bucket()
    bucket.sdk._do("PUT", "listed-photos", "", data=INVENTORY, params={"inventory": "", "inventoryId": "daily"})

    def backfill(manifest: str, name: str) -> tuple[Any, list[str]]:
        report = tmp_path / name
        words = ["backfill", "oss://listed-photos/", "--inventory", manifest, "--yes", "--report", str(report)]
        environ = os.environ | emulator.user_settings | SETTINGS["oss"]
        command = [sys.executable, "-m", "imagelabels", *words, "--format", "json"]
        done = subprocess.run(command, cwd=HERE, env=environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        uris = [json.loads(line)["uri"] for line in report.read_text().splitlines()]
        return json.loads(done.stdout), [uri.removeprefix("oss://listed-photos/") for uri in uris]

    keys = ["a b.jpg", "a+b.jpg", "é/狗.jpg", "p%20q.jpg", "z.jpg"]
    for key in keys:
        bucket.put(key, jpeg(f"inventory {key}"))
    told, walked = backfill(_inventory(emulator, "listed-photos", False), "whole")
    assert (sorted(walked), told["states"], told["paid_calls"]) == (sorted(keys), {"labelled": 5}, 5)
    _inventory(emulator, "listed-photos", True)  # The first one tells what came since it was switched on.
    bucket.put("new.jpg", jpeg("inventory new"))
    bucket.put("z.jpg", jpeg("inventory other"))
    told, walked = backfill(_inventory(emulator, "listed-photos", True), "since")
    assert (sorted(walked), told["states"], told["paid_calls"]) == (["new.jpg", "z.jpg"], {"labelled": 2}, 2)
    lists.close()
    bucket.close()
