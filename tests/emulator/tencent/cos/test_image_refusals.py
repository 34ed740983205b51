"""Image processing by Cloud Infinite: what is refused, and to whom a picture is shown."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from emulator.tencent.cos.errors import UNPROCESSED
from emulator.tencent.cos.image_rules import MOST_RULES
from emulator.tencent.cos.images import LIMITS
from tests.emulator.drawn import (
    encoded,
    halves,
    opened,
    quarters,
    turned,
)
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused
from tests.emulator.tencent.cos.processing import refusal


@pytest.mark.parametrize(
    "operation",
    [
        *("imageMogr2/scrop/100x100", "imageMogr2/rcrop/1x2", "imageMogr2/cgif/1", "imageMogr2/size-limit/10k"),
        *("imageMogr2/format/heif", "imageMogr2/format/tpg", "imageMogr2/format/yjpeg", "imageMogr2/future/1"),
        *("imageMogr2/thumbnail/9x|watermark/2/text/eA", "imageMogr2/thumbnail/9x|imageInfo", "imageMogr2/rotate/90|"),
        *("imageInfo|imageMogr2/rotate/90", "imageView2/1/w/9/future/1", "watermark/1/image/eA", "ci-process"),
        *("style/mine", "imageMogr2/scrop/9x9/ignore-error/1", "imageMogr2/" + "/".join(["rotate/90"] * 40)),
    ],
)
def test_what_is_not_built_is_refused_by_name_and_never_ignored(cos: RunningCos, put: Any, operation: str) -> None:
    put(encoded(quarters()))
    assert refusal(cos, operation)[:2] == (501, "NotImplemented")


@pytest.mark.parametrize("process", ["image-assess", "AIImageCrop", "watermark"])
def test_other_processes_are_refused_by_name(cos: RunningCos, put: Any, process: str) -> None:
    put(encoded(quarters()))
    status, _, body = cos.ask_cos("GET", "a", {"ci-process": process})
    assert (status, process.encode() in body) == (501, True)


@pytest.mark.parametrize(
    "operation",
    [
        *("imageMogr2", "imageMogr2/", "imageMogr2/thumbnail", "imageMogr2/thumbnail/", "imageMogr2/thumbnail/0x"),
        *("imageMogr2/thumbnail/100", "imageMogr2/thumbnail/x", "imageMogr2/thumbnail/100x200r"),
        *(
            "imageMogr2/thumbnail/-1x5",
            "imageMogr2/thumbnail/٣x",
            "imageMogr2/thumbnail/999999x",
            "imageMogr2/thumbnail/!0p",
        ),
        *("imageMogr2/thumbnail/9x/pad/1", "imageMogr2/thumbnail/9x9/pad/2", "imageMogr2/thumbnail/9x9/pad/1/color/!"),
        *("imageMogr2/thumbnail/9x9/pad/1/color/eA", "imageMogr2/cut/9x9", "imageMogr2/cut/0x9x0x0"),
        *("imageMogr2/crop/0x9", "imageMogr2/crop/9", "imageMogr2/crop/9x9/gravity/middle"),
        *("imageMogr2/iradius/0", "imageMogr2/rradius/x", "imageMogr2/rotate/361", "imageMogr2/rotate/-90"),
        *("imageMogr2/format/exe", "imageMogr2/format/tiff", "imageMogr2/quality/101", "imageMogr2/rquality/-1"),
        *("imageMogr2/lquality/90!", "imageMogr2/interlace/2", "imageMogr2/blur/0x5", "imageMogr2/blur/51x5"),
        *("imageMogr2/blur/8x0", "imageMogr2/blur/8x1e9", "imageMogr2/sharpen/9", "imageMogr2/sharpen/301"),
        *("imageMogr2/bright/101", "imageMogr2/contrast/-101", "imageMogr2/grayscale/2", "imageMogr2/rotate"),
        *("imageMogr2/rotate/90/ignore-error/2", "imageView2", "imageView2/6/w/9", "imageView2/1", "imageView2/1/w"),
        *(
            "imageView2/w/9",
            "imageView2/1/w/0",
            "imageView2/1/w/10000",
            "|".join(["imageMogr2/strip"] * (MOST_RULES + 1)),
        ),
    ],
)
def test_a_wrong_value_is_refused_and_named(cos: RunningCos, put: Any, operation: str) -> None:
    put(encoded(quarters()))
    assert refusal(cos, operation)[:2] == (400, "InvalidArgument")


def test_one_operation_is_allowed_and_has_no_value(cos: RunningCos, put: Any) -> None:
    put(encoded(quarters()))
    for params in ({"imageMogr2/rotate/90": "", "imageMogr2/strip": ""}, {"imageMogr2/rotate/90": "1"}):
        assert cos.ask_cos("GET", "a", params)[0] == 400
    assert cos.ask_cos("GET", "a", {"imageMogr2/rotate/90": "", "imageInfo": ""})[0] == 501


@pytest.mark.parametrize(
    ("data", "operation", "reason"),
    [
        (b"only words", "imageMogr2/rotate/90", "unsupported_format"),
        (b"", "imageInfo", "unsupported_format"),
        (encoded(halves())[:2000], "imageAve", "corrupt"),
        (encoded(halves(), "PNG")[:200], "imageMogr2/rotate/90", "corrupt"),
        (encoded(Image.new("1", (30_001, 1)), "PNG"), "imageMogr2/thumbnail/9x", "too_many_pixels"),
        (encoded(Image.new("1", (30_001, 1)), "PNG"), "imageInfo", "too_many_pixels"),
        (encoded(halves()), "imageMogr2/thumbnail/10000x", "made_too_large"),
        (encoded(halves()), "imageMogr2/thumbnail/9999x100!|imageMogr2/rotate/1", "made_too_large"),
        (encoded(halves()), "imageMogr2/cut/9x9x400x0", "out_of_image"),
        (b"\0" * (LIMITS.largest + 1), "exif", "too_large"),
    ],
)
def test_a_picture_that_cannot_be_processed_is_refused_or_sent_as_it_is(
    cos: RunningCos, put: Any, data: bytes, operation: str, reason: str
) -> None:
    put(data)
    code, _, number = UNPROCESSED[reason]
    assert refusal(cos, operation) == (400, code, number)
    if operation.startswith("imageMogr2"):
        status, _, body = cos.ask_cos("GET", "a", {f"{operation}/ignore-error/1": ""})
        assert (status, body) == (200, data)


@pytest.mark.parametrize("operation", ["thumbnail/9000x9000!", "thumbnail/7000x7000!|imageMogr2/rotate/45"])
def test_a_result_of_more_pixels_than_the_emulator_holds_is_refused_by_name(
    cos: RunningCos, put: Any, operation: str
) -> None:
    put(encoded(Image.new("1", (9, 9)), "PNG"))
    assert refusal(cos, f"imageMogr2/{operation}")[:2] == (501, "NotImplemented")
    assert refusal(cos, f"imageMogr2/{operation}/ignore-error/1")[:2] == (501, "NotImplemented")


def test_a_wrong_value_gives_the_picture_as_it_is_where_errors_are_to_be_ignored(cos: RunningCos, put: Any) -> None:
    data = encoded(quarters())
    put(data)
    for operation in ("imageMogr2/rotate/361/ignore-error/1", "imageMogr2/ignore-error/1/iradius/99"):
        assert cos.ask_cos("GET", "a", {operation: ""})[::2] == (200, data)
    assert opened(cos.ask_cos("GET", "a", {"imageMogr2/rotate/90/ignore-error/1": ""})[2]).size == (20, 40)


def test_the_answer_is_that_of_the_object_but_for_what_the_body_is(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, encoded(halves(), "PNG"), "a", ContentType="x/y", ContentEncoding="z")
    head = client.head_object(COS_BUCKET, "a")
    status, headers, body = cos.ask_cos("GET", "a", {"imageMogr2/thumbnail/9x": ""})
    assert (status, headers["ETag"], headers["Content-Type"]) == (200, head["ETag"], "image/png")
    assert (int(headers["Content-Length"]), headers["Content-Encoding"]) == (len(body), None)
    asked = {"imageMogr2/thumbnail/9x": "", "response-content-type": "a/b"}
    assert cos.ask_cos("GET", "a", asked)[1]["Content-Type"] == "a/b"
    assert cos.ask_cos("GET", "a", {"imageInfo": ""}, {"If-None-Match": head["ETag"]})[0] == 304
    assert cos.ask_cos("GET", "a", {"imageInfo": ""}, {"If-Match": '"other"'})[0] == 412
    assert cos.ask_cos("GET", "nothing", {"imageInfo": ""})[0] == 404
    assert cos_refused(client.ci_get_image_info, COS_BUCKET, "nothing")[0] == 404


def test_a_version_is_processed_and_so_is_a_picture_that_is_open_to_all(cos: RunningCos, client: Any) -> None:
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    old = client.put_object(COS_BUCKET, encoded(halves()), "a")["x-cos-version-id"]
    client.put_object(COS_BUCKET, encoded(halves(200, 100)), "a")
    assert json.loads(client.ci_get_image_info(COS_BUCKET, "a", VersionId=old)[1])["width"] == "400"
    assert json.loads(client.ci_get_image_info(COS_BUCKET, "a")[1])["width"] == "200"
    small = quote("imageMogr2/thumbnail/40x", safe="/")
    host = {"Host": cos.host()}
    assert cos.raw("GET", f"/a?{small}", host)[0] == 403
    client.put_object_acl(COS_BUCKET, "a", ACL="public-read")
    status, _, body = cos.raw("GET", f"/a?{small}", host)
    assert (status, opened(body).size) == (200, (40, 20))
    assert cos.raw("GET", "/a?imageInfo", host)[0] == 200
    assert cos.raw("GET", "/a?acl/x", host)[0] == 403
    assert cos.raw("GET", "/a?tagging", host)[0] == 403


def test_bytes_flipped_in_any_place_are_answered(cos: RunningCos, put: Any) -> None:
    for picture_format in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"):
        good = turned(6, 16, 12) if picture_format == "JPEG" else encoded(halves(16, 12), picture_format)
        for at in range(4, min(len(good), 400), 29):
            put(good[:at] + bytes([good[at] ^ 0xA5]) + good[at + 1 :])
            for operation in ("exif", "imageMogr2/auto-orient/thumbnail/9x"):
                status = cos.ask_cos("GET", "a", {operation: ""})[0]
                assert status in (200, 400, 501), (picture_format, at)
