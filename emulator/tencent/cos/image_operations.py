"""The operations of imageMogr2, each with its value, become the steps that the pixels need.

https://www.tencentcloud.com/document/product/1045/33713 and the pages beside it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from emulator.objectstore.pictures import steps
from emulator.objectstore.pictures.limits import PictureError
from emulator.objectstore.pictures.picture import DEFAULT_QUALITY, Picture, Step
from emulator.objectstore.refusals import invalid, not_built
from emulator.tencent.cos import image_sizes

FORMATS = {"jpg": "JPEG", "bmp": "BMP", "gif": "GIF", "png": "PNG", "webp": "WEBP", "avif": "AVIF", "tiff": "TIFF"}
"""https://www.tencentcloud.com/document/product/1045/33716. A result is a TIFF only if its source is one."""
UNBUILT_FORMATS = ("heif", "svgc", "tpg", "yjpeg")
PLAIN = ("auto-orient", "strip")
"""These operations have no value."""
SETTINGS = ("color", "gravity", "ignore-error", "pad")
"""These change how other operations of the same rule work."""

Settings = Mapping[str, str]


def number(name: str, text: str, low: int, high: int) -> int:
    if not re.fullmatch("-?[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise invalid(name, text, f"{name} takes a number from {low} to {high}.")
    return int(text)


def _thumbnail(value: str, settings: Settings) -> Step:
    """https://www.tencentcloud.com/document/product/1045/33713."""
    size_of = image_sizes.thumbnail(value)
    if size_of is None:
        raise invalid("thumbnail", value, "This is none of the forms that a thumbnail has.")
    if settings.get("pad", "0") == "0":
        return steps.resize(size_of)
    area = re.fullmatch("([0-9]+)x([0-9]+)", value)
    if settings["pad"] != "1" or area is None:
        raise invalid(
            "pad", settings["pad"], "pad is 0 or 1, and pad/1 needs a thumbnail of the form <Width>x<Height>."
        )
    size, colour = (int(area[1]), int(area[2])), _colour(settings.get("color", ""))

    def step(picture: Picture) -> None:
        steps.resize(size_of)(picture)
        steps.pad(size, colour)(picture)

    return step


def _colour(text: str) -> tuple[int, int, int]:
    """Return a colour such as #FF0000, which comes in URL-safe Base64. It is white if none is given."""
    if not text:
        return 255, 255, 255
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        red, green, blue = bytes.fromhex(plain.removeprefix("#"))
    except (binascii.Error, ValueError):
        raise invalid("color", text, "color takes #RRGGBB in URL-safe Base64.") from None
    return red, green, blue


# Unproven default-gravity: crop and cut without gravity work from the northwest.
# Why: no page names the place that counts without gravity.
# Ask: GET a picture whose corners differ with imageMogr2/crop/2x2: which corner is in the answer.
def _gravity(settings: Settings) -> str:
    """Return the place from which is cropped."""
    gravity = settings.get("gravity", "northwest").lower()
    if gravity not in steps.GRAVITIES:
        raise invalid("gravity", gravity, f"gravity is one of {', '.join(steps.GRAVITIES)}.")
    return gravity


def _cut(value: str, settings: Settings) -> Step:
    """cut/<width>x<height>x<dx>x<dy>: https://www.tencentcloud.com/document/product/1045/33714.

    The offsets count from the upper left corner, or from the place of gravity. What is outside is cut off.
    """
    numbers = re.fullmatch("([0-9]{1,5})x([0-9]{1,5})x([0-9]{1,5})x([0-9]{1,5})", value)
    if numbers is None or "0" in (numbers[1].lstrip("0") or "0", numbers[2].lstrip("0") or "0"):
        raise invalid("cut", value, "cut takes <width>x<height>x<dx>x<dy>.")
    width, height, across, down = map(int, numbers.groups())
    gravity = _gravity(settings)

    def box(size: steps.Size) -> tuple[int, int, int, int]:
        inner = min(width, size[0]), min(height, size[1])
        left, upper = steps.offset(size, inner, gravity)
        left, upper = left + across, upper + down
        if left >= size[0] or upper >= size[1]:
            raise PictureError("out_of_image")
        return left, upper, min(left + inner[0], size[0]), min(upper + inner[1], size[1])

    return steps.crop(box)


def _crop(value: str, settings: Settings) -> Step:
    """crop/<Width>x<Height>, where one of the two may be absent. The picture is made as small as it can be first."""
    sides = image_sizes.sides(value)
    if sides is None:
        raise invalid("crop", value, "crop takes <Width>x<Height>, <Width>x or x<Height>.")
    return image_sizes.filled(lambda size: (sides[0] or size[0], sides[1] or size[1]), _gravity(settings))


def _radius(name: str, value: str) -> int:
    return number(name, value, 1, 30_000)


def _inner_circle(value: str, settings: Settings) -> Step:
    """https://www.tencentcloud.com/document/product/1045/33714: the radius is less than half of the shorter side."""
    radius = _radius("iradius", value)

    def diameter(size: steps.Size) -> int:
        if 2 * radius >= min(size):
            raise PictureError("wrong_radius")
        return 2 * radius

    return _no_gif(steps.circle(diameter))


def _round_corners(value: str, settings: Settings) -> Step:
    radius = _radius("rradius", value)
    round_off = steps.rounded_corners(radius)

    def step(picture: Picture) -> None:
        if 2 * radius >= min(picture.size):
            raise PictureError("wrong_radius")
        round_off(picture)

    return _no_gif(step)


def _no_gif(change: Step) -> Step:
    """Return the step for pictures that are no GIF, as the page says."""

    def step(picture: Picture) -> None:
        if picture.source_format == "GIF":
            raise PictureError("unsupported_format")
        change(picture)

    return step


# Unproven largest-sigma: The sigma of blur is at most 100.
# Why: no page limits it.
# Ask: GET a picture with imageMogr2/blur/50x200: status and code.
def _blur(value: str, settings: Settings) -> Step:
    """blur/<radius>x<sigma>: https://www.tencentcloud.com/document/product/1045/33718.

    Sigma alone tells how much is blurred.
    """
    numbers = re.fullmatch(r"([0-9]{1,2})x([0-9]{1,3}(?:\.[0-9]{1,3})?)", value)
    if numbers is None or not 1 <= int(numbers[1]) <= 50 or not 0 < float(numbers[2]) <= 100:
        raise invalid("blur", value, "blur takes a radius from 1 to 50, x, and a sigma above 0, up to 100.")
    return _no_gif(steps.blur(float(numbers[2])))


def _format(value: str, settings: Settings) -> Step:
    """https://www.tencentcloud.com/document/product/1045/33716."""
    if value in UNBUILT_FORMATS:
        raise not_built(f"imageMogr2/format/{value}")
    if value not in FORMATS or value == "tiff":
        raise invalid("format", value, f"The format is one of {', '.join(name for name in FORMATS if name != 'tiff')}.")

    def step(picture: Picture) -> None:
        picture.format = FORMATS[value]

    return step


def keep_quality(picture: Picture) -> None:
    """Let the result have the quality of the source: https://www.tencentcloud.com/document/product/1045/33717."""
    picture.quality = picture.source_quality


def _quality(value: str, settings: Settings) -> Step:
    """The quality is never above the source's, unless a ! follows it."""
    wanted = number("quality", value.removesuffix("!"), 0, 100)
    forced = value.endswith("!")
    return _of_source(lambda source: wanted if forced or source is None else min(wanted, source))


def _relative_quality(value: str, settings: Settings) -> Step:
    percent = number("rquality", value, 0, 100)
    return _of_source(lambda source: round((source or DEFAULT_QUALITY) * percent / 100))


def _lowest_quality(value: str, settings: Settings) -> Step:
    lowest = number("lquality", value, 0, 100)
    return _of_source(lambda source: max(lowest, source or DEFAULT_QUALITY))


def _of_source(quality_of: Callable[[int | None], int]) -> Step:
    def step(picture: Picture) -> None:
        picture.quality = max(1, quality_of(picture.source_quality))

    return step


def _interlace(value: str, settings: Settings) -> Step:
    progressive = bool(number("interlace", value, 0, 1))

    def step(picture: Picture) -> None:
        picture.progressive = progressive

    return step


def _strip(picture: Picture) -> None:
    """https://www.tencentcloud.com/document/product/1045/48099 lists it."""
    picture.exif = None


def _nothing(picture: Picture) -> None:
    """Leave the picture as it is."""


OPERATIONS: Mapping[str, Callable[[str, Settings], Step]] = {
    # Rotation and sharpen: https://www.tencentcloud.com/document/product/1045/33715 and 33719. Bright and contrast:
    # https://www.tencentcloud.com/document/product/436/41159 and 41160.
    "auto-orient": lambda value, settings: steps.orient,
    "blur": _blur,
    "bright": lambda value, settings: steps.bright(number("bright", value, -100, 100)),
    "contrast": lambda value, settings: steps.contrast(number("contrast", value, -100, 100)),
    "crop": _crop,
    "cut": _cut,
    "format": _format,
    "grayscale": lambda value, settings: steps.grayscale() if number("grayscale", value, 0, 1) else _nothing,
    "interlace": _interlace,
    "iradius": _inner_circle,
    "lquality": _lowest_quality,
    "quality": _quality,
    "rotate": lambda value, settings: steps.rotate(number("rotate", value, 0, 360)),
    "rquality": _relative_quality,
    "rradius": _round_corners,
    "sharpen": lambda value, settings: steps.sharpen(number("sharpen", value, 10, 300)),
    "strip": lambda value, settings: _strip,
    "thumbnail": _thumbnail,
}
