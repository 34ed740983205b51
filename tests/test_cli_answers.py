"""What people see on a terminal."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

import pytest

from imagelabels import cli
from tests.model import PHOTOS, model_path


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_path(tmp_path_factory)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_people_get_a_table_with_colour_and_a_bar_on_long_work(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Terminal(), Terminal()
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    for number in range(12):
        shutil.copy(PHOTOS / "rocket.jpg", tmp_path / f"{number}.jpg")
    (tmp_path / "text").write_text("no picture")
    assert cli.main(["detect", "--model", str(model), str(tmp_path)]) == 1
    assert "Rockets and missiles" in out.getvalue()
    assert "\x1b[31mnot_image" in out.getvalue()
    assert "labelling" in err.getvalue()
    assert "labelling" not in out.getvalue()
