"""These tests run why, correct, relabel and undo on both clouds, as a user does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.clouds import KEY, CosBucket
from demo.emulated import HERE
from imagelabels import wiring
from imagelabels.cli.main import main
from tests.test_main_job import Job, jobs, uris_found

pytestmark = pytest.mark.story

CAT = (HERE / "photos" / "chelsea.png").read_bytes()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    with jobs(tmp_path_factory.mktemp("trust"), language="en") as started:
        yield started


@pytest.fixture(params=["aliyun", "tencent"])
def running(request: pytest.FixtureRequest, both: dict[str, Job]) -> Job:
    return both[request.param]


class Person:
    """A person who runs commands with the function's settings and own keys. Nothing is cached between commands."""

    def __init__(self, running: Job, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        address = running.emulator.address
        self._environ = running.emulator.settings | {"IMAGELABELS_LANGUAGE": "en"}
        if running.user.uri.startswith("oss"):
            self._environ |= {"IMAGELABELS_ENDPOINT_OSS": address, "IMAGELABELS_ENDPOINT_IMM": address}
            self._environ |= {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}
        else:
            self._environ |= {"IMAGELABELS_ENDPOINT_COS": address, "TENCENTCLOUD_REGION": CosBucket.region}
            self._environ |= {"TENCENTCLOUD_SECRETID": KEY, "TENCENTCLOUD_SECRETKEY": KEY}

    def __call__(self, *arguments: str, **more: str) -> list[Any]:
        """Return the lines that are printed, read as JSON."""
        with self._monkeypatch.context() as patch:
            for name, value in (self._environ | more).items():
                patch.setenv(name, value)
            self._forget()
            assert main([*arguments, "--format", "json"]) == 0
            self._forget()
        printed = self._capsys.readouterr()
        assert printed.err == ""
        return [json.loads(line) for line in printed.out.splitlines()]

    def _forget(self) -> None:
        wiring._built.cache_clear()


@pytest.fixture
def person(running: Job, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(running, capsys, monkeypatch)


def detections(running: Job) -> int:
    calls = running.emulator.control("calls")
    return sum(count for name, count in calls.items() if "DetectImageLabels" in name or "ci-process" in name)


def test_a_picture_is_explained_corrected_relabelled_and_undone_and_no_detector_is_called_again(
    running: Job, person: Person
) -> None:
    for key in ("trust/cat.png", "trust/狗 1.png", "apart.png"):
        running.user.put_tagged(key, CAT, {"trip": "a b"})
    running.settle()
    calls_before, tags_before = detections(running), running.tags("apart.png")
    assert calls_before > 0
    uri, prefix = f"{running.user.uri}/trust/cat.png", f"{running.user.uri}/trust/"

    (why,) = person("why", uri)
    assert why["tags_ours"] | why["tags_yours"] == running.tags("trust/cat.png")
    assert why["tags_yours"] == {"trip": "a b"}
    assert {one["id"] for one in why["explained"] if one["kept"]} == running.labels("trust/cat.png").keys()
    assert (why["policy_changed"], why["same_content"], why["answer"]["error"]) == (False, True, None)

    (said,) = person("correct", uri, "--not", "cat", "--add", "my boat")
    assert "cat" not in [label["id"] for label in said["labels"]]
    assert running.labels("trust/cat.png")["user:my boat"] == 1.0
    assert running.tags("trust/cat.png")["label:user:my boat"] == "user"
    assert uri in uris_found(running.emulator, "my boat")

    foreseen, done = person("relabel", prefix, "--yes", IMAGELABELS_THRESHOLD="0.999")
    assert foreseen["changed"] == done["written"] == 2
    assert foreseen["no_answer"] == 0
    assert running.labels("trust/cat.png") == {"user:my boat": 1.0}
    assert running.tags("trust/cat.png") == {"trip": "a b", "label:user:my boat": "user"}
    assert running.tags("trust/狗 1.png") == {"trip": "a b"}

    (dry,) = person("undo", prefix, "--dry-run")
    (undone,) = person("undo", prefix, "--yes")
    assert dry | {"foreseen": False} == undone
    assert (undone["undone"], undone["tags"], undone["rows"]) == (2, 1, 2)
    for key in ("trust/cat.png", "trust/狗 1.png"):
        assert (running.tags(key), running.record(key)) == ({"trip": "a b"}, None)
    assert running.tags("apart.png") == tags_before
    assert detections(running) == calls_before
