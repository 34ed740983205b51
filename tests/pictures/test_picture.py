"""What the first bytes of a file say."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from imagelabels.pictures.picture import MAX_PIXELS, MAX_SIDE, SECOND_WINDOW, WINDOW, Head, probe, refusal, sniff

BOTH = frozenset({"jpeg", "png"})


class File:
    """Bytes with a count of the reads."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reads: list[tuple[int, int]] = []

    def read(self, start: int, length: int) -> bytes:
        self.reads.append((start, length))
        return self.data[start : start + length]

    def head(self) -> Head:
        return probe(self.read, len(self.data))


def made(file_format: str, width: int = 311, height: int = 97, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), 7).save(out, file_format, **options)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def frame(marker: int = 0xC0, width: int = 640, height: int = 480) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 3) + b"\1\x22\0\2\x11\1\3\x11\1")


@pytest.mark.parametrize(
    ("file_format", "name", "options"),
    [
        ("JPEG", "jpeg", {}),
        ("JPEG", "jpeg", {"progressive": True}),
        ("PNG", "png", {}),
        ("GIF", "gif", {"mode": "P"}),
        ("BMP", "bmp", {}),
        ("WEBP", "webp", {}),
        ("WEBP", "webp", {"lossless": True}),
        ("WEBP", "webp", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),
        ("TIFF", "tiff", {}),
        ("TIFF", "tiff", {"big_tiff": True}),
        ("TIFF", "tiff", {"compression": "tiff_lzw"}),
        ("AVIF", "avif", {}),
    ],
)
def test_format_and_pixels_of_a_real_file_are_what_its_writer_says(
    file_format: str, name: str, options: dict[str, Any]
) -> None:
    file = File(made(file_format, **options))
    assert file.head() == Head(name, 311, 97)
    assert len(file.reads) == 1


