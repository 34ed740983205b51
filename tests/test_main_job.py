"""These tests run the main job as a user does: upload, event, function in a separate process, tags, row, search."""

from __future__ import annotations

import itertools
import json
import os
import re
import struct
import subprocess
import sys
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import oss2
import pytest
from qcloud_cos import CosServiceError

from demo.clouds import CosBucket, DemoBucket, OssBucket
from demo.emulated import COS_BUCKET, COS_FUNCTION, HERE, OSS_BUCKET, OSS_FUNCTION, DemoEmulator
from imagelabels import wiring
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.ports import Ledger
from tests.logged import wrong
from tests.ports import free_port

pytestmark = pytest.mark.story

PHOTOS = sorted(path for path in (HERE / "photos").iterdir() if path.suffix in (".jpg", ".png"))
DRINK = {"label:beverage": "drink", "label:drink": "drink", "label:espresso": "drink"}
"""The photo of a cup of coffee has these tags on both clouds; the threshold of CI is lower, so it has more there."""

ODD_KEYS = [
    "a b.jpg",
    "a+b.jpg",
    "100%.jpg",
    "a%2Bb.jpg",
    "照片/狗 1.jpg",
    "🐈.jpg",
    "line\nbreak.jpg",
]


class OssUser(OssBucket):
    """A user of OSS, who also uploads with tags, copies and deletes."""

    bucket, function = OSS_BUCKET, OSS_FUNCTION
    longest_key, largest_picture = 1023, 20 << 20

    def __init__(self, port: int) -> None:
        super().__init__(OSS_BUCKET, port)

    def put_tagged(self, key: str, data: bytes, tags: dict[str, str]) -> None:
        self.sdk.put_object(key, data, headers={"x-oss-tagging": urlencode(tags, quote_via=quote)})

    def copy(self, key: str, to: str) -> None:
        self.sdk.copy_object(OSS_BUCKET, key, to)

    def delete(self, key: str) -> None:
        self.sdk.delete_object(key)


class CosUser(CosBucket):
    """A user of COS, who also uploads with tags, copies and deletes."""

    bucket, function = COS_BUCKET, COS_FUNCTION
    longest_key, largest_picture = 850, 32 << 20

    def __init__(self, port: int) -> None:
        super().__init__(COS_BUCKET, port)

    def put_tagged(self, key: str, data: bytes, tags: dict[str, str]) -> None:
        self.sdk.put_object(COS_BUCKET, data, key, Tagging=urlencode(tags, quote_via=quote))

    def copy(self, key: str, to: str) -> None:
        self.sdk.copy_object(COS_BUCKET, to, {"Bucket": COS_BUCKET, "Key": key, "Region": self.region})

    def delete(self, key: str) -> None:
        self.sdk.delete_object(COS_BUCKET, key)


class Job:
    """A running emulator with the functions, a user of one cloud, and the ledger of the functions."""

    def __init__(self, emulator: DemoEmulator, user: OssUser | CosUser, ledger: Ledger) -> None:
        self.emulator, self.user, self.ledger = emulator, user, ledger
        self.put, self.tags = user.put, user.tags

    def settle(self) -> None:
        """Wait until every event has been handled."""
        assert self.emulator.settle() == []

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.user.uri[:3], self.user.bucket, key)

    def record(self, key: str) -> ImageRecord | None:
        row = self.ledger.row(self.ref(key))
        return row.record if row is not None else None

    def labels(self, key: str) -> dict[str, float]:
        record = self.record(key)
        assert record is not None, key
        return {label.id: label.confidence for label in record.labels}


class Unhurried(DemoEmulator):
    """Its functions may take as long as they need on a busy machine. One that is stopped runs again."""

    def functions(self) -> list[dict[str, Any]]:
        return [each | {"timeout": 600} for each in super().functions()]


@contextmanager
def jobs(folder: Path, language: str = "zh-Hans", **stack: str) -> Iterator[dict[str, Job]]:
    """Yield the job of each cloud. Both share one emulator and one index."""
    port = free_port()
    with Unhurried(port, folder, "--label-language", language, **stack) as emulator:
        assert emulator.ready()
        users: dict[str, OssUser | CosUser] = {"aliyun": OssUser(port), "tencent": CosUser(port)}
        ledger = wiring.index(emulator.index, emulator.settings).ledger()
        try:
            yield {cloud: Job(emulator, user, ledger) for cloud, user in users.items()}
        finally:
            for user in users.values():
                user.close()


