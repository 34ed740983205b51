"""These tests start the emulator by the commands of its README, and run the programs that are shown there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import shown
from tests.emulator.test_main import ROOT, Emulator, up

README = ROOT / "emulator" / "README.md"
_BLOCK = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
PRINTED = {"oss2": "hello\n", "qcloud_cos": "hello\n", "tablestore": "('born', 1815)\n", "alibabacloud_fc": "seen\n"}
"""What each program prints, by the package that it imports."""


def blocks(language: str) -> list[str]:
    """Return the texts of the code blocks of this language."""
    found = _BLOCK.finditer(README.read_text("utf-8"))
    return [match["text"] for match in found if match["language"] == language]


def programs() -> dict[str, str]:
    """Return the programs by the package that each imports."""
    found = {
        name: text
        for text in blocks("python")
        for name in PRINTED
        if f"from {name}" in text or f"import {name}" in text
    }
    assert found.keys() == PRINTED.keys()
    return found


def starts() -> list[list[str]]:
    """Return the commands that start the emulator."""
    return [line.text.split() for line in shown.in_blocks(README.read_text("utf-8")) if " up " in line.text]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the files that the README shows under their names."""
    (file,) = [text for text in blocks("python") if text.startswith("# hello/index.py\n")]
    (listed,) = blocks("json")
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "index.py").write_text(file)
    (tmp_path / "functions.json").write_text(listed)
    return tmp_path


def started(command: list[str], folder: Path) -> list[str]:
    """Return a command of the README with the interpreter of this test, in that folder, on a free port."""
    assert command[:4] == ["python", "-m", "emulator", "up"]
    named = [str(folder / word) if word in ("state", "functions.json") else word for word in command[4:]]
    return [sys.executable, "-m", "emulator", "up", *named, "--port", "0"]


@pytest.fixture
def emulator(folder: Path) -> Iterator[Emulator]:
    first, second = starts()
    assert first[-2:] == ["--cos-bucket", "photos-1250000000"]
    with up(started([*second, *first[-2:]], folder)) as running:
        yield running


def ran(program: str, emulator: Emulator, folder: Path) -> str:
    """Return what a program prints. It goes to the emulator of this test."""
    port = emulator.url.rpartition(":")[2]
    text = program.replace("127.0.0.1:9000", f"127.0.0.1:{port}").replace("Port=9000", f"Port={port}")
    assert port in text
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([sys.executable, "-c", text], cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.story
def test_a_program_of_the_readme_would_not_work(emulator: Emulator, folder: Path) -> None:
    assert {name: ran(text, emulator, folder) for name, text in programs().items()} == PRINTED


@pytest.mark.story
def test_the_function_of_the_readme_would_not_be_started_by_an_upload(emulator: Emulator, folder: Path) -> None:
    with emulator.bucket() as bucket:
        bucket.put_object("a.jpg", b"")
        bucket.put_object("a.png", b"")
    log = folder / "state" / "functions" / "hello.log"
    while "a.jpg" not in (text := log.read_text()):
        time.sleep(0.02)
    assert "ObjectCreated:PutObject a.jpg" in text
    assert "a.png" not in text


@pytest.mark.story
@pytest.mark.parametrize("command", starts(), ids=lambda command: command[-1])
def test_a_command_of_the_readme_would_not_start_the_emulator(command: list[str], folder: Path) -> None:
    with up(started(command, folder)) as emulator:
        assert emulator.control("health")["status"] == "ok"


def test_another_command_of_the_readme_would_fail() -> None:
    text = README.read_text("utf-8")
    helps = [line.text.split() for line in shown.in_blocks(text) if " up " not in line.text]
    assert len(helps) == 3
    for command in helps:
        done = subprocess.run([sys.executable, *command[1:]], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_an_option_of_the_readme_would_not_exist() -> None:
    sentences = _BLOCK.sub("", README.read_text("utf-8"))
    commands = re.findall(r"`(python -m emulator [^`]+)`", sentences)
    assert len(commands) >= 2
    assert [why for text in commands if (why := shown.complaint(shlex.split(text))) is not None] == []
    options = subprocess.run(
        [sys.executable, "-m", "emulator", "up", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    named = set(re.findall(r"`(--[a-z-]+)", sentences)) - {"--no-deps"}
    assert len(named) > 8
    assert {name for name in named if name not in options.stdout} == set()


def test_the_refusal_in_the_readme_would_look_otherwise() -> None:
    (line,) = blocks("text")
    assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} refused OSS GET \S+ 404 NoSuchKey: .+ \[[0-9A-F]{24}\]\n", line)
    assert textwrap.dedent(line) == line
