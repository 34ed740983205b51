"""When a picture was taken, as its EXIF data tell it."""

from __future__ import annotations

import io
import random
import struct

import pytest
from PIL import Image

from imagelabels.pictures.exif import orientation, taken_at
from imagelabels.pictures.picture import WINDOW, probe

TAKEN, OFFSET, EXIF_DIRECTORY = 0x9003, 0x9011, 0x8769


def photo(
    file_format: str, taken: str | None = "2023:07:01 12:34:56", offset: str | None = None, **options: object
) -> bytes:
    exif = Image.Exif()
    exif[0x0132] = "2024:01:01 00:00:00"  # last changed, which is not when it was taken
    tags = {TAKEN: taken, OFFSET: offset, 0x9004: "2022:02:02 02:02:02"}
    exif.get_ifd(EXIF_DIRECTORY).update({tag: text for tag, text in tags.items() if text is not None})
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, file_format, exif=exif, **options)
    return out.getvalue()


def seen(content: bytes) -> str | None:
    return probe(lambda start, length: content[start : start + length], len(content)).taken_at


def block(moment: bytes = b"2023:07:01 12:34:56\0", order: str = "<", kind: int = 2) -> bytes:
    """EXIF data with one directory in the other."""
    mark = b"II" if order == "<" else b"MM"
    first = struct.pack(order + "HIHHHIII", 42, 8, 1, EXIF_DIRECTORY, 4, 1, 26, 0)
    return mark + first + struct.pack(order + "HHHIII", 1, TAKEN, kind, len(moment), 44, 0) + moment


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part for part in segments)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_remembers_when_it_was_taken_and_not_when_it_was_changed(file_format: str) -> None:
    assert seen(photo(file_format)) == "2023-07-01T12:34:56"


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_the_offset_from_utc_is_kept_where_the_camera_wrote_one(file_format: str) -> None:
    assert seen(photo(file_format, offset="+08:00")) == "2023-07-01T12:34:56+08:00"
    assert seen(photo(file_format, offset="-14:30")) == "2023-07-01T12:34:56-14:30"


@pytest.mark.parametrize("offset", ["+15:00", "+08:60", "08:00", "   :  ", "Z", "+8:00:00"])
def test_an_offset_that_is_none_does_not_spoil_the_time(offset: str) -> None:
    assert seen(photo("JPEG", offset=offset)) == "2023-07-01T12:34:56"


@pytest.mark.parametrize(
    "taken",
    [
        None,
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2023:02:30 12:00:00",
        "2023:07:01 24:00:00",
        "2023-07-01 12:00:00",
        "2023:07:01 12:00:000",
        "2023:07:01",
        "yes",
    ],
)
def test_a_clock_that_was_never_set_gives_no_time(taken: str | None) -> None:
    assert seen(photo("JPEG", taken)) is None


def test_pictures_without_exif_data_have_no_time() -> None:
    for file_format in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"):
        out = io.BytesIO()
        Image.new("RGB", (40, 30)).save(out, file_format)
        assert seen(out.getvalue()) is None


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    assert taken_at("tiff", block(order=order)) == "2023-07-01T12:34:56"
    assert taken_at("jpeg", jpeg(b"Exif\0\0" + block(order=order))) == "2023-07-01T12:34:56"


def test_other_metadata_in_front_of_the_exif_data_are_stepped_over() -> None:
    other = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Exif\0\0</x:xmpmeta>"
    data = jpeg(other, b"Exif\0\0" + block())
    assert taken_at("jpeg", data) == "2023-07-01T12:34:56"
    assert taken_at("jpeg", b"\xff\xd8" + b"\xff" * 5 + data[2:]) == "2023-07-01T12:34:56"


def test_exif_data_of_the_picture_inside_a_picture_are_not_taken_for_its_own() -> None:
    assert taken_at("jpeg", b"\xff\xd8\xff\xda\0\x02" + jpeg(b"Exif\0\0" + block())[2:]) is None
    assert taken_at("jpeg", b"\xff\xd8\xff\xd9" + jpeg(b"Exif\0\0" + block())[2:]) is None


def test_exif_data_behind_the_first_look_cost_no_second_one() -> None:
    content = photo("WEBP")
    far = content[:12] + b"ICCP" + struct.pack("<I", WINDOW) + bytes(WINDOW) + content[12:]
    reads: list[int] = []

    def read(start: int, length: int) -> bytes:
        reads.append(start)
        return far[start : start + length]

    assert probe(read, len(far)).taken_at is None
    assert reads == [0]


