"""Files that are made to cost memory or time, by name; run as a program it decodes those in a folder under a limit.

It prints one line of JSON: what became of each file.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import zlib
from pathlib import Path

from PIL import Image

from tests.providers.onnx.pictures import announced_png, encoded

LIMIT = 512 * 1024 * 1024
"""Bytes of address space, libraries and the file itself included."""

BIG = 20 * 1024 * 1024
"""Bytes: the largest file that is decoded."""


def files() -> dict[str, tuple[bytes, str]]:
    """Content, and what becomes of it: `read`, or the reason of its refusal."""
    small = Image.new("RGB", (64, 64), "red")
    png, jpeg, gif = encoded(small, "PNG"), encoded(small, "JPEG"), encoded(small, "GIF")
    picture = gif.index(b",\0\0\0\0", 13)
    progressive = announced_jpeg("L", 7000, 7000)
    last = progressive.rindex(b"\xff\xda")
    turned = Image.Exif()
    turned[0x0112] = 6
    return {
        "webp at the limit": (encoded(Image.new("RGB", (4600, 4600)), "WEBP", method=0), "read"),
        "webp over it": (announced_webp(8000, 8000), "too_many_pixels"),
        "webp of the largest kind": (announced_webp(16384, 16384), "too_many_pixels"),
        "png with alpha, turned": (
            encoded(Image.new("LA", (7000, 7000)), "PNG", compress_level=1, exif=turned),
            "read",
        ),
        "png in 16 bits, turned": (
            encoded(Image.new("I;16", (7000, 7000)), "PNG", compress_level=1, exif=turned),
            "read",
        ),
        "png panorama, turned": (
            encoded(Image.new("LA", (30_000, 1023)), "PNG", compress_level=1, exif=turned),
            "read",
        ),
        "jpeg panorama": (encoded(Image.new("L", (30_000, 1023)), "JPEG"), "read"),
        "png announced": (announced_png(29_000, 8_000), "too_many_pixels"),
        "png of chunks": (png[:33] + chunk(b"teSt") * (BIG // 12) + png[33:], "too_costly"),
        "png with empty data": (png[:33] + chunk(b"IDAT") * (BIG // 12) + png[33:], "too_costly"),
        "jpeg in four progressive colours": (
            encoded(Image.new("CMYK", (6500, 6500)), "JPEG", progressive=True, quality=30),
            "read",
        ),
        "jpeg in too many of them": (announced_jpeg("CMYK", 6900, 6900), "too_many_pixels"),
        "jpeg of scans": (progressive[:-2] + progressive[last:-2] * 200 + b"\xff\xd9", "too_many_pixels"),
        "jpeg of scans behind what is no segment": (hidden_scans(500), "too_many_pixels"),
        "jpeg that begins with one colour": (one_colour_first(30_000, 8333, 3), "too_many_pixels"),
        "jpeg that begins with one colour of four": (one_colour_first(30_000, 8333, 4), "too_many_pixels"),
        "jpeg of segments": (jpeg[:2] + b"\xff\xe5\0\2" * (BIG // 4) + jpeg[2:], "too_costly"),
        "jpeg of tables": (jpeg[:2] + segment(0xDB, (b"\0" + bytes(64)) * 1000) * 300 + jpeg[2:], "too_costly"),
        "jpeg of fill bytes": (jpeg[:2] + b"\xff" * BIG + jpeg[2:], "read"),
        "jpeg of fill bytes at its end": (jpeg[:-2] + b"\xff" * BIG + b"\0", "too_costly"),
        "jpeg of nothing": (jpeg[:2] + b"\xff\0" * (BIG // 2) + jpeg[2:], "read"),
        "jpeg of exif data in pieces": (jpeg[:2] + segment(0xE1, b"Exif\0\0" + bytes(400)) * 49_000 + jpeg[2:], "read"),
        "jpeg of resources": (
            jpeg[:2] + segment(0xED, b"Photoshop 3.0\0" + (b"8BIM" + bytes(8)) * 5000) * 300 + jpeg[2:],
            "read",
        ),
        "png of profiles": (png[:33] + profile() * 18_000 + png[33:], "read"),
        "gif of comments": (gif[:picture] + b"!\xfe" + b"\1a" * (BIG // 2) + b"\0" + gif[picture:], "too_costly"),
        "gif of many comments": (
            gif[:picture] + (b"!\xfe\xff" + bytes(255) + b"\0") * 16_000 + gif[picture:],
            "read",
        ),
        "gif of nothing": (gif[:picture] + bytes(BIG) + gif[picture:], "too_costly"),
        "bmp of single dots": (runs(1, 5000, 1990, b"\1\5" * 5000 + b"\0\0"), "too_costly"),
        "bmp of half bytes": (runs(2, 5000, 1990, b"\1\5" * 5000 + b"\0\0"), "too_costly"),
        "bmp of one dot a row": (runs(1, 7000, 7000, b"\1\5\0\0"), "too_costly"),
        "tiff of strips": (tiff(64, 64, 4_000_000), "too_costly"),
        "tiff painted over and over": (tiff(4000, 4000, 100_000), "too_costly"),
        "tiff with a tile larger than all": (tiff(64, 64, 1, tile=60_000), "too_many_pixels"),
        "tiff of entries": (b"II*\0\x08\0\0\0\xff\xff" + bytes(12 * 65535), "corrupt"),
    }


def chunk(kind: bytes) -> bytes:
    return struct.pack(">I4sI", 0, kind, zlib.crc32(kind))


def profile() -> bytes:
    """A megabyte of a colour profile, packed."""
    data = b"p\0\0" + zlib.compress(bytes(1 << 20), 9)
    return struct.pack(">I4s", len(data), b"iCCP") + data + struct.pack(">I", zlib.crc32(b"iCCP" + data))


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _front(marker: int, width: int, height: int, components: int) -> bytes:
    """A JPEG up to its first scan: tables that make a bit a block, and the frame header."""
    parts = b"".join(bytes((number, 0x11, 0)) for number in range(1, components + 1))
    table = b"\1" + bytes(15) + b"\0"
    return (
        b"\xff\xd8"
        + segment(0xDB, b"\0" + b"\1" * 64)
        + segment(0xDD, b"\0\1")
        + segment(marker, struct.pack(">BHHB", 8, height, width, components) + parts)
        + segment(0xC4, b"\0" + table)
        + segment(0xC4, b"\x10" + table)
    )


def one_colour_first(width: int, height: int, components: int) -> bytes:
    """Baseline, and its first scan has one colour of several: the decoder holds all of the picture's coefficients."""
    return _front(0xC0, width, height, components) + segment(0xDA, b"\1\1\0\0\x3f\0") + bytes(10) + b"\xff\xd9"


