"""A dry run foretells what then happens on three buckets: calls exactly, their cost to the cent, and tags."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from benchmarks.budget import DETECTOR
from demo.clouds import CosBucket, OssBucket
from demo.emulated import HERE, DemoEmulator
from imagelabels import wiring
from imagelabels.cli.main import main
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.usecases.walk import Place
from tests.ports import free_port

pytestmark = pytest.mark.story

PHOTO = (HERE / "photos" / "chelsea.png").read_bytes()
MB = 1024 * 1024
PRICES = "prices.json"
IMM = {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}
CI = {"IMAGELABELS_DETECTOR": "ci", "IMAGELABELS_CI_SCENES": "web,camera"}
PRICE = {
    "id": "ci-detect-label",
    "cloud": "tencent",
    "what": "calls",
    "amount": "1.6",
    "currency": "CNY",
    "per": "1000",
    "unit": "calls",
    "region": "a contract",
    "source": "https://example.com/contract",
    "seen": "2026-11-28",
}
"""Nobody has found what the vendor asks for, so this story makes a price up."""


def photo(number: int) -> bytes:
    """Return a picture of its own: what follows the end of a picture is no part of it."""
    return PHOTO + f"{number}".encode()


@dataclass
class Clouds:
    """Both emulated clouds, and a person who foretells what will become of a bucket, and labels it then."""

    emulator: DemoEmulator
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def bill(self, bucket: str, settings: Mapping[str, str], *options: str) -> Any:
        """Make a dry run, and return its bill."""
        return self._run(settings, "backfill", bucket, "--dry-run", "--prices", str(self.folder / PRICES), *options)

    def backfill(self, bucket: str, settings: Mapping[str, str]) -> tuple[int, int]:
        """Label what is there. Return the requests that the emulated detectors got, and how many tags of ours are there
        then."""
        before = self._calls()
        self._run(settings, "backfill", bucket, "--yes")
        place = _place(bucket)
        with self._set(settings):
            objects = wiring.function(place.store).labeler.tools.objects
            tags = [objects.tags(listed.ref) for listed in objects.list(place.bucket)]
        return self._calls() - before, sum(key.startswith("label:") for held in tags for key in held)

    def label(self, bucket: str, settings: Mapping[str, str], *keys: str) -> None:
        """Label some objects, as their events would."""
        place = _place(bucket)
        with self._set(settings):
            labeler = wiring.function(place.store).labeler
            for key in keys:
                change = ObjectChange(ObjectRef(place.store, place.bucket, key), "created", f"story {key}")
                labeler.reconcile(change, time.monotonic() + 90)

    def _run(self, settings: Mapping[str, str], *words: str) -> Any:
        with self._set({**settings, "XDG_STATE_HOME": str(self.folder)}):
            status = main([*words, "--format", "json"])
        out, err = self.capsys.readouterr()
        assert status == 0, err
        return json.loads(out)

    def _calls(self) -> int:
        made: Mapping[str, int] = self.emulator.control("calls")
        return sum(count for name, count in made.items() if "DetectImageLabels" in name or "ci-process" in name)

    @contextmanager
    def _set(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Nothing of one deployment is left for the next one."""
        with self.monkeypatch.context() as patch:
            for name, value in {**self.emulator.user_settings, **settings}.items():
                patch.setenv(name, value)
            wiring._built.cache_clear()
            yield
            wiring._built.cache_clear()


def _place(bucket: str) -> Place:
    scheme, _, name = bucket.partition("://")
    return Place(scheme, name, "")


def cost(bill: Any, price: str) -> Decimal:
    """Return what the units with that price cost; 0 if the bill has none."""
    return sum((Decimal(line["amount"]) for line in bill["costs"] if line["price_id"] == price), Decimal(0))


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoEmulator]:
    port = free_port()
    command = shlex.join([sys.executable, "-c", DETECTOR])
    with DemoEmulator(port, tmp_path_factory.mktemp("bill"), "--detector", command) as running:
        assert running.ready()
        yield running


