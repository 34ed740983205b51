"""The message of the emulator where its packages are not installed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import topics
from emulator.needed import missing

ROOT = Path(__file__).parents[2]


def test_the_packages_that_are_not_there_are_told_from_those_that_are() -> None:
    assert missing(["json", "no_such_package", "no_such_parent.child"]) == ["no_such_package", "no_such_parent.child"]
    assert missing() == []


def test_without_its_packages_the_emulator_says_one_line_instead_of_a_stack_trace() -> None:
    # With -S there are no site-packages, and with -E no folders from the environment.
    command = [sys.executable, "-E", "-S", "-m", "emulator", "up", "--help"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "aiohttp" in line
    assert ".venv/bin/python" in line
    assert "pip wheel --no-deps" in line
    assert "-py3-none-any.whl[embedded,emulator]'" in line


def test_without_its_packages_the_emulator_would_not_even_show_its_help() -> None:
    command = [sys.executable, "-E", "-S", "-m", "emulator", "help"]
    for topic in ("", "functions"):
        ended = subprocess.run([*command, *filter(None, [topic])], cwd=ROOT, capture_output=True, text=True)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert ended.stdout == (topics.text(topic) if topic else topics.overview("python -m emulator"))


@pytest.mark.parametrize("program", [["-m", "emulator"], ["-c", "from emulator.__main__ import main; main()"]])
def test_ctrl_c_while_the_emulator_imports_its_modules_shows_no_stack_trace(tmp_path: Path, program: list[str]) -> None:
    (tmp_path / "fastcrc.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, *program, "up", "--data", str(tmp_path / "data")]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_ctrl_c_after_the_import_raises_what_it_did_before() -> None:
    import emulator.__main__  # noqa: F401

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
