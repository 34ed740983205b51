"""`imagelabels package`: what cannot be made is refused in words, and each missing library names its extra."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from imagelabels.cli.main import main


def test_a_python_that_the_cloud_lacks_is_refused_with_those_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "tencent", "--runtime", "python3.12"]) == 2
    assert "tencent has no runtime 'python3.12': use python3.10" in capsys.readouterr().err


def test_a_cloud_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "aws"]) == 2
    err = capsys.readouterr().err
    assert "aws" in err
    assert "aliyun" in err


def test_an_out_that_is_a_file_is_refused_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dist").write_text("mine")
    assert main(["package", "aliyun", "--out", str(tmp_path / "dist")]) == 2
    assert "is a file, but a folder is needed" in capsys.readouterr().err
    assert (tmp_path / "dist").read_text() == "mine"


def test_an_interpreter_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "aliyun", "--out", str(tmp_path), "--python", str(tmp_path / "python3.10")]) == 2
    assert "cannot be started as a Python interpreter: name another with --python" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--recall", "more"], ["--faces", "on"]])
def test_a_network_that_the_detector_never_asks_would_be_left_out_without_a_word(
    option: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["package", "aliyun", *option, "--out", str(tmp_path)]) == 2
    assert "--recall and --faces are for --detector embedded" in capsys.readouterr().err


def test_a_library_that_is_missing_names_the_extra_that_brings_it() -> None:
    program = "import sys; sys.modules['elftools'] = None; from imagelabels.cli.main import main; sys.exit(main())"
    environ = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program, "package", "aliyun"], env=environ, capture_output=True)
    assert done.returncode == 2
    assert b"pip install 'imagelabels[deploy]'" in done.stderr