@pytest.mark.parametrize("file_format", ["ICO", "JPEG2000"])
def test_an_image_of_another_kind_is_named_and_not_called_no_image(file_format: str) -> None:
    head = File(made(file_format, 64, 64)).head()
    assert head.format == {"ICO": "ico", "JPEG2000": "jp2"}[file_format]
    assert refusal(head, BOTH) == "unsupported_format"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"8BPS\0\1" + bytes(20), "psd"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(20), "jxl"),
        (b"\xff\x0a" + bytes(20), "jxl"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "avif"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "cr3"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="x">', "svg"),
        (b"\xef\xbb\xbf <svg>", "svg"),
        (b"<!-- one --> <!-- two -->\n<svg>", "svg"),
        (b"<!DOCTYPE svg PUBLIC 'x'><svg\twidth='1'>", "svg"),
        (b"<!-- <svg> -->", None),
        (b"<!-- <svg>", None),
        (b"<?xml <svg ", None),
        (b"<svgs>", None),
        (b"<svg", None),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", None),
        (b"BMW is a car maker, and this is a text", None),
        (b"<html><svg></svg></html>", None),
        (b"%PDF-1.7", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"\0\0\1\xb3" + bytes(20), None),
        (b"GIF", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_first_bytes_say_whatever_it_is_called(data: bytes, name: str | None) -> None:
    assert sniff(data) == name


def test_the_pixels_of_a_jpeg_are_not_those_of_its_thumbnail() -> None:
    thumbnail = b"\xff\xd8" + frame(width=160, height=120) + b"\xff\xd9"
    data = b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + thumbnail) + frame()
    assert File(data).head() == Head("jpeg", 640, 480)


@pytest.mark.parametrize("marker", [0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCF])
def test_every_kind_of_jpeg_frame_is_a_frame(marker: int) -> None:
    assert File(b"\xff\xd8" + frame(marker)).head() == Head("jpeg", 640, 480)


@pytest.mark.parametrize("marker", [0xC4, 0xC8, 0xCC])
def test_a_jpeg_table_is_not_taken_for_a_frame(marker: int) -> None:
    assert File(b"\xff\xd8" + segment(marker, bytes(17)) + frame()).head() == Head("jpeg", 640, 480)


def test_fill_bytes_and_markers_without_length_are_stepped_over() -> None:
    data = b"\xff\xd8" + b"\xff" * 9 + segment(0xFE, b"hello") + b"\xff\x01\xff\xd3" + b"\xff" * 5 + frame()
    assert File(data).head() == Head("jpeg", 640, 480)


@pytest.mark.parametrize("tail", range(-12, 3))
def test_a_jpeg_frame_at_the_edge_of_the_first_look_is_found_by_the_second(tail: int) -> None:
    """The frame's marker stands `tail` bytes from the end of the first look."""
    room = WINDOW + tail - 2
    data = b"\xff\xd8" + segment(0xE1, bytes(room - 8004)) + segment(0xE2, bytes(7996)) + frame() + bytes(50)
    file = File(data)
    assert data[WINDOW + tail : WINDOW + tail + 2] == b"\xff\xc0"
    assert file.head() == Head("jpeg", 640, 480)
    assert len(file.reads) == (1 if tail <= -10 else 2)


def test_a_jpeg_with_a_print_profile_of_half_a_megabyte_takes_two_reads() -> None:
    profile = b"".join(segment(0xE2, bytes(65_519)) for _ in range(9))
    file = File(b"\xff\xd8" + segment(0xE1, bytes(60_000)) + profile + frame() + bytes(2_000_000))
    assert file.head() == Head("jpeg", 640, 480)
    assert len(file.reads) == 2
    assert all(length <= SECOND_WINDOW for _, length in file.reads)


def test_a_jpeg_whose_metadata_never_ends_is_given_up_after_two_reads() -> None:
    file = File(b"\xff\xd8" + b"".join(segment(0xE2, bytes(65_000)) for _ in range(40)) + frame())
    assert file.head() == Head("jpeg")
    assert len(file.reads) == 2


def test_a_second_look_behind_the_end_of_the_file_is_not_read() -> None:
    file = File(b"\xff\xd8" + b"\xff\xe1\xff\xff" + bytes(500))
    assert file.head() == Head("jpeg")
    assert len(file.reads) == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_that_keeps_its_directory_at_the_end_takes_one_more_read_there(order: str, big: bool) -> None:
    mark = b"II" if order == "<" else b"MM"
    end = 300_000
    entries = [(256, 4, 5000), (257, 3, 4000)]
    if big:
        data = mark + struct.pack(order + "HHHQ", 43, 8, 0, end) + bytes(end - 16) + struct.pack(order + "Q", 2)
        for tag, kind, value in entries:
            data += struct.pack(order + "HHQ", tag, kind, 1)
            data += struct.pack(order + ("I4x" if kind == 4 else "H6x"), value)
    else:
        data = mark + struct.pack(order + "HI", 42, end) + bytes(end - 8) + struct.pack(order + "H", 2)
        for tag, kind, value in entries:
            data += struct.pack(order + "HHI" + ("I" if kind == 4 else "H2x"), tag, kind, 1, value)
    file = File(data)
    assert file.head() == Head("tiff", 5000, 4000)
    assert [start for start, _ in file.reads] == [0, end]


def test_a_bmp_with_the_oldest_header_or_rows_from_the_top_has_its_pixels() -> None:
    front = b"BM" + bytes(12)
    assert File(front + struct.pack("<IHHHH", 12, 33, 44, 1, 24)).head() == Head("bmp", 33, 44)
    assert File(front + struct.pack("<IiiHH", 40, 33, -44, 1, 24)).head() == Head("bmp", 33, 44)


def test_a_heic_picture_is_as_large_as_its_largest_item() -> None:
    def item(width: int, height: int) -> bytes:
        return b"\0\0\0\x14ispe\0\0\0\0" + struct.pack(">II", width, height)

    data = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + item(512, 512) + item(4032, 3024) + item(320, 240)
    assert File(data).head() == Head("heic", 4032, 3024)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8" + frame(height=0) + bytes(20),
        made("PNG")[:20],
        made("PNG")[:12] + b"oops" + bytes(30),
        b"\xff\xd8\xff\xd9" + frame(),
        b"\xff\xd8" + segment(0xDA, bytes(10)) + frame(),
        b"\xff\xd8\xff\xe0\0\0" + bytes(30),
        b"II*\0" + b"\xff" * 4,
        b"RIFF\0\0\0\0WEBPVP8 " + bytes(30),
        b"RIFF\0\0\0\0WEBPVP9X" + bytes(30),
    ],
)
def test_pixels_that_the_head_does_not_tell_are_unknown_and_refuse_nothing(data: bytes) -> None:
    head = File(data).head()
    assert head.format is not None
    assert (head.width, head.height) == (None, None)
    assert refusal(head, {head.format}) is None


