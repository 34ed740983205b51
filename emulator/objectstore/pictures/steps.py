"""The steps of image processing. Each function returns a step that changes a picture in one way.

The pages name what bright, contrast, sharpen and blur do, and not how much each pixel changes: the amounts here are
Pillow's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from emulator.objectstore.pictures.limits import PictureError
from emulator.objectstore.pictures.picture import CLEAR, ORIENTATION, Picture, Step

Size = tuple[int, int]
GRAVITIES = ("northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast")
"""The nine places of a picture, row by row."""


def rounded(width: float, height: float) -> Size:
    """Return the nearest size in whole pixels."""
    return max(1, round(width)), max(1, round(height))


def resize(size_of: Callable[[Size], Size]) -> Step:
    """Return the step that gives a picture the size that is computed from its own."""

    def step(picture: Picture) -> None:
        size = size_of(picture.size)
        picture.begin(*size)
        if size != picture.size:
            picture.image = picture.image.resize(size, Image.Resampling.LANCZOS)

    return step


def crop(box_of: Callable[[Size], tuple[int, int, int, int]]) -> Step:
    """Return the step that keeps a box, which is computed from the size: left, upper, right and lower edge."""

    def step(picture: Picture) -> None:
        left, upper, right, lower = box_of(picture.size)
        if not (left < right and upper < lower):
            raise PictureError("out_of_image")
        picture.filter()
        picture.image = picture.image.crop((left, upper, right, lower))

    return step


def offset(size: Size, inner: Size, gravity: str) -> tuple[int, int]:
    """Return the upper left corner of a box of the size `inner` that lies at one of the GRAVITIES."""
    row, column = divmod(GRAVITIES.index(gravity), 3)
    return (size[0] - inner[0]) * column // 2, (size[1] - inner[1]) * row // 2


def pad(size: Size, colour: tuple[int, int, int]) -> Step:
    """Return the step that puts a picture into the middle of a coloured area, which is at least as large."""

    def step(picture: Picture) -> None:
        picture.begin(*size)
        area = Image.new("RGB", size, colour)
        mask = picture.image.getchannel("A") if picture.image.mode == "RGBA" else None
        area.paste(picture.image, offset(size, picture.size, "center"), mask)
        picture.image = area

    return step


def rotate(degrees: int) -> Step:
    """Return the step that turns a picture clockwise. The corners that become free are transparent."""

    def step(picture: Picture) -> None:
        if degrees % 360 == 0:
            return
        _check_turned(picture)
        if degrees % 90 == 0:
            picture.filter()
            turns = (Image.Transpose.ROTATE_270, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90)
            picture.image = picture.image.transpose(turns[degrees // 90 % 4 - 1])
            return
        angle = math.radians(degrees)
        across, along = abs(math.cos(angle)), abs(math.sin(angle))
        width, height = picture.size
        picture.begin(math.ceil(width * across + height * along), math.ceil(width * along + height * across))
        image = picture.with_transparency()
        picture.image = image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=CLEAR)

    return step


def orient(picture: Picture) -> None:
    """Turn a picture upright, as its EXIF orientation says."""
    if picture.turn is None:
        return
    _check_turned(picture)
    picture.filter()
    picture.image, picture.turn = picture.image.transpose(picture.turn), None
    if picture.exif is not None:
        picture.exif.pop(ORIENTATION, None)


def _check_turned(picture: Picture) -> None:
    if max(picture.size) > picture.limits.longest_turned:
        raise PictureError("turned_too_large")


def rounded_corners(radius: int) -> Step:
    """Return the step that cuts the corners off, in circles of at most half the shorter side."""

    def step(picture: Picture) -> None:
        picture.filter()
        fitting = min(radius, min(picture.size) // 2)
        width, height = picture.size
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, width - 1, height - 1), fitting, fill=255)
        _cut_out(picture, mask)

    return step


def circle(diameter_of: Callable[[Size], int]) -> Step:
    """Return the step that keeps a circle around the middle, whose diameter is computed from the size."""

    def step(picture: Picture) -> None:
        diameter = diameter_of(picture.size)
        picture.filter()
        left, upper = offset(picture.size, (diameter, diameter), "center")
        picture.image = picture.image.crop((left, upper, left + diameter, upper + diameter))
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, diameter - 1, diameter - 1), fill=255)
        _cut_out(picture, mask)

    return step


def _cut_out(picture: Picture, mask: Image.Image) -> None:
    """Make transparent what the mask does not cover."""
    image = picture.with_transparency()
    kept = ImageChops.darker(image.getchannel("A"), mask)
    area = Image.new("RGBA", image.size, CLEAR)
    area.paste(image, mask=mask)
    area.putalpha(kept)
    picture.image = area


def blur(deviation: float) -> Step:
    """Return the step that blurs. The time that it takes does not depend on the deviation."""
    return _filtered(lambda image: image.filter(ImageFilter.GaussianBlur(deviation)))


def sharpen(percent: int) -> Step:
    return _filtered(lambda image: image.filter(ImageFilter.UnsharpMask(2, percent, 0)))


def bright(percent: int) -> Step:
    """Return the step that makes a picture darker, down to black at -100, or brighter, up to twice as bright at 100."""
    return _filtered(lambda image: ImageEnhance.Brightness(image).enhance(1 + percent / 100))


def contrast(percent: int) -> Step:
    return _filtered(lambda image: ImageEnhance.Contrast(image).enhance(1 + percent / 100))


def grayscale() -> Step:
    return _filtered(lambda image: ImageEnhance.Color(image).enhance(0))


def _filtered(change: Callable[[Image.Image], Image.Image]) -> Step:
    def step(picture: Picture) -> None:
        picture.filter()
        picture.image = change(picture.image)

    return step
