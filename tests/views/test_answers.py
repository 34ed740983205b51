"""What people see on a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from imagelabels.cli import main as cli
from imagelabels.domain.explain import Explained
from imagelabels.views.answers import Labelled, show_text
from imagelabels.views.printing import cells
from tests.model import PHOTOS, model_path
from tests.site import Terminal


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(12):
        shutil.copy(PHOTOS / "rocket.jpg", tmp_path / f"{number}.jpg")
    (tmp_path / "text").write_text("no picture")
    return tmp_path


def watched(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Stderr as a terminal that has colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    return err


def test_people_get_colour_and_a_bar_on_long_work(model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Terminal(), watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", out)
    assert cli.main(["detect", "--model", str(model), str(folder)]) == 1
    assert "Aircraft and rockets" in out.getvalue()
    assert "\x1b[31m  not_image" in out.getvalue()
    assert "photos/s" in err.getvalue()
    assert "photos/s" not in out.getvalue()


@pytest.mark.parametrize("more", [(), ("--format", "json"), ("--output", "out.jsonl"), ("--index", "sqlite:///x.db")])
def test_the_bar_is_there_wherever_the_answers_go(
    model: Path,
    folder: Path,
    more: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    err = watched(monkeypatch)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    cli.main(["detect", "--model", str(model), str(folder), *more])
    assert "/13  " in err.getvalue()
    assert "photos/s" in err.getvalue()
    assert "photos/s" not in capsys.readouterr().out


@pytest.mark.parametrize("plain", [{"TERM": "dumb"}, {"TERM": ""}, {"NO_COLOR": "1"}])
def test_a_terminal_without_colours_gets_no_codes(
    model: Path, folder: Path, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Terminal(), watched(monkeypatch)
    monkeypatch.setattr(sys, "stdout", out)
    for name, value in plain.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["detect", "--model", str(model), str(folder)]) == 1
    assert "\x1b" not in out.getvalue() + err.getvalue()
    assert "photos/s" in err.getvalue()


@pytest.mark.parametrize("columns", [80, 40])
def test_reasons_are_aligned_and_no_line_is_longer_than_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "COLUMNS", str(columns))
    why = "below threshold 0.9 for cat of rule oss://p/"
    rows = (
        Explained("cat", "cat", "猫", 0.9, True, "kept", "kept", ("label:cat", "mammal")),
        Explained("lynx", "lynx", "Lynxes", 0.5, False, "below_threshold", why, None),
    )
    show_text(Labelled("a.jpg", 1, 1, (), "embedded", rows))
    lines = capsys.readouterr().out.splitlines()
    assert " ".join(why.split()) in " ".join(" ".join(lines).split())
    assert max(cells(line) for line in lines[1:] if "label:cat" not in line) <= columns
    if columns == 80:
        assert lines == [
            "a.jpg",
            "  猫      0.900  kept: label:cat=mammal",
            "  Lynxes  0.500  below threshold 0.9 for cat of rule oss://p/",
        ]
