"""The main job as a user meets it: oss2 uploads, the event, the function in its own process, tags, row, search."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import oss2
import pytest

from demo.__main__ import BUCKET, HERE, Emulator
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports import Ledger
from imagelabels.providers import embedded

PHOTOS = sorted(path for path in (HERE / "photos").iterdir() if path.suffix in (".jpg", ".png"))
ODD_KEYS = [
    "a b.jpg",
    "a+b.jpg",
    "100%.jpg",
    "a%2Bb.jpg",
    "照片/狗 1.jpg",
    "🐈.jpg",
    "line\nbreak.jpg",
    "k" * 1019 + ".jpg",
]


class Job:
    """A running emulator with the function, a user's client, and what the function has written."""

    def __init__(self, emulator: Emulator, bucket: Any, ledger: Ledger) -> None:
        self.emulator, self.bucket, self.ledger = emulator, bucket, ledger

    def put(self, key: str, data: bytes, **headers: str) -> None:
        self.bucket.put_object(key, data, headers=headers)

    def settle(self) -> None:
        """Until every event has been taken."""
        while self.emulator.control("queue")["pending"]:
            time.sleep(0.05)
        assert self.emulator.control("failures")["failures"] == []

    def record(self, key: str) -> ImageRecord | None:
        row = self.ledger.row(ObjectRef("oss", BUCKET, key))
        return row.record if row is not None else None

    def labels(self, key: str) -> dict[str, float]:
        record = self.record(key)
        assert record is not None, key
        return {label.id: label.confidence for label in record.labels}

    def tags(self, key: str) -> dict[str, str]:
        return dict(self.bucket.get_object_tagging(key).tag_set.tagging_rule)


@contextmanager
def job(folder: Path, language: str = "zh-Hans") -> Iterator[Job]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Emulator(port, folder, "--label-language", language) as emulator:
        assert emulator.ready()
        bucket = emulator.bucket()
        try:
            yield Job(emulator, bucket, embedded.open_ledger(folder / "labels.db"))
        finally:
            bucket.session.session.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Job]:
    with job(tmp_path_factory.mktemp("job")) as started:
        yield started


