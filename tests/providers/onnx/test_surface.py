"""The surface of a picture's pixels tells a drawing from a photo, even if the drawing was saved as a JPEG file."""

from __future__ import annotations

import io
import json
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from imagelabels.domain import taxonomy
from imagelabels.providers.onnx.colours import LENGTH as COLOURS
from imagelabels.providers.onnx.heads import FILE, GRAPHIC, Heads
from imagelabels.providers.onnx.networks import CHANNELS
from imagelabels.providers.onnx.surface import LENGTH, SPREADS, STEPS, Pixels, surface
from models.heads import shapes
from tests.model import PHOTOS

SIDE = 224
NEAR = 2 * len(STEPS)


def drawing() -> Image.Image:
    board = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(board)
    draw.rectangle((20, 30, 120, 90), fill="teal")
    draw.ellipse((110, 100, 210, 200), fill="orange", outline="black", width=3)
    shapes.write(Random(3), draw, (10, 120, 110, 215), "black", 12)
    return board


def photo(name: str) -> Pixels:
    with Image.open(PHOTOS / name) as opened:
        return np.asarray(opened.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def saved(image: Image.Image, quality: int) -> Pixels:
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality)
    return np.asarray(Image.open(content))


def weighed(numbers: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return what the surface adds to the head's figure."""
    head = json.loads(FILE.read_bytes())[GRAPHIC]
    return float(np.array(head["surface"]) * head["scale"] @ numbers)


def test_known_pixels_have_known_shares() -> None:
    stripes = np.zeros((SIDE, SIDE, 3), np.uint8)
    stripes[:, 1::2] = 6  # each pixel differs from its right neighbour by 6, and from the one below by nothing
    numbers = surface(stripes) / 4
    assert len(numbers) == LENGTH == NEAR + 7 + 4 + len(SPREADS) + 2
    assert numbers[: len(STEPS)].tolist() == [float(step >= 6) for step in STEPS]
    assert numbers[len(STEPS) : NEAR].tolist() == [1.0] * len(STEPS)


def test_one_colour_is_the_plainest_picture() -> None:
    plain = surface(np.full((SIDE, SIDE, 3), 90, np.uint8)) / 4
    assert (plain[:NEAR] == 1).all()
    colours = plain[NEAR + 7 : NEAR + 11]
    assert colours.tolist() == [0, 1, 1, 1]
    assert plain[NEAR + 11 : -2].tolist() == [0] * len(SPREADS)
    assert plain[-2:].tolist() == [1, 1]


def test_all_numbers_stay_within_their_range() -> None:
    """Features of samples are kept as bytes from 0 up, so a number below 0 would be lost."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)
    black_and_white = (random.integers(0, 2, (SIDE, SIDE, 1)) * 255).repeat(3, axis=2).astype(np.uint8)
    for pixels in (noise, black_and_white, np.zeros_like(noise), np.asarray(drawing())):
        assert ((surface(pixels) >= 0) & (surface(pixels) <= 4.01)).all()


@pytest.mark.parametrize("name", sorted(path.name for path in PHOTOS.glob("*.*g")))
def test_a_drawing_has_more_nearly_equal_neighbours_and_fewer_colours_than_any_photo(name: str) -> None:
    drawn, seen = surface(np.asarray(drawing())), surface(photo(name))
    steps = list(STEPS)
    assert drawn[steps.index(1)] > seen[steps.index(1)] + 0.5
    assert drawn[NEAR + 7] < seen[NEAR + 7]


@pytest.mark.parametrize("quality", [60, 75, 90])
def test_a_drawing_that_was_saved_as_a_jpeg_file_still_looks_drawn(quality: int) -> None:
    drawn = weighed(surface(saved(drawing(), quality)))
    assert drawn > max(weighed(surface(photo(path.name))) for path in PHOTOS.glob("*.*g"))


def test_the_head_weighs_the_surface_beside_the_features_and_no_other_head_does() -> None:
    heads = Heads(taxonomy.load())
    features, colours = np.full(CHANNELS, 0.3, np.float32), np.zeros(COLOURS, np.float32)
    pixels = np.asarray(drawing())
    drawn, seen = (
        heads.confidences(np.concatenate([features, numbers, colours]))
        for numbers in (surface(pixels), surface(photo("chelsea.png")))
    )
    assert drawn[GRAPHIC] > seen[GRAPHIC]
    assert {label_id for label_id in drawn if drawn[label_id] != seen[label_id]} == {GRAPHIC}
