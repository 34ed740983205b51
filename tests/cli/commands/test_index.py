"""`imagelabels index`: a database is made, made again, and brought up to date."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from imagelabels.cli.main import main
from imagelabels.providers import sqlite
from tests.contract.samples import put, record
from tests.providers.sqlite.test_migration import ROWS, SAMPLE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.db"


def test_an_index_is_made_once_and_left_alone_the_second_time(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", "create", "--index", f"sqlite:///{path}"]) == 0
    put(sqlite.open_ledger(path), record())
    assert main(["index", "create", "--index", f"sqlite:///{path}"]) == 0
    assert capsys.readouterr().out == "the index is there\n" * 2
    assert main(["search", "dog", "--index", f"sqlite:///{path}"]) == 0
    assert "summer/dog.jpg" in capsys.readouterr().out


def test_the_index_of_the_settings_is_the_one_that_is_made(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGELABELS_INDEX", f"sqlite:///{path}")
    assert main(["index", "create"]) == 0
    assert path.exists()


def test_an_old_index_is_refused_until_it_was_migrated(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SAMPLE.read_text(encoding="utf-8"))
    url = f"sqlite:///{path}"
    assert main(["search", "--index", url]) == 2
    assert "imagelabels index migrate" in capsys.readouterr().err
    assert main(["index", "migrate", "--index", url]) == 0
    assert capsys.readouterr().out == f"the index is up to date: {ROWS} rows were written\n"
    assert main(["index", "migrate", "--index", url]) == 0
    assert capsys.readouterr().out == "the index is up to date: 0 rows were written\n"
    assert main(["search", "mammals", "--index", url]) == 0
    assert "husky.jpg" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["create", "migrate"])
def test_a_place_where_no_index_can_be_is_a_message_and_status_2(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", command, "--index", f"sqlite:///{tmp_path}/nowhere/x.db"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "is not a folder" in printed.err
