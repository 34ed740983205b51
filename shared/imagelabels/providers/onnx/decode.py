"""Decodes a picture to the square of pixels that the network looks at, with bounded work."""

from __future__ import annotations

import ctypes
import io
import logging
import math
import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    _imaging,
)

from imagelabels.domain.errors import Rejected
from imagelabels.pictures.picture import Head, probe
from imagelabels.providers.onnx import bounds
from imagelabels.providers.onnx.bands import shrunk
from imagelabels.providers.onnx.grey import in_eight_bits
from imagelabels.providers.onnx.pared import pare

_READERS: dict[str, type[ImageFile.ImageFile]] = {
    "jpeg": JpegImagePlugin.JpegImageFile,
    "png": PngImagePlugin.PngImageFile,
    "gif": GifImagePlugin.GifImageFile,
    "bmp": BmpImagePlugin.BmpImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
    "tiff": TiffImagePlugin.TiffImageFile,
}
"""A file is opened as what its first bytes say, and as nothing else that Pillow may take it for."""
FORMATS = frozenset(_READERS)

CROP = 0.875
"""The centre crop keeps this share of the short side. The network was measured best with it."""

PANORAMA = 2
"""A picture whose sides differ by more is a panorama: its centre shows little of it, so its ends are looked at too."""

_WHITE = (255, 255, 255, 255)
"""White stands behind what is transparent: cut-out pictures are made for white pages, and the colours that are stored
there mean nothing."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Pillow warns above 89 million pixels and refuses above twice that; our own limits are checked before it decodes.
Image.MAX_IMAGE_PIXELS = None


def _silence() -> None:
    """Silence Pillow, which logs and warns, and libtiff, which writes to standard error: neither names a file, and our
    reason says what is wrong with one. Pillow offers no switch for libtiff: https://libtiff.gitlab.io/libtiff/functions/TIFFError.html"""
    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        library = ctypes.CDLL(_imaging.__file__)  # it finds the functions of the libraries below, too
        handlers = library.TIFFSetErrorHandler, library.TIFFSetWarningHandler
    except (OSError, AttributeError):  # a Pillow that was built in another way: then libtiff goes on talking
        return
    for handler in handlers:
        handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
        handler(None)


_silence()


@dataclass(frozen=True, slots=True)
class Decoded:
    """It holds the centre as displayed, (side, side, 3) uint8 RGB, and the whole picture's width and height as
    stored."""

    pixels: NDArray[np.uint8]
    width: int
    height: int
    ends: tuple[NDArray[np.uint8], ...] = ()
    """A panorama has two further squares as large as the centre: from the left and the right, or from above and
    below."""
    finer: tuple[NDArray[np.uint8], ...] = ()
    """These are the same squares with more pixels, if they are asked for, the centre first."""
    whole: NDArray[np.uint8] | None = None
    """This is the whole picture as displayed, (height, width, 3), if it is asked for."""


def decode(content: bytes, side: int, finer: int = 0, whole: int = 0) -> Decoded:
    """Decode to squares of `side` pixels. If `finer` is not 0, there are squares of so many pixels too, which must be
    more; if `whole` is not 0, the whole picture too, with so many pixels on its longer side, which must not be more.

    Rejected: not_image, unsupported_format, too_many_pixels, too_costly or corrupt.
    """
    head = probe(lambda start, length: content[start : start + length], len(content))
    if head.format is None:
        raise Rejected("not_image", "the file does not begin as any picture does")
    if head.format not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise Rejected("unsupported_format", f"{head.format} pictures are not read: convert to one of {known}")
    pared = pare(head.format, content)
    bounds.before_opening(head, pared.content)
    with _opened(head, pared.content) as image:
        try:
            bounds.before_decoding(image, pared.content)
            width, height = image.size
            prepared = _prepared(image, max(side, finer), pared.orientation)
            pixels, *ends = _squares(prepared, side)
            more = tuple(_squares(prepared, finer)) if finer else ()
            return Decoded(pixels, width, height, tuple(ends), more, _fitted(prepared, whole) if whole else None)
        except (Rejected, MemoryError):
            raise
        except Exception as error:
            raise _corrupt(error) from error


def _opened(head: Head, content: bytes) -> ImageFile.ImageFile:
    try:
        return _READERS[head.format or ""](io.BytesIO(content))
    except MemoryError:
        raise  # that says nothing of the file
    except Exception as error:  # Pillow's readers raise almost anything on a file that is made to hurt
        # BMP and TIFF are families: with a whole header, it is of a kind that Pillow does not know, and not damaged.
        if head.format in ("bmp", "tiff") and head.width is not None:
            raise Rejected(
                "unsupported_format", f"{head.format} of this kind is not read ({error}): convert to PNG or JPEG"
            ) from error
        raise _corrupt(error) from error


def _corrupt(error: Exception) -> Rejected:
    if isinstance(error, OSError) and "truncated" in str(error):
        return Rejected("corrupt", "the file ends before the picture does: it was cut off")
    return Rejected("corrupt", "the file is damaged: the picture in it cannot be decoded")


def _prepared(image: ImageFile.ImageFile, side: int, orientation: int | None) -> Image.Image:
    """Shrink the picture to what squares of `side` pixels need, and turn it upright.

    It is turned before it is cropped, shrunk further and coloured. Turned last it would be off by one in some pixels,
    since Pillow rounds between rows and columns, and a photo would get other confidences than its upright copy.
    """
    wanted = side / CROP / min(image.size)
    # A JPEG is decoded at the smallest eighth that still holds what is wanted: a fifth of the time at 12 megapixels.
    image.draft(None, (math.ceil(image.width * wanted), math.ceil(image.height * wanted)))
    image.load()
    turn = _TURNS.get(orientation or 1)
    prepared = shrunk(image, side / CROP, partial(_resizable, unsigned=_is_unsigned(image)))
    if prepared.mode in ("I", "F"):
        prepared = in_eight_bits(prepared)
    return prepared if turn is None else prepared.transpose(turn)


def _squares(prepared: Image.Image, side: int) -> list[NDArray[np.uint8]]:
    """Cut out the centre, then the ends."""
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


def _is_unsigned(image: ImageFile.ImageFile) -> bool:
    """Tell whether whole numbers of 32 bits have no sign. Pillow takes them for numbers with one."""
    tags = getattr(image, "tag_v2", {})
    return image.mode == "I" and tags.get(258) == (32,) and tags.get(339, (1,)) == (1,)


def _resizable(image: Image.Image, unsigned: bool = False) -> Image.Image:
    """Convert to a mode that can be resized by mixing neighbours: a palette's indices cannot."""
    if image.has_transparency_data and image.mode != "RGBA":
        return image.convert("RGBA")
    if image.mode in ("1", "P"):
        return image.convert("RGB")
    if image.mode.startswith("I;16"):
        return image.convert("I")
    if unsigned:
        return Image.fromarray(np.asarray(image).view(np.uint32).astype(np.float32))
    if image.mode in ("LAB", "HSV"):
        raise Rejected("unsupported_format", f"pixels in {image.mode} are not read: convert to RGB")
    return image


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "RGBA":
        return Image.alpha_composite(Image.new("RGBA", image.size, _WHITE), image).convert("RGB")
    return image.convert("RGB")