def test_an_empty_file_is_no_image_and_is_not_read() -> None:
    file = File(b"")
    assert file.head() == Head(None)
    assert file.reads == []


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (Head(None), "not_image"),
        (Head("gif", 10, 10), "unsupported_format"),
        (Head("jpeg", MAX_SIDE, 8333), None),
        (Head("jpeg", MAX_SIDE + 1, 1), "too_many_pixels"),
        (Head("png", 1, MAX_SIDE + 1), "too_many_pixels"),
        (Head("png", 25_000, 10_000), None),
        (Head("png", 25_000, 10_001), "too_many_pixels"),
        (Head("jpeg"), None),
    ],
)
def test_exactly_the_documented_limits_refuse(head: Head, reason: str | None) -> None:
    assert MAX_PIXELS == 25_000 * 10_000
    assert refusal(head, BOTH) == reason


def test_a_png_bomb_is_refused_by_its_head_alone() -> None:
    bomb = made("PNG", 1, 1)
    bomb = bomb[:16] + struct.pack(">II", 200_000, 200_000) + bomb[24:]
    assert refusal(File(bomb).head(), BOTH) == "too_many_pixels"


def mutations(random_: random.Random, seeds: list[bytes]) -> Callable[[], bytes]:
    def one() -> bytes:
        data = bytearray(random_.choice(seeds))
        for _ in range(random_.randrange(1, 12)):
            data[random_.randrange(len(data))] = random_.choice((0, 1, 0x7F, 0xFF, random_.randrange(256)))
        return bytes(data[: random_.randrange(len(data))]) if random_.random() < 0.3 else bytes(data)

    return one


def test_garbage_never_raises_and_never_takes_more_than_two_reads() -> None:
    random_ = random.Random(20_000)
    seeds = [made(name)[:300] for name in ("JPEG", "PNG", "BMP", "WEBP", "TIFF", "AVIF")] + [made("GIF", mode="P")]
    seeds.append(b"\xff\xd8" + segment(0xE1, bytes(40)) + frame() + bytes(40))
    mutate = mutations(random_, seeds)
    unknown = 0
    for _ in range(5_000):
        file = File(mutate())
        head = file.head()
        assert len(file.reads) <= 2
        assert (head.width is None) == (head.height is None)
        unknown += head.width is None
    assert 0 < unknown < 5_000


@pytest.mark.parametrize(
    ("data", "file_format"),
    [
        (b"\xff\xd8" + b"\xff\xe0\0\2" * 300_000, "jpeg"),
        (b"\xff\xd8" + b"\xff" * 2_000_000, "jpeg"),
        (b"\xff\xd8" + b"\xff\x01" * 600_000, "jpeg"),
        (b"\xff\xd8\xff\xe0\0\4ab" + b"\xff" * 2_000_000 + b"\0", "jpeg"),
        (b"\xff\xd8" + b"\xff\0" * 1_000_000, "jpeg"),
        (b"<!--" * 500_000, None),
        (b"<!---->" * 40 + b"x", None),
        (b"<!---->" * 500_000, None),
        (b"<!-- -->" * 500 + b"<svg", None),
        (b"<?xml>" * 500_000, None),
        (b"<!DOCTYPE svg>" * 500_000, None),
        (b"<?xml>\n<!---->" * 500_000, None),
        (b"<?xml " + b" " * 500_000, None),
        (b"\n" * 1_000_000, None),
        (b"\0\0\0\x18ftypheic" + b"\0\0\0\x14ispe\0\0\0\0" * 100_000, "heic"),
    ],
)
def test_a_file_made_to_be_slow_is_given_up_on(data: bytes, file_format: str | None) -> None:
    """Work that grew faster than the file would keep this test from ending."""
    file = File(data)
    assert file.head().format == file_format
    assert len(file.reads) <= 2