@pytest.fixture(scope="module", params=["tablestore and imm", "sqlite and image/labels"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    folder = tmp_path_factory.mktemp("job")
    plain = {"index": f"sqlite:///{folder / 'labels.db'}", "detector": "oss"}
    with jobs(folder, **(plain if request.param.startswith("sqlite") else {})) as started:
        yield started


@pytest.fixture(params=["aliyun", "tencent"])
def running(request: pytest.FixtureRequest, both: dict[str, Job]) -> Job:
    return both[request.param]


@pytest.fixture(scope="module")
def detected() -> dict[str, dict[str, Any]]:
    """The output of `imagelabels detect` for the file of each photo."""
    return detect()


def detect(*arguments: str) -> dict[str, dict[str, Any]]:
    command = [
        sys.executable,
        "-m",
        "imagelabels",
        "detect",
        "--format",
        "json",
        *arguments,
        *map(str, PHOTOS),
    ]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {Path(line["path"]).name: line for line in map(json.loads, output.splitlines())}


def test_each_photo_gets_the_labels_that_detect_gives_its_file_and_the_tags_that_its_row_names(
    both: dict[str, Job], detected: dict[str, dict[str, Any]]
) -> None:
    running = both["aliyun"]
    for path in PHOTOS:
        running.put(path.name, path.read_bytes())
    running.settle()
    for path in PHOTOS:
        answer = detected[path.name]
        record = running.record(path.name)
        assert record is not None
        assert running.labels(path.name) == {label["id"]: label["confidence"] for label in answer["labels"]}
        assert {label.id: label.name for label in record.labels} == {
            label["id"]: label["name"] for label in answer["labels"]
        }
        assert (record.width, record.height) == (answer["width"], answer["height"])
        assert running.tags(path.name) == record.tags_written
    assert "cat" in running.labels("chelsea.png")


def test_each_photo_on_cos_gets_the_leaves_that_detect_gives_its_file_and_the_categories_above_them(
    both: dict[str, Job],
) -> None:
    running, everything = both["tencent"], detect("--threshold", "0")
    for path in PHOTOS:
        running.put(path.name, path.read_bytes())
    running.settle()
    for path in PHOTOS:
        record, answer = running.record(path.name), everything[path.name]["labels"]
        assert record is not None
        things = {label["id"]: round(label["confidence"] * 100) / 100 for label in answer if label["level"] == 3}
        sure = {label_id: confidence for label_id, confidence in things.items() if confidence >= 0.3}
        assert {label.id: label.confidence for label in record.labels if label.level == 3} == sure
        above = {label.id for label in record.labels if label.level < 3}
        # People, graphics, indoors and outdoors have no things below them in an answer, and no label that is as sure.
        below: dict[str, list[dict[str, Any]]] = {}
        for label in answer:
            below.setdefault(label["parent_name"], []).append(label)
        alone = {
            label["id"]
            for label in answer
            if label["level"] < 3
            and label["confidence"] >= 0.3
            and all(
                each["level"] < 3 and each["name"] not in below and each["confidence"] < label["confidence"]
                for each in below.get(label["name"], [])
            )
        }
        assert above == alone | {ancestor for leaf in (*sure, *alone) for ancestor in record.ancestors.get(leaf, ())}
        assert running.tags(path.name) == record.tags_written
    assert {"cat", "mammal"} <= running.labels("chelsea.png").keys()
    assert running.labels("astronaut.jpg")["person"] >= 0.9


def test_two_photos_with_swapped_names_swap_labels(running: Job) -> None:
    cat, coffee = (HERE / "photos" / name for name in ("chelsea.png", "coffee.png"))
    running.put("first.png", cat.read_bytes())
    running.put("second.png", coffee.read_bytes())
    running.settle()
    first = running.labels("first.png"), running.labels("second.png")
    running.put("first.png", coffee.read_bytes())
    running.put("second.png", cat.read_bytes())
    running.settle()
    assert (running.labels("second.png"), running.labels("first.png")) == first
    assert running.tags("second.png").items() >= {"label:cat": "mammal"}.items()
    assert running.tags("first.png").items() >= DRINK.items()
    assert "label:cat" not in running.tags("first.png")


def test_the_function_runs_in_a_process_of_its_own(running: Job) -> None:
    running.put("own.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    processes = running.emulator.control(f"functions/{running.user.function}")["processes"]
    pids = {process["pid"] for process in processes}
    assert pids
    assert running.emulator.process.pid not in pids
    assert os.getpid() not in pids


def test_keys_of_every_kind_are_labelled(running: Job) -> None:
    cat = (HERE / "photos" / "chelsea.png").read_bytes()
    keys = [*ODD_KEYS, "k" * (running.user.longest_key - 4) + ".jpg"]
    for key in keys:
        running.put(key, cat)
    running.settle()
    for key in keys:
        assert "cat" in running.labels(key), key
        assert running.tags(key).items() >= {"label:cat": "mammal"}.items(), key


def test_the_users_own_tags_stay_through_upload_and_overwrite(running: Job) -> None:
    cat, coffee = ((HERE / "photos" / name).read_bytes() for name in ("chelsea.png", "coffee.png"))
    mine = {"label:cat": "mine", "label:summer": "1", "trip": "a b"}
    running.user.put_tagged("mine.png", cat, mine)
    running.settle()
    first = running.tags("mine.png")
    assert first.items() >= (mine | {"label:mammal": "mammal"}).items()
    record = running.record("mine.png")
    assert record is not None
    assert "tag_taken" in record.notes
    assert first == mine | record.tags_written
    running.user.put_tagged("mine.png", coffee, mine)
    running.settle()
    record = running.record("mine.png")
    assert record is not None
    assert record.tags_written.items() >= DRINK.items()
    assert "label:mammal" not in record.tags_written
    assert running.tags("mine.png") == mine | record.tags_written


def test_a_copy_takes_its_tags_along_costs_nothing_and_a_removal_removes_the_row(running: Job) -> None:
    running.put("original.png", (HERE / "photos" / "camera.png").read_bytes())
    running.settle()
    running.user.copy("original.png", "copy.png")
    running.settle()
    assert running.labels("copy.png") == running.labels("original.png")
    assert running.tags("copy.png") == running.tags("original.png")
    (line,) = running.ledger.history(running.ref("copy.png"))
    assert line.paid_calls == 0
    running.user.delete("copy.png")
    running.settle()
    assert running.record("copy.png") is None


def test_what_is_no_picture_is_skipped_with_its_reason_and_no_detector_is_called(running: Job) -> None:
    picture = (HERE / "photos" / "china.jpg").read_bytes()
    odd = {
        "words.jpg": (b"only words, called a picture", "not_image"),
        "nothing.jpg": (b"", "empty"),
        "album/": (b"", "folder_marker"),
        "huge.png": (bomb(), "too_many_pixels"),
        "moving.gif": (b"GIF89a\x10\x00\x10\x00\x80\x00\x00" + b"\x00" * 40, "unsupported_format"),
        "half.jpg": (picture[: len(picture) // 2], "corrupt"),
        "large.jpg": (picture + b"\x00" * (running.user.largest_picture + 1 - len(picture)), "too_large"),
    }
    for key, (data, _) in odd.items():
        running.put(key, data)
    running.settle()
    results = {key: (record.state, record.reason) for key in odd if (record := running.record(key))}
    assert results == {key: ("skipped", why) for key, (_, why) in odd.items()}


def test_a_picture_made_to_hang_the_function_is_skipped_at_once_and_hurts_no_other(running: Job) -> None:
    """The file has comments that a naive pattern would match in a huge number of ways. A good photo is beside it."""
    hostile = b"<!---->" * 40 + b"\n"
    assert len(hostile) == 281
    name = running.user.function
    before = running.emulator.control(f"functions/{name}")["invocations"]
    running.put("evil.jpg", hostile)
    running.put("beside-evil.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    record = running.record("evil.jpg")
    assert record is not None
    assert (record.state, record.reason) == ("skipped", "not_image")
    assert running.labels("beside-evil.png").keys() >= {"mammal", "cat"}
    assert len(running.ledger.history(running.ref("evil.jpg"))) == 1
    # Writing tags starts no event, so each picture took one invocation and no retry.
    assert running.emulator.control(f"functions/{name}")["invocations"] == before + 2


def bomb() -> bytes:
    """Return a small PNG that claims to have 30,000 by 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 100_000)) + chunk(b"IEND", b"")


def uris_found(emulator: DemoEmulator, *words: str) -> set[str]:
    """Return the URIs that `imagelabels search` prints."""
    arguments = ("search", *words, "--format", "json", "--limit", "1000")
    output = emulator.imagelabels(*arguments, capture_output=True, text=True).stdout
    return {json.loads(line)["uri"] for line in output.splitlines()}


def test_search_finds_what_was_uploaded_by_category_and_in_both_languages(running: Job) -> None:
    running.put("found.png", (HERE / "photos" / "chelsea.png").read_bytes())
    running.settle()
    for word in ("mammal", "cat", "Mammals", "哺乳动物"):
        assert running.ref("found.png").uri in uris_found(running.emulator, word), word


def test_tags_are_the_same_whatever_language_the_services_answer_in(both: dict[str, Job], tmp_path: Path) -> None:
    with jobs(tmp_path, "en") as english:
        every = [*both.items(), *english.items()]
        for path, (_, job) in itertools.product(PHOTOS, every):
            job.put(path.name, path.read_bytes())
        for _, job in every:
            job.settle()
        for path, (cloud, job) in itertools.product(PHOTOS, both.items()):
            assert english[cloud].tags(path.name) == job.tags(path.name)
            assert english[cloud].labels(path.name) == job.labels(path.name)


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


def logged(running: Job) -> list[dict[str, Any]]:
    """Return the lines that the function has logged until now."""
    path = running.emulator.data / "emulator" / "functions" / f"{running.user.function}.log"
    if not path.exists():
        return []
    # The platform writes the time and the request before each line.
    lines = [line[line.index("{") :] for line in path.read_text(encoding="utf-8").splitlines() if "{" in line]
    return [json.loads(line) for line in lines if '"service":"imagelabels"' in line]


def deliver(running: Job, key: str) -> None:
    """Deliver an event that names a key, and a record that is no event, as the platform would."""
    if running.user.uri.startswith("oss"):
        there = {"bucket": {"name": OSS_BUCKET}, "object": {"key": key}}
        event: dict[str, Any] = {"events": [{"eventName": "ObjectCreated:PutObject", "oss": there}, {}]}
    else:
        name, _, appid = COS_BUCKET.rpartition("-")
        bucket = {"name": name, "appid": appid, "region": "gz"}
        cos = {"cosBucket": bucket, "cosObject": {"key": f"/{appid}/{name}/{key}"}}
        event = {"Records": [{"event": {"eventName": "cos:ObjectCreated:Put"}, "cos": cos}, {}]}
    address = f"{running.emulator.address}/_emulator/functions/{running.user.function}/invoke"
    with urllib.request.urlopen(urllib.request.Request(address, data=json.dumps(event).encode())):
        pass


def test_the_log_has_the_fields_that_the_docs_list_whatever_became_of_the_record(running: Job) -> None:
    cat, before = (HERE / "photos" / "chelsea.png").read_bytes() + b"logged", len(logged(running))
    for key, data in (("logged.png", cat), ("logged.png", cat), ("logged.jpg", b"no picture")):
        running.put(key, data)
        running.settle()
    deliver(running, "logged.png")
    running.user.delete("logged.png")
    running.settle()
    lines = logged(running)
    assert [complaint for line in lines for complaint in wrong(line)] == []
    records = [line for line in lines[before:] if "state" in line]
    states = ["labelled", "labelled", "skipped", "unchanged", "failed", "removed"]
    assert [line["state"] for line in records] == states
    first, again = records[:2]
    assert first["paid_calls"] == first["calls_detector"] == 1
    assert again["paid_calls"] == again["calls_detector"] == 0
    assert first["model"]
    assert first["ms"] >= first["ms_detect"] >= 0
    starts = [line for line in lines if line["message"] == "cold start"]
    assert starts
    assert all(line["ms_import"] >= 0 and line["ms_open"] >= 0 for line in starts)
    assert sum(line.get("cold", 0) for line in lines) == len(starts)


@pytest.mark.parametrize(
    ("cloud", "event", "place"),
    [
        ("aliyun", b'{"events":[{"eventName":"ObjectCreated:PutObject"}]}', "events[0]"),
        ("tencent", b'{"Records":[{"event":{"eventName":"cos:ObjectCreated:Put"}}]}', "Records[0]"),
    ],
)
def test_an_event_that_is_none_is_recorded_and_not_retried(
    both: dict[str, Job], cloud: str, event: bytes, place: str
) -> None:
    running = both[cloud]
    address = f"{running.emulator.address}/_emulator/functions/{running.user.function}/invoke"
    with urllib.request.urlopen(urllib.request.Request(address, data=event)) as answer:
        assert not [name for name in answer.headers if name.endswith("Error-Type")]
        (record,) = json.load(answer)["records"]
    assert (record["state"], record["reason"]) == ("failed", "bad_event")
    assert place in record["message"]


def test_the_demo_fails_and_says_why_when_the_model_is_gone(tmp_path: Path) -> None:
    environ = os.environ | {"IMAGELABELS_MODEL": str(tmp_path / "nowhere.onnx")}
    port = free_port()
    command = [sys.executable, "-m", "demo", "--port", str(port), "--data", str(tmp_path / "demo")]
    done = subprocess.run(command, cwd=HERE, env=environ, capture_output=True, text=True)
    assert done.returncode == 1
    assert "nowhere.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_secret_is_refused_and_leaves_nothing(both: dict[str, Job]) -> None:
    port = both["aliyun"].emulator.port
    strangers: tuple[DemoBucket, ...] = OssBucket(OSS_BUCKET, port, "wrong"), CosBucket(COS_BUCKET, port, "wrong")
    for stranger, refusal in zip(strangers, (oss2.exceptions.SignatureDoesNotMatch, CosServiceError), strict=True):
        with pytest.raises(refusal, match="SignatureDoesNotMatch"):
            stranger.put("stranger.jpg", b"x")
        stranger.close()
    users = both["aliyun"].user, both["tencent"].user
    assert not users[0].sdk.object_exists("stranger.jpg")
    assert not users[1].sdk.object_exists(COS_BUCKET, "stranger.jpg")


def test_one_search_finds_the_same_photo_in_both_clouds(both: dict[str, Job]) -> None:
    for job in both.values():
        job.put("twins/cat.png", (HERE / "photos" / "chelsea.png").read_bytes())
    for job in both.values():
        job.settle()
    uris = uris_found(both["aliyun"].emulator, "animals")
    assert {job.ref("twins/cat.png").uri for job in both.values()} <= uris


def test_a_new_picture_costs_twelve_calls_five_of_them_to_the_index_and_the_same_again_no_detection(
    both: dict[str, Job],
) -> None:
    running = both["aliyun"]
    new = (HERE / "photos" / "rocket.jpg").read_bytes() + b"never seen before"
    detection = "IMM DetectImageLabels" if running.emulator.detector == "imm" else "OSS GET object?x-oss-process"
    store = {
        "OSS PUT object": 1,  # this is the user's upload
        "OSS HEAD object": 3,
        "OSS GET object": 1,
        "OSS GET object?tagging": 1,
        "OSS PUT object?tagging": 1,
    }
    index = {"Tablestore UpdateRow": 3, "Tablestore PutRow": 1, "Tablestore BatchWriteRow": 1}
    assert calls(running, "new.jpg", new) == store | {detection: 1} | (index if detection.startswith("IMM") else {})
    (line,) = [line for line in logged(running) if line.get("uri") == running.ref("new.jpg").uri]
    told = {kind: line[f"calls_{kind}"] for kind in ("store", "tags", "index", "detector")}
    if "ms_wait_new" in line:
        told["store"] -= 1  # The picture was less than a second old, so it was looked at once more.
    assert told == {"store": 4, "tags": 2, "index": 5, "detector": 1}
    again = calls(running, "again.jpg", new)
    assert detection not in again
    assert again["OSS HEAD object"] == 3
    assert running.tags("again.jpg") == running.tags("new.jpg") != {}


def calls(running: Job, key: str, data: bytes) -> dict[str, int]:
    """Return how often each operation was called for one upload.

    A picture that is less than a second old when the detector would be called is looked at once more. This depends on
    the speed of the machine, so this look is not counted.
    """
    running.settle()
    before = running.emulator.control("calls")
    running.put(key, data)
    running.settle()
    after = running.emulator.control("calls")
    numbers = {name: count - before.get(name, 0) for name, count in after.items() if count > before.get(name, 0)}
    if numbers.get("OSS HEAD object") == 4:
        numbers["OSS HEAD object"] = 3
    return numbers
