"""The limits of image processing: those of a vendor, and those that keep the emulator small."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF")
"""The formats that are read, by Pillow's names. The vendors read HEIC too, which Pillow does not."""
MOST_HELD = 50_000_000
"""The emulator decodes and makes pictures of so many pixels, one at a time, which takes up to some 800 MB of memory."""
MOST_WORK = 500_000_000
"""All steps of one request may change so many pixels together. Each step counts the pixels that it reads and makes."""
# Unproven most-image-steps: One request may have 32 steps of image processing.
# Why: no page of either vendor gives a number.
# Ask: GET a picture with x-oss-process=image/ and 33 steps (imageMogr2 joined by | on COS): the status and the code.
MOST_STEPS = 32
"""One request may have so many steps."""
# Unproven most-frames: OSS keeps a moving picture moving up to 300 frames, as COS does.
# Why: the pages of OSS give no number.
# Ask: GET a GIF of 301 frames with image/resize,w_1: status and code, or the number of frames.
MOST_FRAMES = 300
"""A moving picture that stays one may have so many frames:
https://www.tencentcloud.com/document/product/1045/33714."""
LONGEST_BY_RESULT = {"WEBP": 16_383, "GIF": 65_535, "JPEG": 65_500}
"""No side of a picture in such a format can be longer."""

MOST_BY_RESULT = {"AVIF": 16_777_216, "WEBP": 16_777_216}
"""The emulator encodes pictures of so many pixels in these formats, whose encoders need much time and memory."""
DAMAGED = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, AttributeError, EOFError),
    *(RuntimeError, struct.error, zlib.error),
)
"""Pillow raises any of these at damaged files."""


class PictureError(Exception):
    """A picture cannot be processed.

    `reason` is one of: corrupt, made_too_large, out_of_image, too_large, too_many_pixels, turned_too_large,
    unsupported_format, wrong_radius.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a vendor's pages allow. Sides and areas are in pixels."""

    largest: int
    """A source may have so many bytes."""
    longest: int
    """A side of a source may be so long, unless its format has a limit of its own in `longest_by_format`."""
    longest_by_format: Mapping[str, int]
    most_pixels: int
    """A source may have so many pixels over all of its frames."""
    longest_result: int
    most_result: int
    longest_turned: int
    """A picture can be turned if its sides are at most so long."""
