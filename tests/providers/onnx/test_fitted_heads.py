"""The heads say of pictures' features what was measured when they were fitted.

tests/samples/head_features.npz holds the features of 40 pictures as bytes, chosen near the heads' limits; the pictures
themselves are not here. models/heads/labels.txt says what they show.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.heads import FILE, GRAPHIC, Heads
from models.heads import pictures
from models.heads.__main__ import FITTED

SAMPLES = Path(__file__).parents[2] / "samples"

HeadsFile = dict[str, dict[str, Any]]


MEASURED_AT = {
    "outdoor": 0.766,
    "indoor": 0.813,
    "landscape": 0.7,
    "plant-and-fungus": 0.7,
    "food": 0.7,
    "chart": 0.796,
    "map": 0.7,
    "city-and-street": 0.76,
    "coast-and-water": 0.7,
    "mountain-and-valley": 0.778,
}


def wrong(heads: Heads) -> list[str]:
    """Return a line for each head that is not sure of what a picture shows, or is sure of what it does not."""
    judged = pictures.judged((pictures.HERE / "labels.txt").read_text("utf-8"))
    lines = []
    with np.load(SAMPLES / "head_features.npz") as held:
        for beginning, features, scale in zip(held["hashes"], held["features"], held["scales"], strict=True):
            picture = judged[str(beginning)]
            said = heads.confidences((features * scale).astype(np.float32))
            for label_id in FITTED:
                if label_id in heads.kinds_of_graphic and said[GRAPHIC] < 0.7:
                    continue  # the detector asks these of graphics only
                if label_id not in picture.unjudged and (said[label_id] >= 0.7) != (label_id in picture.shown):
                    lines.append(f"{label_id} of {beginning}: {said[label_id]}")
    return lines


def altered(file: Path, change: Callable[[HeadsFile], None]) -> Heads:
    heads = json.loads(FILE.read_bytes())
    change(heads)
    file.write_text(json.dumps(heads))
    return Heads(taxonomy.load(), file)


def test_each_head_is_sure_of_pictures_that_show_its_label_and_of_no_others() -> None:
    assert wrong(Heads(taxonomy.load())) == []


@pytest.mark.parametrize("shift", [-1.6, 1.6])
@pytest.mark.parametrize("label_id", FITTED)
def test_a_shifted_bias_is_noticed(tmp_path: Path, label_id: str, shift: float) -> None:
    def shifted(heads: HeadsFile) -> None:
        heads[label_id]["bias"] += shift

    assert wrong(altered(tmp_path / "heads.json", shifted))


@pytest.mark.parametrize("label_id", FITTED)
def test_weights_in_another_heads_place_are_noticed(tmp_path: Path, label_id: str) -> None:
    other = FITTED[FITTED.index(label_id) - 1]

    def exchanged(heads: HeadsFile) -> None:
        heads[label_id], heads[other] = heads[other], heads[label_id]

    assert wrong(altered(tmp_path / "heads.json", exchanged))


def test_weights_that_are_off_by_one_feature_are_noticed(tmp_path: Path) -> None:
    def moved(heads: HeadsFile) -> None:
        for head in heads.values():
            head["weights"] = head["weights"][-1:] + head["weights"][:-1]

    assert len(wrong(altered(tmp_path / "heads.json", moved))) > 10


def test_each_head_is_cut_where_its_precision_was_measured() -> None:
    """A head without its own limit would be shown where it is wrong too often."""
    heads = json.loads(FILE.read_bytes())
    assert {label_id: heads[label_id]["measured_at"] for label_id in FITTED} == MEASURED_AT


def test_the_weights_stay_small() -> None:
    assert FILE.stat().st_size < 200_000
