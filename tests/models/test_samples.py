"""The samples of the heads' tests are chosen near the limits, and recorded as the tests read them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.heads import Heads
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.providers.onnx.surface import LENGTH as SURFACE
from models.heads import samples
from models.heads.pictures import Judged


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    """Two heads that look at one feature each: `food` is sure from 4 on, and `graphic` from 100 on."""
    file = tmp_path / "heads.json"
    weights = {"food": [1, 0] + [0] * (CHANNELS - 2), "graphic": [0, 1] + [0] * (CHANNELS - 2)}
    others = {"food": {"colours": [0] * COLOURS}, "graphic": {"surface": [0] * SURFACE}}
    bias = {"food": -4.0, "graphic": -100.0}
    file.write_text(
        json.dumps(
            {
                name: {"measured_at": 0.5, "bias": bias[name], "scale": 1, "weights": weights[name], **others[name]}
                for name in bias
            }
        )
    )
    return Heads(taxonomy.load(), file)


def seen(
    beginning: str, shown: str, food: float, graphic: float = 0.0, source: str = "COOK"
) -> tuple[Judged, NDArray[np.float32]]:
    features = np.full(CHANNELS + SURFACE + COLOURS, 255 * 0.8, np.float32)
    features[:2] = food, graphic
    return Judged(source, frozenset(shown.split()), frozenset(), beginning), features


def chosen(heads: Heads, *pictures: tuple[Judged, NDArray[np.float32]]) -> list[str]:
    return [one.beginning for one in samples.chosen(pictures, heads)]


def test_those_nearest_to_the_limit_are_chosen_on_both_sides(heads: Heads) -> None:
    shown = [seen(f"shows{food}", "food", food) for food in (6, 8, 20, 30)]
    others = [seen(f"other{food}", "outdoor", food) for food in (0, 2.4, 1, 0.5)]
    assert chosen(heads, *shown, *others) == ["other1", "other2.4", "shows6", "shows8"]


def test_a_picture_of_which_a_head_is_wrong_or_that_is_not_free_or_on_the_limit_itself_is_no_sample(
    heads: Heads,
) -> None:
    assert chosen(heads, seen("missed", "food", 2.4, source="CID"), seen("free", "food", 6)) == ["free"]
    assert chosen(heads, seen("unclear", "food", 6, source="SOC")) == []
    assert chosen(heads, seen("wrong", "food", 2.4)) == chosen(heads, seen("wrong", "", 6)) == []
    assert chosen(heads, seen("no-graphic", "food", 6, 200)) == []
    _, features = seen("limit", "food", 4)
    assert chosen(heads, (Judged("COOK", frozenset({"food"}), frozenset({"graphic"}), "limit"), features)) == []


def test_what_is_written_is_read_again_with_what_the_heads_said(heads: Heads, tmp_path: Path) -> None:
    picked = samples.chosen([seen("a", "food", 6), seen("b", "outdoor", 2.4)], heads)
    samples.write(picked, heads, tmp_path / "samples.npz")
    read = list(samples.read(tmp_path / "samples.npz"))
    assert [one.beginning for one, _ in read] == ["a", "b"]
    for (one, recorded), before in zip(read, picked, strict=True):
        assert np.array_equal(one.values, before.values)
        assert recorded == heads.confidences(before.values)


def test_without_pictures_nothing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = samples.FILE.read_bytes()
    assert samples.main([str(tmp_path)]) == 2
    assert "README.md" in capsys.readouterr().out
    assert samples.FILE.read_bytes() == before
