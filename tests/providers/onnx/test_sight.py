"""Dark, blurred, small and very wide pictures get the labels that can be had of them, and no more."""

from __future__ import annotations

import math
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from imagelabels.domain.model import Label
from imagelabels.ports import LabelDetector
from imagelabels.providers.onnx.detector import graphic_of
from imagelabels.providers.onnx.sight import BLANK, FLAT, is_blurred, is_of_one_colour, stretched
from models.heads import shapes
from tests.model import PHOTOS, picture
from tests.providers.onnx.pictures import cat, encoded


def found(detector: LabelDetector, image: Image.Image) -> dict[str, Label]:
    return {label.id: label for label in detector.detect(picture(encoded(image, "PNG"))).labels}


def ramp(dark: int, bright: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """All greys between, as often as each other."""
    return np.repeat(np.linspace(dark, bright, 224).astype(np.uint8)[None, :, None], 3, axis=2).repeat(224, axis=0)


def test_a_photo_taken_in_the_dark_gets_the_labels_of_the_day(detector: LabelDetector) -> None:
    with Image.open(PHOTOS / "coffee.png") as photo:
        light = np.asarray(photo.convert("RGB"), np.float64)
    noise = np.random.default_rng(0).normal(0, 1, light.shape)
    night = Image.fromarray((light * 0.12 + noise).clip(0, 255).astype(np.uint8))
    assert found(detector, night)["espresso"].confidence >= 0.7


def test_flat_greys_are_stretched_to_black_and_white_and_ordinary_ones_stay_as_they_are() -> None:
    flat = stretched(ramp(60, 60 + FLAT - 10))
    assert (flat.min(), flat.max()) == (0, 255)
    for as_it_is in (ramp(0, 255), ramp(20, 20 + FLAT + 10), ramp(100, 100 + BLANK - 2), ramp(128, 128)):
        assert (stretched(as_it_is) == as_it_is).all()


def test_a_few_bright_lamps_do_not_keep_the_night_dark() -> None:
    night = ramp(10, 60)
    night[:10, :10] = 255
    assert stretched(night)[100].max() == 255


def test_colours_are_stretched_alike_so_that_grey_stays_grey_and_red_red() -> None:
    picture = ramp(40, 90)
    picture[..., 1:] -= 20
    red = stretched(picture)
    assert (red[100:, :, 0] >= red[100:, :, 1]).all()
    assert (red[..., 1] == red[..., 2]).all()
    assert red[0, 112, 0] > red[0, 112, 1] + 40


def test_of_a_blurred_picture_only_the_category_is_told(detector: LabelDetector) -> None:
    assert found(detector, cat())["cat"].level == 2
    blurred = found(detector, cat().filter(ImageFilter.GaussianBlur(6)))
    assert {label.level for label in blurred.values()} == {1}
    assert blurred["mammal"].confidence >= 0.7


def test_the_photos_are_sharp_and_a_dark_one_is_not_taken_for_blurred() -> None:
    for path in sorted(PHOTOS.glob("*.*g")):
        with Image.open(path) as photo:
            sharp = np.asarray(photo.convert("RGB").resize((224, 224), Image.Resampling.BICUBIC))
        assert not is_blurred(sharp)
        assert not is_blurred(stretched((sharp * 0.12).astype(np.uint8)))


def test_what_is_dark_and_sharp_keeps_its_groups(detector: LabelDetector) -> None:
    dark = Image.fromarray((np.asarray(cat().filter(ImageFilter.GaussianBlur(1))) * 0.1).astype(np.uint8))
    assert is_blurred(np.asarray(dark.resize((224, 224))))
    assert found(detector, dark)["cat"].confidence >= 0.7


def test_a_thumbnail_is_told_with_less_confidence_than_the_same_pixels_enlarged(detector: LabelDetector) -> None:
    def odds(image: Image.Image) -> float:
        confidence = found(detector, image)["mammal"].confidence
        return math.log(confidence / (1 - confidence))

    thumbnail = cat().resize((75, 50), Image.Resampling.BICUBIC)
    assert odds(thumbnail) < odds(thumbnail.resize((300, 200), Image.Resampling.BICUBIC)) - 1
    just_large = cat().resize((150, 100), Image.Resampling.BICUBIC)
    assert odds(just_large) == pytest.approx(odds(just_large.resize((300, 200), Image.Resampling.BICUBIC)), abs=0.5)


@pytest.mark.parametrize("turn", [None, Image.Transpose.ROTATE_90])
@pytest.mark.parametrize("left", [0, 450, 900])
def test_a_cat_is_seen_wherever_it_sits_in_a_panorama(
    detector: LabelDetector, left: int, turn: Image.Transpose | None
) -> None:
    here = cat().crop((75, 0, 375, 300))
    scene = Image.new("RGB", (1200, 300), (120, 140, 160))
    scene.paste(here if turn is None else here.transpose(Image.Transpose.ROTATE_270), (left, 0))
    labels = found(detector, scene if turn is None else scene.transpose(turn))
    assert labels["cat"].confidence >= 0.7
    for label in labels.values():
        assert label.confidence <= labels[label.parent_id or label.id].confidence
    centric = labels["cat"].centric_score
    assert centric is not None
    assert (centric > 0.5) == (left == 450)


def test_a_blank_end_makes_no_graphic_of_a_panorama(detector: LabelDetector) -> None:
    scene = Image.new("RGB", (1200, 300), "white")
    scene.paste(cat().crop((75, 0, 375, 300)), (450, 0))
    labels = found(detector, scene)
    assert labels["cat"].confidence >= 0.7


def wide_page(left: int, right: int) -> Image.Image:
    """Draw words between two places on a white page of 1200 by 400 pixels."""
    page = Image.new("RGB", (1200, 400), "white")
    shapes.write(Random(1), ImageDraw.Draw(page), (left, 40, right, 380), "black", 18)
    return page


def test_a_wide_page_with_a_photo_at_one_end_is_a_graphic(detector: LabelDetector) -> None:
    page = wide_page(20, 940)
    page.paste(cat().crop((75, 0, 375, 300)).resize((240, 240)), (960, 0))
    labels = found(detector, page)
    assert labels["graphic"].confidence >= 0.7
    assert "mammal" not in labels


def test_a_wide_page_with_empty_ends_is_a_graphic(detector: LabelDetector) -> None:
    """White that was scanned is nearly of one colour, and alone it might be a photo of nothing."""
    grey = np.random.default_rng(0).integers(-3, 0, (400, 1200, 1))
    page = Image.fromarray((np.asarray(wide_page(420, 780)) + grey).clip(0, 255).astype(np.uint8))
    assert found(detector, page)["graphic"].confidence >= 0.9


@pytest.mark.parametrize(
    ("squares", "expected"),
    [
        ([(0.9, False)], 0.9),
        ([(0.2, False), (0.9, False), (0.8, False)], 0.85),  # a photo with text on both sides
        ([(0.3, False), (0.2, False), (0.9, False)], 0.6),  # one square that looks drawn is not enough
        ([(0.2, False), (0.9, True), (0.4, False)], 0.3),
        ([(0.9, False), (0.1, True), (0.2, True)], 0.9),
        ([(0.1, True), (0.7, True), (0.9, True)], 0.8),
    ],
)
def test_a_panorama_is_as_surely_a_graphic_as_the_two_surest_of_its_squares_that_are_not_plain(
    squares: list[tuple[float, bool]], expected: float
) -> None:
    assert graphic_of(squares) == pytest.approx(expected)


def test_exactly_one_colour_was_drawn_and_a_dark_or_noisy_one_may_be_a_photo() -> None:
    grey = np.full((64, 64, 3), 128, np.uint8)
    noisy = grey.copy()
    noisy[5, 7, 1] += 1
    assert is_of_one_colour(grey)
    assert not is_of_one_colour(noisy)
    assert not is_of_one_colour(np.zeros((64, 64, 3), np.uint8))