def hidden_scans(side: int) -> bytes:
    """What looks like a long segment within a scan is two bytes to the decoder, and all scans in it are decoded."""
    scan = segment(0xDA, b"\1\1\0\0\0\0") + b"\0"
    inside = (scan * (65_000 // len(scan))).ljust(65_533, b"\0")
    return _front(0xC2, side, side, 1) + scan + b"\xff\x02\xff\xff" + inside + b"\xff\xd9"


def runs(compression: int, width: int, height: int, row: bytes) -> bytes:
    """A BMP in run lengths, of eight bits or, with compression 2, of four."""
    data, colours = row * height + b"\0\1", bytes(4 * 16)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8 // compression, compression, len(data), 0, 0, 16, 0)
    start = 14 + len(header) + len(colours)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + header + colours + data


def announced_webp(width: int, height: int) -> bytes:
    """A canvas of that size around a small picture."""
    canvas = struct.pack("<4sII", b"VP8X", 10, 0) + b"".join(
        struct.pack("<I", side - 1)[:3] for side in (width, height)
    )
    chunks = b"WEBP" + canvas + encoded(Image.new("RGB", (8, 8)), "WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def announced_jpeg(mode: str, width: int, height: int) -> bytes:
    """Progressive, with the scans of a small picture."""
    small = encoded(Image.new(mode, (64, 64)), "JPEG", progressive=True)
    size = small.index(b"\xff\xc2") + 5
    return small[:size] + struct.pack(">HH", height, width) + small[size + 4 :]


def tiff(width: int, height: int, pieces: int, tile: int = 0) -> bytes:
    """Grey and not compressed: as many strips of one row less than the picture, or tiles, all in the same place."""
    entries = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (277, 1)]
    entries += [(322, tile), (323, tile), (324, 0), (325, 64)] if tile else [(273, 0), (278, height - 1), (279, 64)]
    places = 10 + 12 * len(entries)
    packed = b"".join(
        struct.pack("<HHII", tag, 4, pieces if tag in (273, 324) else 1, places if tag in (273, 324) else value)
        for tag, value in entries
    )
    start = struct.pack("<2sHIH", b"II", 42, 8, len(entries)) + packed
    return (start + struct.pack("<I", 8) * pieces).ljust(min(BIG, width * height + 4 * pieces), b"\0")


def main(folder: Path) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    from imagelabels.domain.errors import Rejected
    from imagelabels.providers.onnx.decode import decode

    outcomes = {}
    for path in sorted(folder.iterdir()):
        try:
            decode(path.read_bytes(), 224, 240, 192)  # as much as is ever asked for
            outcomes[path.name] = "read"
        except Rejected as error:
            outcomes[path.name] = error.reason
        except MemoryError:
            outcomes[path.name] = "out of memory"
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
