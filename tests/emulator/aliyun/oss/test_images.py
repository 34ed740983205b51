"""Image processing: pictures that the store resizes, turns and makes JPEGs, and those that it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from emulator.aliyun.oss.errors import UNPROCESSED
from emulator.aliyun.oss.images import LIMITS
from emulator.objectstore.pictures.limits import MOST_HELD
from tests.emulator.drawn import BLUE, colours, encoded, halves, moving, opened, turned
from tests.emulator.running import Running, refused

UPRIGHT = "image/resize,s_30/auto-orient,1/format,jpg"


def made(bucket: Any, data: bytes, process: str, **kwargs: Any) -> Image.Image:
    bucket.put_object("a", data)
    return opened(bucket.get_object("a", process=process, **kwargs).read())


def test_a_picture_comes_shrunk_as_jpeg_under_each_signature(bucket: Any) -> None:
    image = made(bucket, encoded(halves(), "PNG"), "image/resize,s_150/auto-orient,1/format,jpg")
    assert (image.format, image.size) == ("JPEG", (200, 150))
    assert colours(image).items() >= {"left": "red", "right": "blue"}.items()


@pytest.mark.parametrize(
    ("actions", "size"),
    [
        ("", (400, 300)),
        ("resize,s_150/", (200, 150)),
        ("resize,l_200/", (200, 150)),
        ("resize,w_100/", (100, 75)),
        ("resize,m_lfit,h_30/", (40, 30)),
        ("resize,w_100,h_30/", (40, 30)),
        ("resize,w_100,l_5/", (100, 75)),
        ("resize,s_300/", (400, 300)),
        ("resize,s_600/", (400, 300)),
        ("resize,s_600,limit_1/", (400, 300)),
        ("resize,limit_0,s_600/", (800, 600)),
        ("resize,s_150/resize,w_20/", (20, 15)),
    ],
)
def test_sides_are_those_of_the_vendors_page(client: Any, actions: str, size: tuple[int, int]) -> None:
    assert made(client, encoded(halves()), f"image/{actions}format,jpg").size == size


@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "above"), (6, "above"), (7, "below"), (8, "below")],
)
def test_a_turned_picture_is_made_upright_where_that_is_asked(client: Any, orientation: int, red: str) -> None:
    upright = made(client, turned(orientation), UPRIGHT)
    assert upright.size == ((40, 30) if orientation < 5 else (30, 40))
    assert colours(upright)[red] == "red"
    as_stored = made(client, turned(orientation), "image/auto-orient,0/resize,s_30/format,jpg")
    assert as_stored.size == (40, 30)
    assert colours(as_stored)["left"] == "red"
    assert dict(upright.getexif()) == dict(as_stored.getexif()) == {}


def test_a_picture_too_long_to_be_turned_is_turned_once_it_is_smaller(client: Any) -> None:
    long = turned(6, 4097, 300)
    client.put_object("a", long)
    error = refused(client.get_object, "a", process="image/auto-orient,1/resize,s_30/format,jpg")
    assert (error.status, error.code) == (400, "BadRequest")
    assert "rotation" in error.message
    assert made(client, long, UPRIGHT).size == (30, 410)
    assert made(client, turned(1, 4097, 300), "image/auto-orient,1/resize,s_30/format,jpg").size == (410, 30)


@pytest.mark.parametrize("picture_format", ["JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "AVIF"])
def test_each_format_of_the_vendors_list_but_heic_is_read(client: Any, picture_format: str) -> None:
    image = made(client, encoded(halves(), picture_format), UPRIGHT)
    assert image.format == "JPEG"
    assert colours(image).items() >= {"left": "red", "right": "blue"}.items()


def test_of_a_moving_picture_the_first_frame_is_shown(client: Any) -> None:
    gif = moving(halves(), Image.new("RGB", (400, 300), BLUE))
    assert colours(made(client, gif, UPRIGHT))["left"] == "red"


def test_what_is_transparent_becomes_white(client: Any) -> None:
    clear = made(client, encoded(Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "PNG"), UPRIGHT)
    assert min(clear.getpixel((4, 4))) > 250  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "action",
    [
        *("resize,s_0", "resize,s_16385", "resize,s_-1", "resize,s_1.5", "resize,s_٣", "resize,s_", "resize,x_1"),
        *("resize", "resize,limit_2,s_1", "resize,m_what,s_1", "auto-orient,2", "auto-orient", "auto-orient,1,1"),
    ],
)
def test_a_value_that_the_action_does_not_take_is_refused(client: Any, action: str) -> None:
    client.put_object("a", encoded(halves()))
    error = refused(client.get_object, "a", process=f"image/{action}/format,jpg")
    assert (error.status, error.code) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "process",
    [
        *("style/mine", "video/snapshot,t_1/format,jpg", "doc/preview", "imm/tagimage", "images/info"),
        *("image/watermark,text_SGVsbG8", "image/blindwatermark,content_x", "image/blindwatermark", "image/what,1"),
        *("image/resize,s_1/watermark,text_SGVsbG8", "image/format,heic", "image/resize,s_1/format,heif"),
        *(
            "image/resize,p_50,w_1",
            "image/info,1",
            "image/quality,80",
            "image/crop,w_9,p_50",
            "image/" + "/".join(["bright,1"] * 33),
        ),
    ],
)
def test_what_is_not_built_is_said_so_and_not_pretended(client: Any, process: str) -> None:
    client.put_object("a", encoded(halves()))
    error = refused(client.get_object, "a", process=process)
    assert (error.status, error.code) == (501, "NotImplemented")


def screen(gif: bytes, width: int, height: int) -> bytes:
    """Return the same GIF with a screen of that size."""
    return gif[:6] + width.to_bytes(2, "little") + height.to_bytes(2, "little") + gif[10:]


MOVING = moving(halves(8, 6), Image.new("RGB", (8, 6), BLUE))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"only words", "unsupported_format"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "unsupported_format"),
        (encoded(halves())[:2000], "corrupt"),
        (encoded(halves(), "PNG")[:200], "corrupt"),
        (encoded(Image.new("1", (30_001, 1)), "PNG"), "too_many_pixels"),
        (encoded(Image.new("1", (16_385, 1)), "TIFF"), "too_many_pixels"),
        (encoded(Image.new("RGB", (10_001, 1)), "AVIF"), "too_many_pixels"),
        (screen(MOVING, 12_000, 12_000), "too_many_pixels"),
        (encoded(Image.new("1", (16_385, 30)), "PNG"), "made_too_large"),
        (b"\0" * (LIMITS.largest + 1), "too_large"),
    ],
)
def test_a_source_that_cannot_be_processed_is_refused_by_the_vendors_limits(
    client: Any, data: bytes, reason: str
) -> None:
    client.put_object("a", data)
    error = refused(client.get_object, "a", process=UPRIGHT)
    code, message, ec = UNPROCESSED[reason]
    assert (error.status, error.code, error.message) == (400, code, message)
    assert error.details.get("EC", "") == ec


def test_a_small_file_of_more_pixels_than_the_emulator_holds_is_refused_by_name(client: Any) -> None:
    client.put_object("a", encoded(Image.new("1", (8_000, 6_251)), "PNG"))
    error = refused(client.get_object, "a", process=UPRIGHT)
    assert (error.status, error.code) == (501, "NotImplemented")
    assert str(MOST_HELD) in error.message


def test_the_largest_sources_and_copies_are_made(client: Any) -> None:
    assert made(client, encoded(Image.new("1", (30_000, 60)), "PNG"), UPRIGHT).size == (15_000, 30)
    assert made(client, encoded(Image.new("1", (16_384, 1)), "TIFF"), "image/format,jpg").size == (16_384, 1)
    assert made(client, encoded(Image.new("1", (16_384, 30)), "PNG"), UPRIGHT).size == (16_384, 30)
    data = encoded(halves())
    assert made(client, data + b"\0" * (LIMITS.largest - len(data)), UPRIGHT).size == (40, 30)
    assert made(client, MOVING, UPRIGHT).size == (8, 6)


def test_the_headers_are_those_of_the_object_but_for_what_the_body_is(client: Any) -> None:
    """The checksum is that of the object, not of the body.

    For the ETag see https://help.aliyun.com/zh/oss/user-guide/faq-2.
    """
    client.put_object("a", encoded(halves(), "PNG"), headers={"Content-Type": "image/png", "Content-Encoding": "x"})
    result, head = client.get_object("a", process=UPRIGHT), client.head_object("a")
    body = result.read()
    for name in ("ETag", "Last-Modified", "x-oss-hash-crc64ecma", "x-oss-storage-class"):
        assert result.headers[name] == head.headers[name]
    assert result.headers["Content-Type"] == "image/jpeg"
    assert int(result.headers["Content-Length"]) == len(body)
    assert "Content-Encoding" not in result.headers


def test_a_copy_of_exactly_the_object_that_was_meant(client: Any, oss: Running) -> None:
    client.put_object("a", encoded(halves()))
    etag = client.head_object("a").etag
    assert made(client, encoded(halves()), UPRIGHT, headers={"If-Match": etag}).size == (40, 30)
    assert refused(client.get_object, "a", process=UPRIGHT, headers={"If-Match": "other"}).status == 412
    assert refused(client.get_object, "a", process=UPRIGHT, headers={"If-None-Match": etag}).status == 304
    assert refused(client.get_object, "nothing", process=UPRIGHT).code == "NoSuchKey"
    client.put_object("cold", b"x", headers={"x-oss-storage-class": "Archive"})
    assert refused(client.get_object, "cold", process=UPRIGHT).code == "InvalidObjectState"
    status, _, _ = oss.raw("GET", f"/photos/a?x-oss-process={UPRIGHT}")
    assert status == 403


def test_the_caller_of_a_process_chooses_headers_of_the_answer(client: Any) -> None:
    client.put_object("a", encoded(halves()))
    chosen = {"response-content-type": "image/x-mine", "response-content-disposition": "attachment"}
    result = client.get_object("a", process=UPRIGHT, params=chosen)
    assert (result.headers["Content-Type"], result.headers["Content-Disposition"]) == ("image/x-mine", "attachment")