@pytest.fixture(scope="module")
def detected() -> dict[str, dict[str, Any]]:
    """What `imagelabels detect` says of each photo's file."""
    command = [sys.executable, "-m", "imagelabels.cli", "detect", "--format", "json", *map(str, PHOTOS)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {Path(line["path"]).name: line for line in map(json.loads, said.splitlines())}


def test_each_photo_gets_the_labels_that_detect_gives_its_file_and_the_tags_that_its_row_names(
    running: Job, detected: dict[str, dict[str, Any]]
) -> None:
    for path in PHOTOS:
        running.put(path.name, path.read_bytes())
    running.settle()
    for path in PHOTOS:
        said = detected[path.name]
        record = running.record(path.name)
        assert record is not None
        assert running.labels(path.name) == {one["LabelId"]: one["LabelConfidence"] for one in said["labels"]}
        assert {label.id: label.name for label in record.labels} == {
            one["LabelId"]: one["LabelName"] for one in said["labels"]
        }
        assert (record.width, record.height) == (said["width"], said["height"])
        assert running.tags(path.name) == record.tags_written
    assert "cat" in running.labels("chelsea.png")


def test_two_photos_with_swapped_names_swap_labels(running: Job) -> None:
    cat, coffee = (HERE / "photos" / name for name in ("chelsea.png", "coffee.png"))
    running.put("one.png", cat.read_bytes())
    running.put("two.png", coffee.read_bytes())
    running.settle()
    first = running.labels("one.png"), running.labels("two.png")
    running.put("one.png", coffee.read_bytes())
    running.put("two.png", cat.read_bytes())
    running.settle()
    assert (running.labels("two.png"), running.labels("one.png")) == first
    assert (running.tags("two.png"), running.tags("one.png")) == (
        {"label:cat": "mammal", "label:mammal": "mammal"},
        {"label:beverage": "drink", "label:drink": "drink", "label:espresso": "drink"},
    )


def test_the_function_runs_in_a_process_of_its_own(running: Job) -> None:
    running.put("own.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    processes = running.emulator.control("function")["processes"]
    pids = {process["pid"] for process in processes}
    assert pids
    assert running.emulator.process.pid not in pids
    assert os.getpid() not in pids


def test_keys_of_every_kind_are_labelled(running: Job) -> None:
    cat = (HERE / "photos" / "chelsea.png").read_bytes()
    for key in ODD_KEYS:
        running.put(key, cat)
    running.settle()
    for key in ODD_KEYS:
        assert "cat" in running.labels(key), key
        assert running.tags(key) == {"label:cat": "mammal", "label:mammal": "mammal"}, key


def test_the_users_own_tags_stay_through_upload_and_overwrite(running: Job) -> None:
    cat, coffee = ((HERE / "photos" / name).read_bytes() for name in ("chelsea.png", "coffee.png"))
    mine = {"label:cat": "mine", "label:summer": "1", "trip": "a b"}
    header = {"x-oss-tagging": "label:cat=mine&label:summer=1&trip=a%20b"}
    running.put("mine.png", cat, **header)
    running.settle()
    assert running.tags("mine.png") == mine | {"label:mammal": "mammal"}
    assert running.record("mine.png").notes == ("tag_taken",)  # type: ignore[union-attr]
    running.put("mine.png", coffee, **header)
    running.settle()
    assert running.tags("mine.png") == mine | {
        "label:beverage": "drink",
        "label:drink": "drink",
        "label:espresso": "drink",
    }


def test_a_copy_takes_its_tags_along_costs_nothing_and_a_removal_removes_the_row(running: Job) -> None:
    running.put("original.png", (HERE / "photos" / "camera.png").read_bytes())
    running.settle()
    running.bucket.copy_object(BUCKET, "original.png", "copy.png")
    running.settle()
    assert running.labels("copy.png") == running.labels("original.png")
    assert running.tags("copy.png") == running.tags("original.png")
    (line,) = running.ledger.history(ObjectRef("oss", BUCKET, "copy.png"))
    assert line.paid_calls == 0
    running.bucket.delete_object("copy.png")
    running.settle()
    assert running.record("copy.png") is None


def test_what_is_no_picture_is_skipped_by_name_and_is_not_asked_about(running: Job) -> None:
    picture = (HERE / "photos" / "china.jpg").read_bytes()
    odd = {
        "words.jpg": (b"only words, called a picture", "not_image"),
        "nothing.jpg": (b"", "empty"),
        "album/": (b"", "folder_marker"),
        "huge.png": (bomb(), "too_many_pixels"),
        "moving.gif": (b"GIF89a\x10\x00\x10\x00\x80\x00\x00" + b"\x00" * 40, "unsupported_format"),
        "half.jpg": (picture[: len(picture) // 2], "corrupt"),
        "large.jpg": (picture + b"\x00" * (20 * 1024 * 1024 + 1 - len(picture)), "too_large"),
    }
    for key, (data, _) in odd.items():
        running.put(key, data)
    running.settle()
    got = {key: (record.state, record.reason) for key in odd if (record := running.record(key))}
    refused_by_the_service = {"half.jpg": "detector_refused"}
    assert got == {key: ("skipped", refused_by_the_service.get(key, why)) for key, (_, why) in odd.items()}


def bomb() -> bytes:
    """A PNG of a few bytes that claims 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b"")


def test_search_finds_what_was_uploaded_by_category_and_in_both_languages(running: Job) -> None:
    running.put("found.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    environ = os.environ | {"IMAGELABELS_INDEX": running.emulator.index}
    for word in ("mammal", "cat", "Mammals", "哺乳动物"):
        command = [sys.executable, "-m", "imagelabels.cli", "search", word, "--format", "json", "--limit", "1000"]
        said = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout
        assert f"oss://{BUCKET}/found.png" in {json.loads(line)["uri"] for line in said.splitlines()}, word


def test_tags_are_the_same_whatever_language_the_service_answers_in(running: Job, tmp_path: Path) -> None:
    with job(tmp_path, "en") as english:
        for path in PHOTOS:
            running.put(path.name, path.read_bytes())
            english.put(path.name, path.read_bytes())
        running.settle()
        english.settle()
        for path in PHOTOS:
            assert english.tags(path.name) == running.tags(path.name)
            assert english.labels(path.name) == running.labels(path.name)


def test_no_log_of_the_function_or_the_emulator_holds_a_secret(running: Job) -> None:
    running.put("quiet.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    logs = list(running.emulator.data.rglob("*.log"))
    assert logs
    for path in logs:
        text = path.read_text(errors="replace")
        assert "labelled" in text or "imagelabels" not in text
        for secret in (r"(?i)signature=\w", r"(?i)security.token['\"=: ]+\w", r"(?i)authorization"):
            assert not re.search(secret, text), (path, secret)


def test_an_event_that_is_none_is_recorded_and_not_retried(running: Job) -> None:
    event = b'{"events":[{"eventName":"ObjectCreated:PutObject"}]}'
    request = urllib.request.Request(f"{running.emulator.address}/_emulator/invoke", data=event)
    with urllib.request.urlopen(request) as answer:
        assert "X-Fc-Error-Type" not in answer.headers
        (record,) = json.load(answer)["records"]
    assert (record["state"], record["reason"]) == ("failed", "bad_event")
    assert "events[0]" in record["message"]


def test_the_demo_fails_and_says_why_when_the_model_is_gone(tmp_path: Path) -> None:
    environ = os.environ | {"IMAGELABELS_MODEL": str(tmp_path / "nowhere.onnx")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "demo", "--port", str(port), "--data", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=HERE, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nowhere.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_secret_is_refused_and_leaves_nothing(running: Job) -> None:
    wrong = oss2.Bucket(oss2.AuthV4("emulator", "wrong"), running.emulator.address, BUCKET, region="cn-hangzhou")
    with pytest.raises(oss2.exceptions.SignatureDoesNotMatch):
        wrong.put_object("stranger.jpg", b"x")
    wrong.session.session.close()
    assert not running.bucket.object_exists("stranger.jpg")
