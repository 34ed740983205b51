"""What an emulator that nobody uses yet has in memory, and how several of them live on one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import oss2
import pytest

from tests.emulator.test_main import ROOT, Emulator, command, refused, up

__all__ = ["command"]
HEAVY = {
    *("PIL", "alibabacloud_tea_openapi", "boto3", "botocore", "cryptography", "flask", "imagelabels", "moto", "numpy"),
    *("onnxruntime", "oss2", "pydantic", "qcloud_cos", "requests", "setuptools", "tablestore", "yaml"),
}
"""Packages that take time and memory. The emulator needs Pillow when it processes a picture, and none of the others."""


def modules(tmp_path: Path) -> set[str]:
    """Return the modules that an emulator loads until it is ready with both clouds and waits for the first request."""
    arguments = ["up", "--port", "0", "--data", str(tmp_path / "data"), "--bucket", "photos"]
    command = [sys.executable, "-X", "importtime", "-m", "emulator", *arguments, "--cos-bucket", "photos-1250000000"]
    said = tmp_path / "said"
    with (
        said.open("wb") as file,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=file, text=True) as process,
    ):
        assert process.stdout is not None
        ready = process.stdout.readline()
        process.terminate()
    assert ready.startswith("ready on "), said.read_text()
    return set(re.findall(r"^import time:.*\| +(\S+)$", said.read_text(), re.MULTILINE))


@pytest.mark.story
def test_an_idle_emulator_would_have_loaded_what_few_users_need(tmp_path: Path) -> None:
    loaded = modules(tmp_path)
    assert "emulator.tencent.cos.service" in loaded
    assert sorted(loaded & set(HEAVY)) == []


@pytest.mark.story
def test_an_idle_emulator_would_run_a_detector(tmp_path: Path) -> None:
    with up([sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(tmp_path)]) as emulator:
        children = Path(f"/proc/{emulator.process.pid}/task/{emulator.process.pid}/children")
        assert children.read_text() == ""
        assert emulator.stop() == 0


@pytest.mark.story
def test_two_emulators_would_disturb_each_other(tmp_path: Path, command: list[str]) -> None:
    other = [str(tmp_path / "other") if part == str(tmp_path / "data") else part for part in command]
    with up(command) as first, up(other) as second:
        assert first.url != second.url
        _put(first, b"one")
        _put(second, b"two")
        assert (_got(first), _got(second)) == (b"one", b"two")
        assert first.stop() == 0
        assert _got(second) == b"two"


@pytest.mark.story
def test_a_second_emulator_would_start_on_a_folder_that_is_in_use(tmp_path: Path, command: list[str]) -> None:
    with up(command) as emulator:
        status, said = refused(command)
        assert (status, said) == (
            1,
            f"emulator: the data folder {tmp_path / 'data'} is in use by another emulator (process"
            f" {emulator.process.pid}): stop that one, or choose another folder with --data\n",
        )
        _put(emulator, b"one")
        assert _got(emulator) == b"one"


def _put(emulator: Emulator, body: bytes) -> None:
    with emulator.bucket() as bucket:
        bucket.put_object("a", body)


def _got(emulator: Emulator) -> bytes:
    with emulator.bucket() as bucket:
        answer: oss2.models.GetObjectResult = bucket.get_object("a")
        return bytes(answer.read())
