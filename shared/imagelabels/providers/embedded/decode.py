"""Decodes a picture to the square of pixels that the network looks at, with bounded work."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from imagelabels.domain.errors import Rejected
from imagelabels.domain.picture import sniff
from imagelabels.providers.embedded import bounds
from imagelabels.providers.embedded.bands import shrunk

FORMATS = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff"})

CROP = 0.875
"""Share of the short side that the centre crop keeps: what the network was measured best with."""

PANORAMA = 2
"""Sides that differ by more: the centre shows little of such a picture, so its ends are looked at too."""

_OPEN = tuple(name.upper() for name in sorted(FORMATS))
_WHITE = (255, 255, 255, 255)
"""Behind what is transparent: cut-out pictures are made for white pages, and the colours stored there mean nothing."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
"""Tags of TIFF and EXIF."""

# Pillow warns above 89 million pixels and refuses above twice that; our own limits are checked before it decodes.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """The centre as displayed, (side, side, 3) uint8 RGB, and the whole picture's width and height as stored."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    ends: tuple[NDArray[np.uint8], ...] = ()
    """Of a panorama: squares as large as the centre, from the left and the right, or from above and below."""
    finer: tuple[NDArray[np.uint8], ...] = ()
    """If asked for: the same squares, the centre first, with more pixels."""
    whole: NDArray[np.uint8] | None = None
    """If asked for: all of the picture as displayed, (height, width, 3)."""


def decode(content: bytes, side: int, finer: int = 0, whole: int = 0) -> Decoded:
    """With squares of `side` pixels, and if asked for of `finer` pixels too, which must be more, and with the whole
    picture, its longer side `whole` pixels, which must not be more.

    Rejected: not_image, unsupported_format, too_many_pixels or corrupt.
    """
    bounds.before_opening(content)
    try:
        image = Image.open(io.BytesIO(content), formats=_OPEN)
    except UnidentifiedImageError:
        raise _unopened(content) from None
    except MemoryError:
        raise  # that says nothing of the file
    except Exception as error:  # Pillow's readers raise almost anything on a file that is made to hurt
        raise _corrupt(error) from error
    with image:
        try:
            bounds.before_decoding(image, content)
            width, height = _stored(image)
            prepared = _prepared(image, max(side, finer))
            pixels, *ends = _squares(prepared, side)
            more = tuple(_squares(prepared, finer)) if finer else ()
            return Decoded(pixels, width, height, tuple(ends), more, _fitted(prepared, whole) if whole else None)
        except (Rejected, MemoryError):
            raise
        except Exception as error:
            raise _corrupt(error) from error


def _unopened(content: bytes) -> Rejected:
    kind = sniff(content[:4096])
    if kind is None:
        return Rejected("not_image", "the file does not begin as any picture does")
    if kind in FORMATS:
        return Rejected("corrupt", f"the file begins as {kind} but is damaged, or of a kind that is not read")
    return Rejected(
        "unsupported_format", f"{kind} pictures are not read: convert to one of {', '.join(sorted(FORMATS))}"
    )


def _corrupt(error: Exception) -> Rejected:
    if isinstance(error, OSError) and "truncated" in str(error):
        return Rejected("corrupt", "the file ends before the picture does: it was cut off")
    return Rejected("corrupt", "the file is damaged: the picture in it cannot be decoded")


def _stored(image: Image.Image) -> tuple[int, int]:
    """Width and height before any orientation. Pillow turns a TIFF by itself, and tells its size as turned."""
    tags = getattr(image, "tag_v2", None)
    return image.size if tags is None else (tags[_WIDTH], tags[_HEIGHT])


def _prepared(image: Image.Image, side: int) -> Image.Image:
    """Shrunk to what squares of `side` pixels need, and upright. What is left is to crop, shrink, then colour: turned
    last it would be off by one in some pixels, for Pillow rounds in between rows and columns, and a photo would get
    other confidences than its upright copy."""
    wanted = side / CROP / min(image.size)
    # A JPEG is decoded at the smallest eighth that still holds what is wanted: a fifth of the time at 12 megapixels.
    image.draft(None, (math.ceil(image.width * wanted), math.ceil(image.height * wanted)))
    image.load()
    turn = _TURNS.get(_orientation(image))
    prepared = shrunk(image, side / CROP, _resizable)
    return prepared if turn is None else prepared.transpose(turn)


def _squares(prepared: Image.Image, side: int) -> list[NDArray[np.uint8]]:
    """The centre, then the ends."""
    crop = CROP * min(prepared.size)
    places = [(0.5, 0.5)]
    if max(prepared.size) > PANORAMA * min(prepared.size):
        places += [(0, 0.5), (1, 0.5)] if prepared.width > prepared.height else [(0.5, 0), (0.5, 1)]
    squares = []
    for across, down in places:
        left, top = (prepared.width - crop) * across, (prepared.height - crop) * down
        small = prepared.resize((side, side), Image.Resampling.BICUBIC, (left, top, left + crop, top + crop))
        squares.append(np.asarray(_rgb(small)))
    return squares


def _fitted(prepared: Image.Image, longer: int) -> NDArray[np.uint8]:
    width, height = (max(round(side * longer / max(prepared.size)), 1) for side in prepared.size)
    return np.asarray(_rgb(prepared.resize((width, height), Image.Resampling.BILINEAR)))


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(_ORIENTATION)
    except MemoryError:
        raise
    except Exception:  # broken EXIF data say nothing about the picture
        return None


def _resizable(image: Image.Image) -> Image.Image:
    """In a mode that can be resized by mixing neighbours: a palette's indices cannot."""
    if image.has_transparency_data and image.mode != "RGBA":
        return image.convert("RGBA")
    if image.mode in ("1", "P"):
        return image.convert("RGB")
    if image.mode.startswith("I;16"):
        return image.convert("I")
    if image.mode in ("LAB", "HSV"):
        raise Rejected("unsupported_format", f"pixels in {image.mode} are not read: convert to RGB")
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    if image.mode in ("I", "F"):
        return Image.fromarray(_eight_bits(np.asarray(image))).convert("RGB")
    return image.convert("RGB")


def _eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey of more than eight bits: 0..255, 0..65535 or 0..1 is told by the largest value, for no file says it."""
    largest = float(values.max(initial=0))
    white = 255.0 if largest <= 255 else 65535.0
    if values.dtype.kind == "f" and largest <= 1:
        white = 1.0
    return np.asarray(np.clip(np.nan_to_num(values) * (255.0 / white) + 0.5, 0, 255), np.uint8)
