"""Every command that reads or writes rows takes --index, whose default is IMAGELABELS_INDEX."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from imagelabels.cli.main import main

KEYS = ("FC_REGION", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
COMMANDS = [
    ["why", "oss://photos/a.jpg"],
    ["correct", "oss://photos/a.jpg", "--add", "dog"],
    ["relabel", "oss://photos/", "--dry-run"],
    ["undo", "oss://photos/", "--dry-run"],
    ["reconcile", "oss://photos/"],
    ["redrive", "oss://photos/", "--dry-run"],
    ["backfill", "oss://photos/", "--dry-run"],
    ["backfill", "oss://photos/", "--yes"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_would_work_on_the_index_of_the_settings_though_another_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMAGELABELS_INDEX", "sqlite:///there.db")
    for name in KEYS:
        monkeypatch.setenv(name, "cn-hangzhou")
    assert main(["index", "create"]) == 0
    files = sorted(os.listdir())
    assert main([*command, "--index", "sqlite:///named.db"]) == 2
    assert "named.db" in capsys.readouterr().err
    assert sorted(os.listdir()) == files, "a mistyped name makes no file"


@pytest.mark.parametrize("command", [*COMMANDS, ["search", "dog"]], ids=" ".join)
def test_a_command_would_work_on_the_index_of_the_settings_though_an_unset_variable_was_named(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", "sqlite:///there.db")
    for empty in ("", " "):
        assert main([*command, "--index", empty]) == 2
        assert "argument --index: the text is empty: name an index" in capsys.readouterr().err


def test_an_index_of_another_folder_would_go_on_with_the_checkpoint_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    undo = ["undo", f"file://{tmp_path}/", "--yes", "--index", "sqlite:///photos.db"]
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert main(["index", "create", *undo[3:]]) == 0
    assert main(undo) == 0
    (checkpoint,) = (tmp_path / "state").rglob("undo-*.json")
    unfinished = json.loads(checkpoint.read_text()) | {"finished": False, "position": f"{str(tmp_path)[1:]}/z"}
    checkpoint.write_text(json.dumps(unfinished))
    monkeypatch.chdir(tmp_path / "a")
    assert main(undo) == 0
    assert "going on" not in capsys.readouterr().err, "it is the index of b that goes on"
    monkeypatch.chdir(tmp_path / "b")
    assert main([*undo[:-1], f"sqlite:///{tmp_path}/b/photos.db"]) == 0
    assert "going on" in capsys.readouterr().err, "one index is the same by each of its paths"
