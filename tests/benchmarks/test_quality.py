"""These tests run the command on a folder of photos, with scripted answers and with the real detector."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import quality, quality_report
from benchmarks.answers import Answered, ask
from imagelabels import wiring_commands
from imagelabels.domain import measured, taxonomy
from imagelabels.domain.errors import Rejected
from imagelabels.domain.model import Detection, Label, Picture
from imagelabels.providers.onnx.detector import EmbeddedDetector
from tests.model import PHOTOS, model_path

KNOWN = taxonomy.load()


class ScriptedDetector(EmbeddedDetector):
    """A detector that answers with the ids and confidences in the picture's file, and refuses an empty file."""

    def __init__(self) -> None:
        super().__init__(Path("none"), 0.1)

    def detect(self, picture: Picture) -> Detection:
        text = picture.read(0, picture.head.size).decode()
        if not text:
            raise Rejected("empty", "the file is empty")
        labels = (line.split() for line in text.splitlines())
        detected = tuple(Label(name, name, "en", 1, None, float(confidence), None) for name, confidence in labels)
        return Detection(detected, "embedded", "scripted", "{}", paid=False)


def report(folder: Path, **photos: tuple[str, str]) -> str:
    """Return the report on photos, which are given as the detector's answer and the true ids."""
    return "\n".join(quality_report.lines(answered(folder, **photos), KNOWN, "scripted"))


def answered(folder: Path, **photos: tuple[str, str]) -> Answered:
    true = {}
    for name, (answer, ids) in photos.items():
        (folder / name).write_text(answer)
        true[folder / name] = frozenset(ids.split())
    return ask(ScriptedDetector(), true, KNOWN)


def test_levels_categories_confidences_and_off_topic_pictures_are_all_told(tmp_path: Path) -> None:
    lines = report(
        tmp_path,
        dog=("mammal 0.9\ndog 0.6", "pug"),
        cat=("mammal 0.8\ndog 0.7", "cat"),
        texture=("vase 0.6\nhome-and-household 0.72", ""),
        refused=("", "person"),
    )
    assert "4 pictures, 0 of them graphics and 1 off-topic" in lines
    assert f"refused: {tmp_path / 'refused'}: the file is empty" in lines
    assert "categories at 0.7: precision 1.000 (0.34 to 1.00) of 2 labels, recall 0.667" in lines
    assert "groups at 0.7: precision 0.000 (0.00 to 0.79) of 1 label, recall 0.000" in lines
    assert "groups at 0.5: precision 0.500" in lines
    assert "categories without surroundings at 0.7: precision 1.000 (0.34 to 1.00) of 2 labels, recall 0.667" in lines
    assert "things at 0.7: precision unknown (no labels), recall 0.000 (0.00 to 0.79) of 1 true id" in lines
    assert "person at 0.7: precision unknown (no labels), recall 0.000" in lines
    assert "\ndog at 0.7: precision 0.000 (0.00 to 0.79) of 1 label, recall 0.000 (0.00 to 0.79) of 1 true id" in lines
    assert "confidence of groups: off by 0.550" in lines
    assert "  0.7 to 0.8: 1 label, mean confidence 0.70, 0.00 of them right" in lines
    assert "off-topic with labels at 0.7: 1 of 1" in lines
    assert f"  {tmp_path / 'texture'}: vase 0.60, home-and-household 0.72" in lines


def test_a_folder_of_off_topic_pictures_only_is_scored_too(tmp_path: Path) -> None:
    lines = report(tmp_path, one=("vase 0.6", ""), two=("vase 0.3", ""))
    assert "off-topic with labels at 0.7: 0 of 2\noff-topic with labels at 0.5: 1 of 2" in lines
    assert "precision" not in lines


def test_graphics_are_told_apart_from_photos_and_what_else_they_get_is_listed(tmp_path: Path) -> None:
    lines = report(
        tmp_path, chart=("graphic 0.9\nchart 0.8", "chart"), collage=("bird 0.9", "graphic"), bird=("bird 0.8", "bird")
    )
    assert "3 pictures, 2 of them graphics and 0 off-topic" in lines
    assert "graphics told as such at 0.7: 0.500 (0.09 to 0.91) of 2 graphics" in lines
    assert "photos called graphics at 0.7: 0 of 1" in lines
    assert f"graphics with labels of photos at 0.7: 1 of 2\n  {tmp_path / 'collage'}: bird 0.90" in lines
    assert "categories at 0.7: precision 1.000 (0.21 to 1.00) of 1 label" in lines


def test_what_is_right_for_nearly_every_photo_flatters_no_figure_that_leaves_it_out(tmp_path: Path) -> None:
    lines = report(
        tmp_path,
        room=("surroundings 0.9\nindoor 0.9\nfurniture 0.8", "indoor"),
        bird=("surroundings 0.9\noutdoor 0.9\nbird 0.9", "bird outdoor"),
    )
    assert "categories at 0.7: precision 0.750" in lines
    assert "categories without surroundings at 0.7: precision 0.500 (0.09 to 0.91) of 2 labels, recall 1.000" in lines
    assert "groups without indoor and outdoor at 0.7: precision unknown (no labels), recall unknown" in lines


def test_the_counts_that_come_with_the_package_tell_graphics_on_graphics_and_all_else_on_photos(
    tmp_path: Path,
) -> None:
    photos = {f"dog{number}": ("mammal 0.9\ndog 0.6", "dog") for number in range(7)}
    photos |= {f"page{number}": ("graphic 0.9\nbird 0.8", "graphic") for number in range(8)}
    photos["cat"] = ("graphic 0.9\nmammal 0.8", "cat")
    quality.write(answered(tmp_path, **photos), KNOWN, tmp_path / "measured.json")
    written = json.loads((tmp_path / "measured.json").read_bytes())
    assert written["labels"] == {"graphic": [8, 9, 8], "mammal": [8, 8, 8]}
    assert written["silent"] == measured.silent()


def test_the_embedded_model_is_wrong_in_two_labels_that_it_is_sure_of_on_the_photos_that_come_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    model = model_path(tmp_path_factory)
    monkeypatch.setattr(wiring_commands, "local_detector", lambda _, floor: EmbeddedDetector(model, floor))
    assert quality.main([str(PHOTOS)]) == 0
    output = capsys.readouterr().out
    # A cup of coffee is called food, and a photographer on a lawn is said to be indoors.
    assert "categories at 0.7: precision 0.929 (0.69 to 0.99) of 14 labels" in output
    assert "groups at 0.7: precision 0.875 (0.53 to 0.98) of 8 labels" in output
    for name in ("things", "person"):
        assert f"{name} at 0.7: precision 1.000" in output


def test_a_folder_without_truth_ends_with_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quality.main([str(tmp_path)]) == 2
    assert "truth.csv cannot be read: No such file or directory. docs/labels.md says" in capsys.readouterr().err


def test_a_reader_who_wants_no_more_of_the_report_ends_it_in_silence(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = model_path(tmp_path_factory)
    environ = {**os.environ, "IMAGELABELS_MODEL": str(model)}
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "benchmarks.quality", str(PHOTOS)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=environ, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")
