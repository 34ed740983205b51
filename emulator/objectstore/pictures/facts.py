"""What a picture says about itself: its format and size, its frames, its EXIF data, and its average colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from emulator.objectstore.pictures import jpeg
from emulator.objectstore.pictures.limits import DAMAGED, Limits
from emulator.objectstore.pictures.picture import ONE_AT_A_TIME, decoded, on_white, opened

LONGEST_VALUE = 256
"""An EXIF value of more characters, bytes or numbers is left out: it is a note of the camera's maker."""
MOST_FIELDS = 300
"""Only so many EXIF fields are told."""
_COMPASS = {"N": "North", "S": "South", "E": "East", "W": "West"}
_PLACES = ("GPSLatitude", "GPSLongitude")


@dataclass(frozen=True, slots=True)
class Facts:
    """`format` has Pillow's name. `density` has the unit and the two numbers of a JPEG's header, in EXIF's terms."""

    format: str
    width: int
    height: int
    frames: int
    density: tuple[int, int, int]
    exif: Mapping[str, str]
    quality: int | None
    """The quality from 1 to 100 with which a JPEG was made."""


def read(path: Path, limits: Limits) -> Facts:
    """Read what stands in the headers of a picture. Its pixels are not decoded."""
    with ONE_AT_A_TIME, opened(path, limits) as source:
        across, down = source.info.get("jfif_density", (1, 1))
        density = (int(source.info.get("jfif_unit", 0)) + 1, int(across), int(down))
        frames = int(getattr(source, "n_frames", 1))
        exif = {} if source.format == "PNG" else dict(_first(_fields(source.getexif())))
        return Facts(str(source.format), source.width, source.height, frames, density, exif, jpeg.quality(source))


def average(path: Path, limits: Limits) -> str:
    """Return the average colour of a picture, as 0xRRGGBB."""
    with ONE_AT_A_TIME, opened(path, limits) as source:
        pixel = on_white(decoded(source, limits).image).resize((1, 1), Image.Resampling.BOX)
        return "0x" + pixel.tobytes().hex()


def _first(fields: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for number, field in enumerate(fields):
        if number == MOST_FIELDS:
            return
        yield field


def _fields(exif: Image.Exif) -> Iterator[tuple[str, str]]:
    """Yield the fields of the picture, of its camera settings and of its place. Damaged ones are left out."""
    parts: list[tuple[Mapping[int, Any], Mapping[int, str]]] = [(exif, ExifTags.TAGS)]
    for ifd, tags in ((ExifTags.IFD.Exif, ExifTags.TAGS), (ExifTags.IFD.GPSInfo, ExifTags.GPSTAGS)):
        try:
            parts.append((exif.get_ifd(ifd), tags))
        except DAMAGED:
            continue
    pointers = {int(ifd) for ifd in ExifTags.IFD}
    for values, names in parts:
        for tag, value in sorted(values.items()):
            name = names.get(tag)
            text = "" if name is None or tag in pointers else _text(name, value)
            if name is not None and text:
                yield name, text


def _text(name: str, value: Any) -> str:
    """Return a value as the vendors write it: fractions as 1/200, and bytes and lists as numbers with spaces."""
    if isinstance(value, (bytes, str, tuple)) and len(value) > LONGEST_VALUE:
        return ""
    if name in _PLACES and isinstance(value, tuple) and len(value) == 3:
        return _degrees(value)
    if isinstance(value, str):
        text = value.rstrip("\0 ").encode(errors="replace").decode()
        return _COMPASS.get(text, text) if name.endswith("Ref") else text
    if isinstance(value, (bytes, tuple)):
        return " ".join(_number(part) for part in value)
    return _number(value)


def _number(value: Any) -> str:
    if isinstance(value, IFDRational):
        return f"{value.numerator}/{value.denominator}"
    return str(value) if isinstance(value, (int, float)) else ""


def _degrees(value: tuple[Any, ...]) -> str:
    """Return a latitude or longitude in the form of the sample on OSS's page about the info action."""
    try:
        degrees, minutes, seconds = (float(part) for part in value)
        return f"{degrees:.0f}deg {minutes:.0f}' {seconds:.3f}\" "
    except (TypeError, ValueError, ArithmeticError):
        return ""
