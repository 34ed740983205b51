"""This module generates picture files from the grammar of their formats.

The files have the right parts in wrong numbers, orders, lengths and nestings. Random damage to good files (fuzz.py)
seldom makes ten thousand segments or directories that refer to each other in a circle; these files have them.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

Chance = random.Random

_COUNTS = (0, 1, 1, 1, 2, 3, 5, 20, 300, 3000)
"""A part is repeated this many times."""
_SIDES = (0, 1, 8, 63, 64, 640, 4000, 7000, 30_000, 65_535)
MOST = 200_000
"""A repeated part has at most this many bytes, so that a file is made quickly. hostile.py in the tests tries sizes."""


def file(chance: Chance) -> bytes:
    """Return a file from one of the grammars, which may be cut short or followed by another file."""
    content = chance.choice(_GRAMMARS)(chance)
    if chance.random() < 0.1:
        content += chance.choice(_GRAMMARS)(chance)
    return content[: chance.randrange(len(content) + 1)] if chance.random() < 0.1 else content


def _times(chance: Chance, part: bytes) -> bytes:
    return part * min(chance.choice(_COUNTS), MOST // (len(part) or 1) + 1)


def _junk(chance: Chance) -> bytes:
    kinds = (b"\xff", b"\0", b"\xff\0", b"\xff\xd0", b"\xff\x02\xff\xff", b"<!--", b"a", b"\xff\xff", b"II*\0")
    return _times(chance, chance.choice(kinds))


def _block(chance: Chance) -> bytes:
    """Return EXIF data whose directories may refer to each other and to themselves."""
    order = chance.choice("<>")
    block = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, chance.choice((8, 8, 8, 0, 26, 1 << 31)))
    for _ in range(chance.choice((1, 2, 2, 5))):
        count = chance.choice((0, 1, 3, 12, 600))
        block += struct.pack(order + "H", chance.choice((count, count, count, 0xFFFF)))
        for _ in range(count):
            tag = chance.choice((254, 256, 257, 258, 259, 262, 271, 273, 274, 277, 278, 279, 330, 322, 0x8769, 0xC612))
            kind, values = chance.choice((1, 2, 3, 4, 4, 5, 7, 16, 99)), chance.choice((0, 1, 1, 1, 4, 3000, 1 << 30))
            block += struct.pack(order + "HHII", tag, kind, values, chance.choice((0, 1, 8, 26, len(block), 1 << 31)))
        block += struct.pack(order + "I", chance.choice((0, 0, 8, len(block), 1 << 31)))
    return block


def _segment(chance: Chance, marker: int, body: bytes) -> bytes:
    length = len(body) + 2 if chance.random() < 0.97 else chance.choice((0, 1, 2, 0xFFFF))
    return struct.pack(">BBH", 0xFF, marker, min(length, 0xFFFF)) + body


def _jpeg(chance: Chance) -> bytes:
    colours = chance.choice((1, 1, 1, 3, 3, 3, 4, 4, 2, 255))
    marker = chance.choice((0xC0,) * 4 + (0xC2,) * 4 + (0xC1, 0xC9, 0xCA, 0xC3, 0xC5))
    width, height = chance.choice(_SIDES), chance.choice(_SIDES)
    named = b"".join(bytes((number & 255, chance.choice((0x11, 0x22, 0x41)), 0)) for number in range(1, colours + 1))
    table = b"\1" + bytes(15) + b"\0"

    def scan() -> bytes:
        seen = chance.choice((colours, colours, colours, 1, 1, 0))
        body = bytes((seen & 255,)) + b"".join(bytes((number & 255, 0)) for number in range(1, seen + 1))
        return _segment(chance, 0xDA, body + (b"\0\0\0" if marker in (0xC2, 0xCA) else b"\0\x3f\0")) + bytes(
            chance.choice((0, 1, 100, 9000))
        )

    def between() -> bytes:
        data = chance.choice((b"Exif\0\0" + _block(chance), b"MPF\0" + _block(chance), b"a" * 30, b"ICC_PROFILE\0\1\1"))
        marker = chance.choice((0xE1, 0xE2, 0xED, 0xFE, 0xDB, 0xC4, 0xDD, 0xD8, 0x01))
        part = _segment(chance, marker, data[:60_000]) if chance.random() < 0.5 else _junk(chance)
        return _times(chance, part)

    parts = [b"\xff\xd8", between() if chance.random() < 0.5 else b""]
    parts += [_segment(chance, 0xDB, b"\0" + b"\1" * 64), _segment(chance, 0xDD, b"\0\1")]
    parts += [_segment(chance, marker, struct.pack(">BHHB", 8, height, width, colours & 255) + named)]
    parts += [_segment(chance, 0xC4, kind + table) for kind in (b"\0", b"\x10")]
    for _ in range(chance.choice((1, 1, 2, 4))):
        parts += [_times(chance, scan()), between() if chance.random() < 0.3 else b""]
    return b"".join(parts) + b"\xff\xd9"


def _png(chance: Chance) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        length = len(data) if chance.random() < 0.95 else chance.choice((0, 1 << 31, len(data) + 9))
        return struct.pack(">I", length) + name + data + struct.pack(">I", zlib.crc32(name + data))

    width, height, bits = chance.choice(_SIDES), chance.choice(_SIDES), chance.choice((1, 8, 8, 16))
    kind, samples = chance.choice(((0, 1), (0, 1), (2, 3), (3, 1), (4, 2), (6, 4)))
    size = height * ((width * samples * bits + 7) // 8 + 1)
    packed = zlib.compress(bytes(size if size < MOST and chance.random() < 0.8 else chance.choice((0, 100, MOST))), 9)
    header = struct.pack(">II", width, height) + bytes((bits, kind, 0, 0, chance.choice((0, 0, 0, 1))))
    others = (
        chunk(b"iCCP", b"p\0\0" + packed),
        chunk(b"zTXt", b"k\0\0" + packed),
        chunk(b"iTXt", b"k\0\1\0\0\0" + packed),
        chunk(b"tEXt", b"k\0" + b"v" * 50),
        chunk(b"eXIf", _block(chance)),
        chunk(b"acTL", struct.pack(">II", 9, 0)),
        chunk(b"fcTL", bytes(26)),
        chunk(b"PLTE", bytes(chance.choice((3, 768, 3000)))),
        chunk(b"tRNS", bytes(chance.choice((0, 2, 256)))),
        chunk(b"IDAT", b""),
        chunk(b"IEND", b""),
    )
    between = [_times(chance, chance.choice(others)) for _ in range(chance.choice((0, 1, 2, 4)))]
    data = [chunk(b"IDAT", packed[at : at + 50]) for at in range(0, len(packed), 50)]
    return b"".join((b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *between, *data, chunk(b"IEND", b"")))


def _gif(chance: Chance) -> bytes:
    def blocks() -> bytes:
        return _times(chance, chance.choice((b"\1a", b"\xff" + b"b" * 255, b"\4\1\0\0\1"))) + b"\0"

    def extension() -> bytes:
        return _times(chance, b"!" + chance.choice((b"\xfe", b"\xf9", b"\xff", b"\1")) + blocks()[:2000])

    sides = [chance.choice(_SIDES) for _ in range(4)]
    parts = [b"GIF89a", struct.pack("<HHBBB", sides[0], sides[1], chance.choice((0, 0x80, 0x87)), 0, 0), bytes(6)]
    for _ in range(chance.choice((1, 2, 3))):
        parts += [extension(), _junk(chance) if chance.random() < 0.2 else b""]
        parts += [
            b",",
            struct.pack("<HHHHB", 0, 0, sides[2], sides[3], chance.choice((0, 0x40, 0x87))),
            b"\2",
            blocks(),
        ]
    return b"".join(parts) + b";"


def _webp(chance: Chance) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        length = len(data) if chance.random() < 0.9 else chance.choice((0, 1 << 31, len(data) + 9))
        return name + struct.pack("<I", length) + data + bytes(len(data) % 2)

    sides = b"".join(struct.pack("<I", max(chance.choice(_SIDES), 1) - 1)[:3] for _ in range(2))
    names = (b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", b"teSt")
    parts = [chunk(b"VP8X", bytes((chance.choice((0, 2, 8, 0x10, 0x3E)),)) + bytes(3) + sides)]
    for _ in range(chance.choice((1, 3, 6))):
        data = chance.choice(
            (_block(chance), b"\x2f" + sides + bytes(40), b"\0\0\0\x9d\x01\x2a" + bytes(40), bytes(24))
        )
        parts.append(_times(chance, chunk(chance.choice(names), data)))
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _tiff(chance: Chance) -> bytes:
    """Return a TIFF file. Half of these have all parts of a picture, with a few changed numbers and some pages."""
    if chance.random() < 0.5:
        return _block(chance) + _junk(chance) + bytes(chance.choice((0, 100, 9000)))
    order = chance.choice("<>")
    content = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    for _ in range(chance.choice((1, 1, 2, 20))):
        width, height, strips = chance.choice(_SIDES), chance.choice(_SIDES), chance.choice((1, 1, 2, 9000, 1 << 20))
        tags = {254: chance.choice((0, 0, 1)), 256: width, 257: height, 258: chance.choice((1, 8, 8, 16, 32))}
        tags |= {259: chance.choice((1, 1, 1, 2, 3, 4, 5, 7, 8, 32773, 50000)), 262: chance.choice((0, 1, 1, 2, 3, 6))}
        tags |= {
            273: 8,
            277: chance.choice((1, 1, 3, 4)),
            278: max(height // strips, 1),
            279: chance.choice((64, 9000)),
        }
        tags |= {
            tag: chance.choice((0, 1, 8, 1 << 31)) for tag in (322, 323, 324, 325, 330, 339) if chance.random() < 0.1
        }
        content += struct.pack(order + "H", len(tags))
        for tag, value in sorted(tags.items()):
            content += struct.pack(order + "HHII", tag, 4, strips if tag in (273, 279) else 1, value)
        content += struct.pack(order + "I", chance.choice((0, 8, len(content) + 4)))
    return content + bytes(chance.choice((0, 100, 9000, MOST)))


def _bmp(chance: Chance) -> bytes:
    width, height = (chance.choice(_SIDES) * chance.choice((1, 1, 1, -1)) for _ in range(2))
    size, bits, compression = (
        chance.choice(kinds) for kinds in ((12, 40, 40, 56, 108, 16), (1, 4, 8, 16, 24, 32), range(7))
    )
    header = struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 0, 0, chance.choice((0, 2, 256)), 0
    )
    rows = _times(chance, chance.choice((b"\1\5", b"\0\0", b"\0\2\xff\xff", b"\0\3abc\0", b"\xff\1", b"\1\5\0\0")))
    return b"BM" + struct.pack("<IHHI", 0, 0, 0, 14 + size) + header.ljust(size, b"\0") + bytes(64) + rows + b"\0\1"


def _boxes(chance: Chance) -> bytes:
    brands = b"".join(
        chance.choice((b"heic", b"mif1", b"avif", b"crx ", b"abcd")) for _ in range(chance.choice((1, 3, 90)))
    )
    start = struct.pack(">I4s", chance.choice((8 + len(brands), 0, 1 << 31)), b"ftyp") + brands
    return start + _times(chance, b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", 4000, 3000)) + _junk(chance)


def _svg(chance: Chance) -> bytes:
    """Return an SVG file with text before its first element. Half of these have only complete comments and tags."""
    whole = (b"<!---->", b"<!-- -->", b"<?xml>", b"<!DOCTYPE svg>", b"\n")
    parts = whole if chance.random() < 0.5 else (*whole, b"<!--", b"-->", b"<?xml ", b"<svg", b">", b"\xef\xbb\xbf")
    return b"".join(_times(chance, chance.choice(parts)) for _ in range(chance.choice((1, 3, 8)))) + b"<svg>"


_GRAMMARS: tuple[Callable[[Chance], bytes], ...] = (_jpeg, _jpeg, _jpeg, _png, _gif, _webp, _tiff, _bmp, _boxes, _svg)
