"""What all commands have in common: how they end."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from imagelabels import cli, cli_detect
from tests.model import PHOTOS, model_path

PHOTO = str(PHOTOS / "rocket.jpg")


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.mark.parametrize("command", ["detect", "search"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    assert f"usage: imagelabels {command}" in capsys.readouterr().out


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_a_missing_package_is_named_instead_of_a_stack_trace(
    model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "rich.console", None)
    assert cli.main(["detect", PHOTO, "--model", str(model), "--format", "table"]) == 2
    said = f"rich.console is missing: {shlex.quote(sys.executable)} -m pip install 'imagelabels[cli,embedded]'\n"
    assert said in capsys.readouterr().err


def test_a_missing_package_of_a_cloud_is_named_with_that_clouds_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "imagelabels.providers.aliyun.label_index", raising=False)
    monkeypatch.setitem(sys.modules, "tablestore", None)
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.setenv(name, "some")
    monkeypatch.setenv("FC_REGION", "cn-hangzhou")
    assert cli.main(["search", "--index", "tablestore://instance"]) == 2
    assert "pip install 'imagelabels[aliyun]'" in capsys.readouterr().err


def test_a_terminal_without_chinese_gets_escapes_instead_of_a_stack_trace(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="ascii"))
    assert cli.main(["detect", PHOTO, "--model", str(model), "--language", "zh-Hans"]) == 0
    assert rb"\u98de\u884c\u5668" in out.getvalue()


def test_ctrl_c_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_detect, "_in_order", interrupt)
    assert cli.main(["detect", PHOTO]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_has_seen_enough_ends_us_quietly(model: Path) -> None:
    photos = [PHOTO] * 24
    command = [sys.executable, "-m", "imagelabels.cli", "detect", "--threshold", "0", "--model", str(model), *photos]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.wait() == 141
        assert running.stderr.read() == b""
