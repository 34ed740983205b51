"""A TIFF file may have several pages, of which one is its picture, or be the raw file of a camera."""

from __future__ import annotations

import struct

import pytest

from imagelabels.pictures.picture import SECOND_WINDOW, WINDOW, Head, probe, refusal
from tests.tiffs import grey, tiff

READ = frozenset({"jpeg", "png", "gif", "bmp", "webp", "tiff"})
SUB_DIRECTORIES, MAKE, DNG_VERSION = 330, 271, 0xC612


def head(data: bytes) -> Head:
    reads: list[tuple[int, int]] = []

    def read(start: int, length: int) -> bytes:
        reads.append((start, length))
        return data[start : start + length]

    seen = probe(read, len(data))
    assert len(reads) <= 2
    return seen


def thumbnail(**more: int | bytes) -> bytes:
    """A file whose first page says of itself that it is a reduced copy, and that there are directories below it."""
    tags, pixels = grey(160, 106, t254=1)
    named = {int(name[1:]): value for name, value in more.items()}
    return tiff(({**tags, SUB_DIRECTORIES: 8, **named}, pixels))


@pytest.mark.parametrize(
    ("make", "file_format"),
    [
        (b"NIKON CORPORATION\0", "nef"),
        (b"SONY\0", "arw"),
        (b"PENTAX Corporation\0", "pef"),
        (b"RICOH IMAGING COMPANY, LTD.  \0", "pef"),
        (b"Phase One A/S\0", "iiq"),
        (b"SAMSUNG\0", "srw"),
        (b"Hasselblad\0", "3fr"),
        (b"SEIKO EPSON CORP.\0", "erf"),
        (b"Somebody\0", "raw"),
        (b"\0", "raw"),
    ],
)
def test_a_raw_photo_is_named_and_never_told_as_its_thumbnail(make: bytes, file_format: str) -> None:
    seen = head(thumbnail(t271=make))
    assert (seen.format, seen.width, seen.height) == (file_format, None, None)
    assert refusal(seen, READ) == "unsupported_format"


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_a_dng_is_one_by_its_version_whatever_its_first_page_shows(order: str, big: bool) -> None:
    for kind in (0, 1):
        tags, pixels = grey(160, 106, t254=kind)
        data = tiff(({**tags, DNG_VERSION: (1, 4, 0, 0), MAKE: b"Canon\0"}, pixels), order=order, big=big)
        assert head(data).format == "dng"


@pytest.mark.parametrize(("tag", "value"), [(262, 32803), (262, 34892), (259, 34713), (259, 32767), (259, 65535)])
def test_what_a_sensor_saw_is_no_picture_even_in_the_first_page(tag: int, value: int) -> None:
    tags, pixels = grey(40, 30)
    assert head(tiff(({**tags, tag: value, MAKE: b"PENTAX\0"}, pixels))).format == "pef"


@pytest.mark.parametrize(
    ("start", "file_format"),
    [
        (b"II*\0\x10\0\0\0CR\2\0", "cr2"),
        (b"II*\0\x10\0\0\0IIIITwaR", "iiq"),
        (b"MM\0*\0\0\0\x10MMMMRawT", "iiq"),
        (b"IIU\0\x18\0\0\0", "rw2"),
        (b"IIRO\x08\0\0\0", "orf"),
        (b"IIRS\x08\0\0\0", "orf"),
        (b"MMOR\0\0\0\x08", "orf"),
        (b"FUJIFILMCCD-RAW 0201FF383501", "raf"),
        (b"\0MRM\0\0\1\0", "mrw"),
        (b"II\x1a\0\0\0HEAPCCDR", "crw"),
        (b"FOVb\0\0\2\0", "x3f"),
    ],
)
def test_a_raw_photo_with_first_bytes_of_its_own_is_named_by_them(start: bytes, file_format: str) -> None:
    assert head(start + bytes(200)) == Head(file_format)


@pytest.mark.parametrize("mark", [{"t254": 1}, {"t254": 4}, {"t255": 2}])
def test_a_file_whose_first_page_is_a_thumbnail_or_a_mask_has_the_size_of_the_next(mark: dict[str, int]) -> None:
    assert head(tiff(grey(160, 106, **mark), grey(640, 424), grey(9, 9))) == Head("tiff", 640, 424)


def test_of_pages_that_all_say_to_be_reduced_the_largest_is_the_picture() -> None:
    assert head(tiff(grey(40, 30, t254=1), grey(80, 60, t254=1), grey(20, 15, t254=1))) == Head("tiff", 80, 60)


def test_the_first_page_of_a_document_is_its_picture_though_a_later_one_is_larger() -> None:
    assert head(tiff(grey(100, 80), grey(200, 160), grey(50, 40, t254=1))) == Head("tiff", 100, 80)
    assert head(tiff(grey(100, 80, t330=8))) == Head("tiff", 100, 80)


def test_a_page_behind_the_first_look_is_found_by_the_second_and_one_behind_both_is_unknown() -> None:
    near = tiff(grey(160, 106, t254=1), (grey(300, 300)[0], bytes(WINDOW)))
    assert head(near) == Head("tiff", 300, 300)
    far = tiff(
        grey(160, 106, t254=1),
        ({**grey(300, 300)[0], 254: 1}, bytes(WINDOW)),
        (grey(400, 400)[0], bytes(SECOND_WINDOW + WINDOW)),
    )
    assert (head(far).width, head(far).height) == (None, None)


def test_pages_in_a_circle_and_pages_without_end_are_given_up_on() -> None:
    entry = struct.pack("<HHII", 254, 4, 1, 1)
    circle = b"II*\0\x08\0\0\0\1\0" + entry + struct.pack("<I", 8)
    assert head(circle).width is None
    # Each directory says to have 65535 entries and begins two bytes behind the last one.
    count, overlapping = 60_000, bytearray(b"II*\0\x08\0\0\0")
    for _ in range(count // 2):
        overlapping += b"\xff\xff"
    assert head(bytes(overlapping)).width is None


@pytest.mark.parametrize("value", b"IM")
def test_grey_pixels_behind_the_header_make_no_raw_photo_of_a_picture(value: int) -> None:
    assert head(tiff(grey(40, 30, value))) == Head("tiff", 40, 30)
