"""The one walk over a JPEG's markers, which must see what the decoder sees."""

from __future__ import annotations

import pytest

from imagelabels.pictures.jpeg import EOI, SOS, frame, segments
from tests.pictures.test_picture import frame as header
from tests.pictures.test_picture import segment


def markers(data: bytes) -> list[int]:
    return [part.marker for part in segments(b"\xff\xd8" + data)]


def test_each_segment_is_stepped_over_by_its_length() -> None:
    inside = b"\xff\xda\xff\xd9"
    data = segment(0xE1, inside) + segment(0xFE, b"") + header() + segment(SOS, bytes(10)) + b"ab\xff\xd9" + inside
    assert markers(data) == [0xE1, 0xFE, 0xC0, SOS, EOI]


@pytest.mark.parametrize(
    "between", [b"", b"junk", b"\xff" * 9, b"\xff\0\xff\0", b"\xff\x01", b"\xff\xd0\xff\xd7", b"\xff\0ab"]
)
def test_what_the_decoder_passes_over_between_segments_is_passed_over(between: bytes) -> None:
    data = segment(0xE1, b"one") + between + segment(0xFE, b"two") + between + b"\xff\xd9"
    assert markers(data) == [0xE1, 0xFE, EOI]


@pytest.mark.parametrize("marker", [0x02, 0x4F, 0xBF, 0xD0, 0xD7])
def test_a_marker_that_has_no_length_within_a_scan_hides_nothing_behind_it(marker: int) -> None:
    scan = segment(SOS, bytes(10))
    data = scan + bytes((0xFF, marker)) + b"\xff\xff" + scan + b"ab" + scan + b"\xff\xd9"
    assert markers(data) == [SOS, SOS, SOS, EOI]


@pytest.mark.parametrize("length", [b"\0\0", b"\0\1", b"\0\2", b"\0", b""])
def test_a_length_that_is_too_small_or_cut_moves_on_and_not_back(length: bytes) -> None:
    found = list(segments(b"\xff\xd8\xff\xe0" + length + b"\xff\xd9" * (len(length) == 2)))
    assert found[0].end == 6
    assert [part.marker for part in found[1:]] == [EOI] * (len(length) == 2)


def test_a_second_start_of_a_picture_has_no_length() -> None:
    assert markers(b"\xff\xd8" + segment(0xE1, b"one") + b"\xff\xd9") == [0xD8, 0xE1, EOI]


def test_a_frame_header_that_is_cut_tells_nothing() -> None:
    data = b"\xff\xd8" + header(width=640, height=480)
    part = next(segments(data))
    seen = frame(data, part)
    assert seen is not None
    assert (seen.bits, seen.width, seen.height, seen.components) == (8, 640, 480, 3)
    assert frame(data[: part.body + 5], part) is None
