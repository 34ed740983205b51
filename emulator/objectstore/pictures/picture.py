"""A picture while it is processed: how it is opened, what a step may change, and how it is encoded at the end."""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from emulator.objectstore.pictures import jpeg
from emulator.objectstore.pictures.limits import (
    DAMAGED,
    FORMATS,
    LONGEST_BY_RESULT,
    MOST_BY_RESULT,
    MOST_FRAMES,
    MOST_HELD,
    MOST_WORK,
    Limits,
    PictureError,
)
from emulator.objectstore.refusals import not_built

CLEAR = (255, 255, 255, 0)
"""The colour of what is outside a circle. It becomes white in a format without transparency."""
OPAQUE = ("JPEG",)
# Unproven default-quality: A JPEG, WebP or AVIF is written with quality 75 if neither the request nor the source tells
#   one.
# Why: no page of either vendor tells the default.
# Ask: GET a PNG of 1000x1000 with image/format,jpg (OSS) and imageMogr2/format/jpg (COS): the quantisation tables of
#   the answer.
DEFAULT_QUALITY = 75
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""These turns make a picture upright, by its EXIF orientation."""
ONE_AT_A_TIME = threading.Lock()

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit is below the vendors'


@dataclass(slots=True)
class Work:
    """Counts the pixels that the steps of one request may still change."""

    left: int = MOST_WORK

    def spend(self, pixels: int) -> None:
        self.left -= pixels
        if self.left < 0:
            raise not_built(f"image processing that changes more than {MOST_WORK} pixels in all of its steps")


@dataclass(slots=True)
class Picture:
    """One frame, in RGB or RGBA, and what is known of its source.

    `format`, `quality`, `progressive` and `exif` say how the result is encoded. A step may change them.
    """

    image: Image.Image
    limits: Limits
    source_format: str
    source_quality: int | None
    """The quality of a source that is a JPEG, from 1 to 100."""
    turn: Image.Transpose | None
    """This turn makes the picture upright. It is None if the picture is upright or its orientation is not known."""
    format: str
    quality: int | None = None
    progressive: bool = False
    exif: Image.Exif | None = None
    work: Work = field(default_factory=Work)

    @property
    def size(self) -> tuple[int, int]:
        return self.image.size

    def begin(self, width: int, height: int) -> None:
        """Allow a step that makes a picture of that size, or raise what the size exceeds."""
        limits = self.limits
        if max(width, height) > limits.longest_result or width * height > limits.most_result:
            raise PictureError("made_too_large")
        if width * height > MOST_HELD:
            raise not_built(f"image processing that makes more than {MOST_HELD} pixels")
        self.work.spend(width * height + self.image.width * self.image.height)

    def filter(self) -> None:
        """Allow a step that keeps the size."""
        self.work.spend(2 * self.image.width * self.image.height)

    def with_transparency(self) -> Image.Image:
        return self.image if self.image.mode == "RGBA" else self.image.convert("RGBA")


Step = Callable[[Picture], None]


@contextmanager
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Image.Image]:
    """Open the first frame of a picture, whose size is within the limits.

    Whatever Pillow raises while the block runs means that the file is damaged: its decoders raise many kinds of errors.
    Its warnings about damaged files would only fill the log.
    """
    if path.stat().st_size > limits.largest:
        raise PictureError("too_large")
    try:
        with _silence(), Image.open(path, formats=FORMATS) as source:
            pixels = source.width * source.height * getattr(source, "n_frames", 1)
            longest = limits.longest_by_format.get(str(source.format), limits.longest)
            if max(source.size) > longest or pixels > limits.most_pixels:
                raise PictureError("too_many_pixels")
            yield source
    except UnidentifiedImageError:
        raise PictureError("unsupported_format") from None
    except DAMAGED:
        raise PictureError("corrupt") from None


def made(path: Path, limits: Limits, steps: Sequence[Step]) -> tuple[bytes, str]:
    """Return the picture after the steps, and its format.

    If a moving GIF stays a GIF, the steps are done with each of its frames. Otherwise the first frame is taken.
    """
    with ONE_AT_A_TIME, opened(path, limits) as source:
        first = decoded(source, limits)
        frames = [_done(first, steps)]
        options: dict[str, Any] = {}
        if first.source_format == first.format == "GIF" and getattr(source, "n_frames", 1) > 1:
            options = _animation(source, first, steps, frames)
    return _encoded(first, frames, options), first.format


def decoded(source: Image.Image, limits: Limits) -> Picture:
    """Return the current frame of an open picture, which the emulator must be able to hold."""
    if source.width * source.height > MOST_HELD:
        raise not_built(f"image processing of more than {MOST_HELD} pixels")
    exif = source.getexif()
    source_format = str(source.format)
    quality = jpeg.quality(source)
    source.load()
    turn = TURNS.get(exif.get(ORIENTATION, 1))
    return Picture(_plain(source), limits, source_format, quality, turn, source_format, exif=exif)


def on_white(image: Image.Image) -> Image.Image:
    """Return the picture without transparency."""
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _done(picture: Picture, steps: Sequence[Step]) -> Image.Image:
    for step in steps:
        step(picture)
    return picture.image


def _plain(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    plain = image.copy() if image.mode == mode else image.convert(mode)
    plain.info = {}
    return plain


def _animation(source: Image.Image, first: Picture, steps: Sequence[Step], frames: list[Image.Image]) -> dict[str, Any]:
    """Do the steps with the frames after the first, and return the options that make the result move as the source."""
    count = int(getattr(source, "n_frames", 1))
    if count > MOST_FRAMES:
        raise not_built(f"image processing of more than {MOST_FRAMES} frames")
    if count * max(source.width * source.height, frames[0].width * frames[0].height) > MOST_HELD:
        raise not_built(f"image processing of moving pictures of more than {MOST_HELD} pixels in all frames")
    durations = [source.info.get("duration", 100)]
    for number in range(1, count):
        source.seek(number)
        durations.append(source.info.get("duration", 100))
        frame = decoded(source, first.limits)
        frame.work = first.work
        frames.append(_done(frame, steps))
    loop = {"loop": source.info["loop"]} if "loop" in source.info else {}
    return {"save_all": True, "append_images": frames[1:], "duration": durations, "disposal": 2, **loop}


def _encoded(picture: Picture, frames: Sequence[Image.Image], options: dict[str, Any]) -> bytes:
    image = on_white(frames[0]) if picture.format in OPAQUE else frames[0]
    if max(image.size) > LONGEST_BY_RESULT.get(picture.format, max(image.size)):
        raise PictureError("made_too_large")
    most = MOST_BY_RESULT.get(picture.format, MOST_HELD)
    if image.width * image.height > most:
        raise not_built(f"image processing that makes a {picture.format} of more than {most} pixels")
    quality = picture.quality or DEFAULT_QUALITY
    if picture.format == "JPEG":
        options = {"quality": quality, "progressive": picture.progressive}
    elif picture.format == "WEBP":
        options = {"quality": quality, "method": 1}
    elif picture.format == "AVIF":
        options = {"quality": quality, "speed": 10}
    if picture.exif and picture.format in ("JPEG", "PNG", "WEBP"):
        options["exif"] = jpeg.exif_bytes(picture.exif)
    file = io.BytesIO()
    image.save(file, picture.format, **options)
    return file.getvalue()