@pytest.fixture
def clouds(
    emulator: DemoEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Clouds:
    (tmp_path / PRICES).write_text(json.dumps({"prices": [PRICE]}))
    return Clouds(emulator, tmp_path, monkeypatch, capsys)


@contextmanager
def oss_bucket(emulator: DemoEmulator, name: str) -> Iterator[OssBucket]:
    """Make a bucket that starts no function."""
    bucket = OssBucket(name, emulator.port)
    bucket.sdk.create_bucket()
    try:
        yield bucket
    finally:
        bucket.close()


@contextmanager
def cos_bucket(emulator: DemoEmulator, name: str) -> Iterator[CosBucket]:
    """Make a bucket that starts no function."""
    bucket = CosBucket(f"{name}-{CosBucket.appid}", emulator.port)
    bucket.sdk.create_bucket(Bucket=bucket.name)
    try:
        yield bucket
    finally:
        bucket.close()


def test_a_fresh_bucket_would_cost_another_sum_than_was_foretold(clouds: Clouds) -> None:
    with oss_bucket(clouds.emulator, "fresh-photos") as bucket:
        for number in range(6):
            bucket.put(f"{number}.png", photo(number))
        for number in range(3):
            bucket.put(f"copies/{number}.png", photo(number))
        bucket.put("empty.png", b"")
        bucket.put("folder/", b"")
        bucket.put("text.png", b"no picture at all")
        bucket.put("notes.txt", b"notes")
        bill = clouds.bill(bucket.uri, IMM)
        quick = clouds.bill(bucket.uri, IMM, "--quick")
        calls, tags = clouds.backfill(bucket.uri, IMM)
    assert (bill["calls"], bill["calls_exact"]) == (calls, True) == (6, True)
    assert cost(bill, "imm-image-label") == calls * Decimal("0.000142")
    assert bill["by_reason"] == {"empty": 1, "folder_marker": 1, "not_image": 1, "unsupported_format": 1}
    assert bill["tags"] == 9 * 5 >= tags > 0
    assert bill["tags_exact"] is False
    assert bill["own_requests"] == {"list": 1, "rows": 1, "head": 7, "answer": 7, "read": 7}
    assert (quick["calls"], quick["calls_exact"], quick["own_requests"]) == (7, False, {"list": 1, "rows": 1})


def test_a_bucket_that_is_labelled_in_part_would_be_billed_as_if_nothing_were_kept(clouds: Clouds) -> None:
    with oss_bucket(clouds.emulator, "half-photos") as bucket:
        for number in range(20, 26):
            bucket.put(f"{number}.png", photo(number))
        bucket.put("text.png", b"no picture either")
        clouds.label(bucket.uri, IMM, "20.png", "21.png", "22.png", "text.png")
        for number in range(20, 23):
            bucket.put(f"copies/{number}.png", photo(number))
        bucket.put("copies/text.png", b"no picture either")
        clouds.label(bucket.uri, IMM, "23.png", "24.png", "25.png")
        changed = IMM | {"IMAGELABELS_TAG_LIMIT": "1"}
        unread = clouds.bill(bucket.uri, changed)
        bill = clouds.bill(bucket.uri, changed, "--tags")
        calls, tags = clouds.backfill(bucket.uri, changed)
        again = clouds.bill(bucket.uri, changed)
    assert (bill["calls"], bill["calls_exact"]) == (calls, True) == (0, True)
    assert cost(bill, "imm-image-label") == 0
    assert {name: number for name, number in bill["by_fate"].items() if number} == {"replan": 7, "kept": 4}
    assert (bill["tags"], bill["tags_exact"]) == (tags, True)
    assert (unread["tags"], unread["tags_exact"]) == (tags, False)
    assert tags == 9
    assert again["by_fate"]["done"] == again["objects"] == 11
    assert again["own_requests"] == {"list": 1, "rows": 1}


def test_scenes_and_uploads_in_parts_would_be_billed_otherwise_than_they_were_foretold(
    clouds: Clouds, tmp_path: Path
) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(PHOTO + bytes(4 * MB))
    with cos_bucket(clouds.emulator, "scenes") as bucket:
        for key, size in (("a.png", 1), ("b.png", 2), ("c.png", 1)):
            bucket.sdk.upload_file(bucket.name, key, str(path), PartSize=size, EnableMD5=True)
        for number in range(40, 43):
            bucket.put(f"{number}.png", photo(number))
        bucket.put("copy.png", photo(40))
        bucket.sdk.put_object(bucket.name, photo(41), "tagged.png", Tagging="&".join(f"t{n}=x" for n in range(9)))
        bill = clouds.bill(bucket.uri, CI)
        read = clouds.bill(bucket.uri, CI, "--tags")
        requests, tags = clouds.backfill(bucket.uri, CI)
    # Each request has two scenes, and each scene is billed as a call.
    assert (bill["asked"], bill["calls"], bill["calls_exact"]) == (requests, 2 * requests, True) == (4, 8, True)
    assert cost(bill, "ci-detect-label") == 2 * requests * Decimal("0.0016")
    assert (bill["tags"], read["tags"]) == (8 * 5, 7 * 5 + 1)
    assert tags <= read["tags"]