@pytest.mark.parametrize("kind", [1, 3, 4, 7, 0xFFFF])
def test_a_time_that_is_no_text_is_none(kind: int) -> None:
    assert taken_at("jpeg", jpeg(b"Exif\0\0" + block(kind=kind))) is None


def test_places_that_lead_out_of_the_data_or_round_in_circles_lead_nowhere() -> None:
    sound = block()
    for at in (4, 18, 34):  # the first directory, the second, the text
        for place in (0, 8, 26, len(sound) - 1, len(sound), 0x7FFFFFFF, 0xFFFFFFFF):
            hurt = sound[:at] + struct.pack("<I", place) + sound[at + 4 :]
            assert taken_at("jpeg", jpeg(b"Exif\0\0" + hurt)) in (None, "2023-07-01T12:34:56")
            assert taken_at("tiff", hurt) in (None, "2023-07-01T12:34:56")
    assert taken_at("jpeg", jpeg(b"Exif\0\0" + sound[:34] + b"\xff" * 4 + sound[38:])) is None


def test_damaged_exif_data_never_raise() -> None:
    random_ = random.Random(5)
    kinds = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "TIFF": "tiff"}
    lost = 0
    for file_format, kind in kinds.items():
        sound = photo(file_format, offset="+08:00")
        for _ in range(500):
            data = bytearray(sound)
            for _ in range(random_.randrange(1, 6)):
                data[random_.randrange(len(data))] = random_.choice((0, 1, 0x7F, 0xFF, random_.randrange(256)))
            lost += taken_at(kind, bytes(data[: random_.randrange(len(data))])) is None
    assert 1000 < lost < 2000


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("jpeg", b"\xff\xd8" + b"\xff" * 100_000),
        ("jpeg", b"\xff\xd8" + b"\xff\xe0\0\0" * 100_000),
        ("png", b"\x89PNG\r\n\x1a\n" + bytes(200_000)),
        ("webp", b"RIFF\0\0\0\0WEBP" + bytes(200_000)),
        ("tiff", b"II*\0" + struct.pack("<IH", 8, 0xFFFF) + b"\x69\x87\4\0\1\0\0\0\x08\0\0\0" * 5000),
    ],
)
def test_data_made_to_be_slow_are_given_up_on(kind: str, data: bytes) -> None:
    """Work that grew faster than the data would keep this test from ending."""
    assert taken_at(kind, data) is None


def test_of_two_entries_with_one_tag_the_first_counts_as_for_other_readers() -> None:
    first, second = b"2023:07:01 12:34:56\0", b"1999:01:01 00:00:00\0"
    outer = b"II" + struct.pack("<HIHHHIII", 42, 8, 1, EXIF_DIRECTORY, 4, 1, 26, 0)
    inner = struct.pack("<HHHIIHHIII", 2, TAKEN, 2, 20, 56, TAKEN, 2, 20, 76, 0)
    assert taken_at("tiff", outer + inner + first + second) == "2023-07-01T12:34:56"
    turned = b"II" + struct.pack("<HIHHHIHHHHIHHI", 42, 8, 2, 0x0112, 3, 1, 6, 0, 0x0112, 3, 1, 8, 0, 0)
    assert orientation("tiff", turned) == 6


def test_exif_data_are_looked_for_in_so_many_segments_and_no_more() -> None:
    exif = jpeg(b"Exif\0\0" + block())[2:]
    comment = b"\xff\xfe\0\2"
    assert taken_at("jpeg", b"\xff\xd8" + comment * 1999 + exif) == "2023-07-01T12:34:56"
    assert taken_at("jpeg", b"\xff\xd8" + comment * 2000 + exif) is None


@pytest.mark.parametrize(
    ("kind", "begin", "part", "name", "order"),
    [("png", b"\x89PNG\r\n\x1a\n", 12, b"eXIf", ">"), ("webp", b"RIFF\0\0\0\0WEBP", 8, b"EXIF", "<")],
)
def test_exif_data_are_looked_for_in_so_many_chunks_and_no_more(
    kind: str, begin: bytes, part: int, name: bytes, order: str
) -> None:
    exif = block()
    length = struct.pack(f"{order}I", len(exif))
    chunk = (length + name if kind == "png" else name + length) + exif
    assert taken_at(kind, begin + bytes(part) * 49_999 + chunk) == "2023-07-01T12:34:56"
    assert taken_at(kind, begin + bytes(part) * 50_000 + chunk) is None


def test_a_picture_without_exif_data_is_not_turned() -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30)).save(out, "JPEG")
    assert orientation("jpeg", out.getvalue()) is None
    assert orientation("gif", b"GIF89a") is None
