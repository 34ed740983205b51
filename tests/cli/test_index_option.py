"""Every command that reads or writes rows takes --index, whose default is IMAGELABELS_INDEX."""

from __future__ import annotations

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
