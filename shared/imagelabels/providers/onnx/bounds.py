"""Bounds what decoding a picture may cost. Its headers tell the cost before Pillow takes the memory or the time."""

from __future__ import annotations

from PIL import ImageFile

from imagelabels.domain.errors import Rejected
from imagelabels.pictures import jpeg
from imagelabels.pictures.picture import MAX_PIXELS, MAX_SIDE, Head
from imagelabels.providers.onnx.pared import MAX_PARTS

MAX_WHOLE_PIXELS = 50_000_000
"""A picture that must be decoded at full size has at most so many. A JPEG in one scan need not be."""
MAX_MEMORY = 340_000_000
"""Pillow and the libraries below it hold at most so many bytes for pixels. The network and the file come on top, and
all of it stays below 512 MB."""
MAX_SCANNED = 1_000_000_000
"""The pixels of a JPEG times its scans are at most so many: each scan, even an empty one, goes over the whole picture.
An ordinary progressive file has ten scans or fewer.
https://libjpeg-turbo.org/pmwiki/uploads/About/TwoIssueswiththeJPEGStandard.pdf"""
MAX_RUN_PIXELS, MAX_RUN_BYTES = 16_000_000, 6_000_000
"""A BMP in run lengths, which Pillow unpacks in Python, has at most so many pixels and bytes."""

_WEBP = 16
"""A pixel takes so many bytes, and does so when the file is opened: two canvases and a frame of libwebp, and the
picture."""
_PIXEL = 4
"""Pillow takes at most so many bytes for a pixel of any mode."""


def before_opening(head: Head, content: bytes) -> None:
    """Check a file whose head is known. `content` has been pared.

    Rejected: too_many_pixels, too_costly, unsupported_format or corrupt.
    """
    if head.format == "webp":
        _hold(head.width or 0, head.height or 0, _WEBP)
    elif head.format == "bmp":
        if len(content) < 14 + int.from_bytes(content[14:18], "little"):
            raise Rejected("corrupt", "the file ends in its header")
        _short_runs(head, content)
    elif head.format == "jpeg":
        _readable_frame(content)


def before_decoding(image: ImageFile.ImageFile, content: bytes) -> None:
    """Check an opened picture. Rejected: too_many_pixels, or too_costly if its parts are more than the whole."""
    width, height = image.size
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Rejected("too_many_pixels", f"{width} x {height} is over {MAX_SIDE} a side or {MAX_PIXELS} in all")
    pixel = _PIXEL
    if image.format == "JPEG":
        scans = whole_scans(content)
        if scans == 0:
            return
        if width * height * scans > MAX_SCANNED:
            raise Rejected("too_many_pixels", f"{width} x {height} in {scans} scans: the limit is {MAX_SCANNED} in all")
        pixel = 2 * len(image.getbands())  # coefficients are held until the last scan
    elif (tags := getattr(image, "tag_v2", None)) is not None:
        samples = int(tags.get(277, 1)) * max(tags.get(258, (8,))) / 8
        pixel += max(1, round(samples))  # one strip may be all of it
        boxes = [tile.extents or (0, 0, width, height) for tile in image.tile]
        covered = sum((right - left) * (low - top) for left, top, right, low in boxes)
        if covered > width * height * (int(tags.get(277, 1)) + 1):
            raise Rejected("too_costly", "the strips or tiles cover the picture several times")
        _hold(int(tags.get(322, 1)), int(tags.get(323, 1)), pixel)
    if width * height > MAX_WHOLE_PIXELS:
        raise Rejected(
            "too_many_pixels",
            f"{width} x {height} in a format that must be decoded whole: the limit is {MAX_WHOLE_PIXELS}",
        )
    _hold(width, height, pixel)


def _hold(width: int, height: int, pixel: int) -> None:
    if width * height * pixel > MAX_MEMORY:
        most = MAX_MEMORY // pixel
        raise Rejected("too_many_pixels", f"{width} x {height} of this kind: the limit is {most} pixels")


def whole_scans(content: bytes) -> int:
    """Count the scans that go over the whole picture at its full size; 0 for a JPEG that is read in one scan and shrunk
    on the way.

    libjpeg keeps all coefficients whenever a frame is progressive or its first scan lacks a colour (has_multiple_scans
    in jdmaster.c). A first scan that has all colours is the only one that it reads of other frames.
    """
    scans, components, whole = 0, 0, False
    for count, segment in enumerate(jpeg.segments(content)):
        if count >= MAX_PARTS:
            raise Rejected("too_costly", f"the file has more than {MAX_PARTS} segments")
        if segment.marker in jpeg.FRAMES:
            frame = jpeg.frame(content, segment)
            components = frame.components if frame is not None else 0
            whole = segment.marker in jpeg.PROGRESSIVE
        elif segment.marker == jpeg.SOS:
            scans += 1
            if not whole and content[segment.body : segment.body + 1] == bytes((components & 0xFF,)):
                return 0
            whole = True
    return scans


def _readable_frame(content: bytes) -> None:
    """Check the first frame. Rejected: unsupported_format if libjpeg or Pillow does not read it."""
    for segment in jpeg.segments(content):
        frame = jpeg.frame(content, segment) if segment.marker in jpeg.FRAMES else None
        if segment.marker in jpeg.LOSSLESS | jpeg.HIERARCHICAL:
            raise Rejected(
                "unsupported_format", "lossless and hierarchical JPEG files are not read: convert to an ordinary JPEG"
            )
        if frame is not None and (frame.bits != 8 or frame.components not in (1, 3, 4)):
            raise Rejected(
                "unsupported_format",
                f"JPEG files of {frame.components} components of {frame.bits} bits are not read: convert to JPEG of 8"
                " bits",
            )
        if segment.marker in jpeg.FRAMES | {jpeg.SOS}:
            return


def _short_runs(head: Head, content: bytes) -> None:
    runs = int.from_bytes(content[14:18], "little") >= 40 and int.from_bytes(content[30:34], "little") in (1, 2)
    pixels = (head.width or 0) * (head.height or 0)
    if runs and (pixels > MAX_RUN_PIXELS or len(content) > MAX_RUN_BYTES):
        raise Rejected(
            "too_costly",
            f"a BMP in run lengths of {pixels} pixels in {len(content)} bytes: the limits are {MAX_RUN_PIXELS} and"
            f" {MAX_RUN_BYTES}",
        )
