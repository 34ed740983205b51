"""People and graphics, which the network has no classes for, are read off its features."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imagelabels.domain import taxonomy
from imagelabels.ports import LabelDetector
from imagelabels.providers import onnx
from imagelabels.providers.onnx import artifact
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.heads import GRAPHIC, PERSON, Heads
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.providers.onnx.surface import LENGTH as SURFACE
from tests.model import PHOTOS, picture
from tests.providers.onnx.pictures import cat, encoded, wall

FILE = json.loads(Path(artifact.__file__).with_name("heads.json").read_bytes())


def confidences(detector: LabelDetector, content: bytes) -> dict[str, float]:
    return {label.id: label.confidence for label in detector.detect(picture(content)).labels}


def page() -> Image.Image:
    image = Image.new("RGB", (600, 800), "white")
    draw, random = ImageDraw.Draw(image), np.random.default_rng(1)
    for line in range(60, 740, 22):
        left = 60
        while left < 520:
            right = min(left + int(random.integers(15, 60)), 540)
            draw.rectangle((left, line, right, line + 9), "#1e1e1e")
            left = right + 8
    return image


def window() -> Image.Image:
    image = Image.new("RGB", (1280, 800), "#eceef2")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1280, 40), "#283c5a")
    draw.rectangle((0, 40, 240, 800), "#fafafa")
    for left in range(280, 1260, 245):
        for top in range(80, 760, 235):
            draw.rectangle((left, top, left + 220, top + 210), "white", "#c8c8c8")
            draw.rectangle((left + 20, top + 20, left + 160, top + 35), "#464646")
            draw.rectangle((left + 20, top + 170, left + 100, top + 195), "#1e6edc")
    return image


def chart() -> Image.Image:
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    draw.line((60, 20, 60, 440, 620, 440), "black", 2)
    for place, (height, colour) in enumerate({120: "#dc3c3c", 300: "#3c8cdc", 210: "#50b45a", 380: "#f0aa28"}.items()):
        draw.rectangle((90 + place * 105, 440 - height, 160 + place * 105, 440), colour)
    return image


def drawing() -> Image.Image:
    image = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((80, 80, 320, 320), "#ffdc3c", "black", 5)
    draw.ellipse((140, 150, 170, 190), "black")
    draw.ellipse((230, 150, 260, 190), "black")
    draw.arc((140, 180, 260, 270), 20, 160, "black", 6)
    return image


def blank() -> Image.Image:
    return Image.new("RGB", (300, 300), "grey")


@pytest.mark.parametrize("made", [page, window, chart, drawing, blank])
def test_what_no_camera_saw_gets_one_honest_label_and_no_nonsense(model: Path, made: Callable[[], Image.Image]) -> None:
    everything = onnx.open_detector(model, 0)
    found = confidences(everything, encoded(made(), "PNG"))
    assert next(iter(found)) == GRAPHIC
    assert set(found) <= {GRAPHIC, *taxonomy.load().children(GRAPHIC)}
    assert found[GRAPHIC] >= 0.7


def test_a_photo_is_no_graphic_and_a_photo_without_people_shows_none(detector: LabelDetector) -> None:
    people = {"astronaut.jpg", "camera.png"}
    photos = sorted(PHOTOS.glob("*.*g"))
    assert len(photos) == 7
    for path in photos:
        found = confidences(detector, path.read_bytes())
        assert found.get(GRAPHIC, 0) < 0.6
        assert (found.get(PERSON, 0) >= 0.7) == (path.name in people)


def test_no_kind_of_graphic_is_surer_than_that_it_is_a_graphic(model: Path) -> None:
    everything, kinds = onnx.open_detector(model, 0), taxonomy.load().children(GRAPHIC)
    contents = [path.read_bytes() for path in sorted(PHOTOS.glob("*.*g"))]
    found = [confidences(everything, content) for content in (*contents, encoded(chart(), "PNG"))]
    given = [(said[kind], said[GRAPHIC]) for said in found for kind in kinds if kind in said]
    assert len(given) >= 8
    assert all(kind <= graphic for kind, graphic in given)


def test_what_is_not_surely_a_graphic_keeps_its_labels_beside(detector: LabelDetector) -> None:
    framed = Image.new("RGB", (640, 640), "white")
    framed.paste(cat().crop((75, 0, 375, 300)).resize((360, 360)), (140, 140))
    found = confidences(detector, encoded(framed, "PNG"))
    assert 0.1 <= found[GRAPHIC] < 0.7
    assert found["mammal"] >= 0.7


def test_the_users_threshold_cuts_where_a_head_was_measured() -> None:
    heads, random = Heads(taxonomy.load()), np.random.default_rng(0)
    for _ in range(500):
        inputs = (random.random(CHANNELS + SURFACE + COLOURS) * random.choice([0.2, 0.5, 1])).astype(np.float32)
        found = heads.confidences(inputs)
        for label_id, head in FILE.items():
            parts = [head["weights"], head.get("surface", [0] * SURFACE), head.get("colours", [0] * COLOURS)]
            own = 1 / (1 + math.exp(-(np.concatenate(parts) * head["scale"] @ inputs + head["bias"])))
            if abs(own - head["measured_at"]) > 0.01:
                assert (found[label_id] >= 0.7) == (own >= head["measured_at"])
    assert [FILE[label_id]["measured_at"] for label_id in (PERSON, GRAPHIC)] == [0.71, 0.8022]


def test_a_person_in_a_corner_is_less_central_than_one_in_the_middle(detector: LabelDetector) -> None:
    def score(left: int, top: int) -> float:
        scene = wall(448, 448)
        with Image.open(PHOTOS / "astronaut.jpg") as photo:
            scene.paste(photo.crop((100, 0, 400, 300)).resize((180, 180)), (left, top))
        labels = {label.id: label for label in detector.detect(picture(encoded(scene, "PNG"))).labels}
        centric = labels[PERSON].centric_score
        assert centric is not None
        return centric

    middle, corner = score(134, 134), score(30, 30)
    assert 0 <= corner < middle - 0.2
    assert middle <= 1


def test_a_heads_label_is_a_concept_of_the_taxonomy_and_its_weights_are_whole() -> None:
    known = taxonomy.load()
    heads = Heads(known)
    assert set(FILE) == set(heads.ids) <= set(known.concepts)
    assert {*heads.of_photos, *heads.kinds_of_graphic} == set(heads.ids) - {GRAPHIC}
    for label_id, head in FILE.items():
        weights = {part: head[part] for part in ("weights", "surface", "colours") if part in head}
        others = {GRAPHIC: {"surface": SURFACE}, PERSON: {}}.get(label_id, {"colours": COLOURS})
        assert {part: len(numbers) for part, numbers in weights.items()} == {"weights": CHANNELS} | others
        assert all(isinstance(weight, int) and abs(weight) <= 127 for part in weights.values() for weight in part)
