"""ci-process=detect-label: what the detector gets, what becomes of its answer, and what is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from emulator.tencent.cos import labels, picture
from emulator.tencent.cos.errors import UNLABELLED
from tests.emulator.drawn import encoded, halves, opened
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused
from tests.emulator.tencent.cos.detecting import CosDetector, label
from tests.fakes import jpeg

PICTURE = jpeg("dog")


@pytest.fixture
def there(client: Any) -> Any:
    """Return a client of a bucket that has `图 a+b.jpg`."""
    client.put_object(COS_BUCKET, PICTURE, "图 a+b.jpg", ContentType="image/jpeg")
    return client


def detect(client: Any, key: str = "图 a+b.jpg", **options: Any) -> Any:
    return client.ci_image_detect_label(COS_BUCKET, key, **options)


DOG = {"Confidence": "90", "FirstCategory": "动物", "Name": "狗", "SecondCategory": "其他"}


def test_the_detector_is_shown_the_objects_bytes(there: Any, detector: CosDetector) -> None:
    detect(there)
    assert detector.seen == [PICTURE]


@pytest.mark.parametrize("scenes", [None, ""])
def test_without_a_scene_labels_come_in_a_row(there: Any, cos: RunningCos, scenes: str | None) -> None:
    assert detect(there, Scenes=scenes) == {"Labels": DOG}


def test_labels_come_by_scene_in_the_order_of_the_vendors_sample(there: Any) -> None:
    assert detect(there, Scenes="camera") == {"CameraLabels": {"Labels": DOG}}
    answer = detect(there, Scenes="web,news,camera,album")
    assert list(answer) == ["AlbumLabels", "CameraLabels", "NewsLabels", "WebLabels"]
    assert all(one == {"Labels": DOG} for one in answer.values())


@pytest.mark.parametrize("scenes", ["Camera", "web,", "video"])
def test_a_scene_that_there_is_not_is_refused(there: Any, detector: CosDetector, scenes: str) -> None:
    assert cos_refused(detect, there, Scenes=scenes) == (400, "InvalidArgument")
    assert detector.seen == []


def test_a_picture_that_shows_nothing_known_has_empty_elements(there: Any, detector: CosDetector) -> None:
    detector.answer = {"labels": []}
    assert detect(there) == {"RecognitionResult": None}
    assert detect(there, Scenes="web") == {"WebLabels": None}


def test_rows_come_surest_first_with_the_names_above_them_and_low_ones_too(there: Any, detector: CosDetector) -> None:
    detector.answer = {
        "labels": [
            label("草", 2, "植物", 0.05),
            label("植物", 1, "", 0.05),
            label("比格犬", 3, "狗", 0.814),
            label("狗", 2, "动物", 0.9),
            label("动物", 1, "", 0.9),
            label("天空", 1, "", 0.5),
        ]
    }
    rows = [
        (one["Confidence"], one["FirstCategory"], one["SecondCategory"], one["Name"]) for one in detect(there)["Labels"]
    ]
    assert rows == [
        ("81", "动物", "狗", "比格犬"),
        ("50", "天空", "其他", "天空"),
        ("5", "植物", "其他", "草"),
    ]


@pytest.mark.parametrize(
    ("answered", "rows"),
    [
        ([("人物", 1, "", 0.99), ("人群", 2, "人物", 0.04)], {"人物": "99", "人群": "4"}),
        ([("人物", 1, "", 0.99), ("人群", 2, "人物", 0.98), ("人脸", 2, "人物", 0.99)], {"人脸": "99", "人群": "98"}),
        (
            [("动物", 1, "", 0.99), ("狗", 2, "动物", 0.9), ("比格犬", 3, "狗", 0.2), ("食物", 1, "", 0.1)],
            {"比格犬": "20", "食物": "10"},
        ),
        (
            [("杯子", 1, "", 0.9), ("杯子", 3, "杯子", 0.5), ("茶", 1, "", 0.8), ("茶", 2, "茶", 0.8)],
            {"茶": "80", "杯子": "50"},
        ),
    ],
    ids=[
        "surer_than_its_only_group",
        "as_sure_as_its_surest_group",
        "a_thing_is_below_its_group",
        "named_as_what_is_below_it",
    ],
)
def test_a_category_has_a_row_of_its_own_only_if_it_is_surer_than_its_groups_and_no_thing_is_below_it(
    there: Any, detector: CosDetector, answered: list[tuple[str, int, str, float]], rows: dict[str, str]
) -> None:
    detector.answer = {"labels": [label(*each) for each in answered]}
    assert {row["Name"]: row["Confidence"] for row in detect(there)["Labels"]} == rows


def test_the_answer_has_the_headers_without_which_the_sdk_reads_no_xml(there: Any, cos: RunningCos) -> None:
    url = cos.signed_url("GET", "图 a+b.jpg", 60, {"ci-process": "detect-label"})
    host, _, target = url.removeprefix("http://").partition("/")
    status, headers, body = cos.raw("GET", f"/{target}", {"Host": host})
    assert (status, headers["Content-Type"], headers["Content-Length"]) == (200, "application/xml", str(len(body)))
    assert headers["Transfer-Encoding"] is None
    assert headers["x-cos-request-id"]
    (first, *_) = ElementTree.fromstring(body).iter("Labels")
    fields = [node.tag for node in first]
    assert fields == ["Confidence", "FirstCategory", "Name", "SecondCategory"]


def test_another_process_is_not_taken_for_this_one(there: Any) -> None:
    assert cos_refused(there.ci_image_detect_car, COS_BUCKET, "图 a+b.jpg") == (501, "NotImplemented")


def test_a_picture_that_changed_is_not_labelled_for_who_names_its_etag(there: Any, cos: RunningCos) -> None:
    url = cos.signed_url("GET", "图 a+b.jpg", 60, {"ci-process": "detect-label"})
    host, _, target = url.removeprefix("http://").partition("/")
    assert cos.raw("GET", f"/{target}", {"Host": host, "If-Match": '"other"'})[0] == 412


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(20)


def bmp(width: int, height: int) -> bytes:
    return b"BM" + bytes(16) + struct.pack("<ii", width, height) + bytes(20)


@pytest.mark.parametrize("make", [png, bmp, lambda width, height: jpeg("x", width, height)])
def test_a_side_under_50_pixels_is_refused_in_every_format(
    client: Any, detector: CosDetector, make: Callable[[int, int], bytes]
) -> None:
    for width, height in ((49, 500), (500, 49)):
        client.put_object(COS_BUCKET, make(width, height), "small")
        assert cos_refused(detect, client, "small") == (400, UNLABELLED.by_reason["too_small"][0])
    assert detector.seen == []
    client.put_object(COS_BUCKET, make(50, 50), "small")
    assert "Labels" in detect(client, "small")


def test_a_picture_over_three_megabytes_is_refused(client: Any) -> None:
    client.put_object(COS_BUCKET, PICTURE.ljust(labels.LARGEST, b"\0"), "a")
    assert "Labels" in detect(client, "a")
    client.put_object(COS_BUCKET, PICTURE.ljust(labels.LARGEST + 1, b"\0"), "a")
    assert cos_refused(detect, client, "a") == (400, UNLABELLED.by_reason["too_large"][0])


@pytest.mark.parametrize("data", [b"", b"text", b"GIF89a" + bytes(20), b"RIFF\0\0\0\0WEBPVP8 "])
def test_a_file_of_another_format_is_refused(client: Any, data: bytes) -> None:
    client.put_object(COS_BUCKET, data, "a")
    assert cos_refused(detect, client, "a") == (400, UNLABELLED.by_reason["unsupported_format"][0])


@pytest.mark.parametrize("reason", [*UNLABELLED.by_reason, "of-another-kind"])
def test_what_the_detector_refuses_is_refused_for_good(there: Any, detector: CosDetector, reason: str) -> None:
    detector.answer = {"error": {"reason": reason}}
    status, code = cos_refused(detect, there)
    assert (status, code) == (400, UNLABELLED.by_reason.get(reason, ("ImageDecodeFailed",))[0])


def test_a_detector_that_fails_is_an_error_that_is_tried_again(there: Any, detector: CosDetector) -> None:
    detector.error = RuntimeError("broken")
    assert cos_refused(detect, there) == (500, "InternalError")


def test_what_is_not_there_is_not_labelled(there: Any) -> None:
    assert cos_refused(detect, there, "none") == (404, "NoSuchKey")
    assert cos_refused(there.ci_image_detect_label, "none-1250000000", "a") == (404, "NoSuchBucket")
    assert cos_refused(detect, there, "") == (400, "InvalidArgument")


def test_a_signed_url_of_our_own_is_looked_at_however_often_it_is_quoted(
    there: Any, cos: RunningCos, detector: CosDetector
) -> None:
    url = cos.signed_url("GET", "图 a+b.jpg")
    for given in (url, quote(url, safe=""), quote(quote(url, safe=""), safe="")):
        assert detect(there, "", DetectUrl=given) == {"Labels": DOG}
    assert detector.seen == [PICTURE] * 3


HOSTILE = [
    "http://evil.example/a.jpg",
    "http://127.0.0.1/a.jpg",
    "http://localhost:1/a.jpg",
    "http://169.254.169.254/latest/meta-data",
    "file:///etc/passwd",
    "file://{host}/{path}",
    "ftp://{host}/{path}",
    "gopher://{host}/{path}",
    "//{host}/{path}",
    "http://user:pass@{host}/{path}",
    "http://{host}@evil.example/{path}",
    "http://{host}.evil.example/{path}",
    "http://{host}\\@evil.example/{path}",
    "http://{host}#@evil.example/{path}",
    "http://evil.example/{host}/{path}",
    "http://[::1]/{path}",
    "http://[/{path}",
    "http://{host}:port/{path}",
    "http://photos-1250000000.cos.ap-beijing.myqcloud.com/{path}",
    "http://cos.ap-guangzhou.myqcloud.com/photos-1250000000/{path}",
    "http://service.cos.myqcloud.com/{path}",
    "http://{host}",
    "",
    "%",
    "a.jpg",
]


@pytest.mark.parametrize("form", HOSTILE)
def test_a_url_to_elsewhere_is_refused_and_nothing_is_asked_of_anybody(
    there: Any, cos: RunningCos, detector: CosDetector, form: str
) -> None:
    host, _, path = cos.signed_url("GET", "图 a+b.jpg").removeprefix("http://").partition("/")
    url = form.format(host=host, path=path)
    given = {"DetectUrl": url} if url else {}
    with patch("socket.getaddrinfo", side_effect=AssertionError("a name is looked up")):
        status, code = cos_refused(detect, there, "", **given)
    assert (status, code) in ((400, "InvalidArgument"), (403, "AccessDenied"))
    assert detector.seen == []


def test_a_refused_url_is_not_shown_again_with_its_password(there: Any) -> None:
    with pytest.raises(Exception, match="InvalidArgument") as caught:
        detect(there, "", DetectUrl="http://user:hush@evil.example/a?q-signature=hush")
    assert "hush" not in str(caught.value)


def test_a_url_is_as_good_as_its_signature(there: Any, cos: RunningCos, detector: CosDetector) -> None:
    cos.store.create_bucket("other-1250000000", "STANDARD")
    there.put_object("other-1250000000", PICTURE, "图 a+b.jpg")
    good = cos.signed_url("GET", "图 a+b.jpg")
    for url, code in (
        (good.partition("?")[0], "AccessDenied"),
        (good.replace("photos-", "other-"), "SignatureDoesNotMatch"),
        (good.replace("a%2Bb", "c"), "SignatureDoesNotMatch"),
        (cos.signed_url("PUT", "图 a+b.jpg"), "SignatureDoesNotMatch"),
        (cos.signed_url("GET", "图 a+b.jpg", -1), "AccessDenied"),
        (cos.signed_url("GET", "图 a+b.jpg", 60, {"x-cos-security-token": "other"}), "AccessDenied"),
    ):
        assert cos_refused(detect, there, "", DetectUrl=url) == (403, code), url
    assert detector.seen == []
    other = cos.client(IP=None, Port=None).get_presigned_url("other-1250000000", "图 a+b.jpg", "GET")
    assert "Labels" in detect(there, "", DetectUrl=other)


@pytest.mark.parametrize("more", ["versionId=v", "tagging=", "imageMogr2/rotate/90", "ci-process=detect-label"])
def test_a_url_for_anything_but_the_picture_is_not_taken_for_the_picture(
    there: Any, cos: RunningCos, more: str
) -> None:
    url = cos.signed_url("GET", "图 a+b.jpg", 60, dict([more.partition("=")[::2]]))
    assert cos_refused(detect, there, "", DetectUrl=url) == (501, "NotImplemented")


def test_a_thumbnail_lifts_the_limit_on_bytes_up_to_that_on_pictures_to_be_shrunk(
    there: Any, cos: RunningCos, detector: CosDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = encoded(halves(4000, 1000)).ljust(labels.LARGEST + 1, b"\0")
    there.put_object(COS_BUCKET, photo, "large", ContentType="image/jpeg")
    thumbnail = {"imageMogr2/thumbnail/1920x1920>": ""}
    url = cos.signed_url("GET", "large", 60, thumbnail)
    assert detect(there, "", DetectUrl=url) == {"Labels": DOG}
    assert opened(detector.seen[-1]).size == (1920, 480)
    plain = cos.signed_url("GET", "large")
    assert cos_refused(detect, there, "", DetectUrl=plain) == (400, UNLABELLED.by_reason["too_large"][0])
    monkeypatch.setattr(labels, "LARGEST_TO_SHRINK", labels.LARGEST)
    assert cos_refused(detect, there, "", DetectUrl=url) == (400, UNLABELLED.by_reason["too_large"][0])


def test_the_size_of_a_jpeg_is_found_behind_long_segments_and_never_read_past_the_end(tmp_path: Path) -> None:
    data = jpeg("x", 300, 200)
    file = tmp_path / "a.jpg"
    file.write_bytes(data[:2] + (b"\xff\xe2\xff\xff" + bytes(65533)) * 40 + data[2:])
    assert picture.size(file) == (300, 200)
    for cut in range(3, 29):
        file.write_bytes(data[:cut])
        assert picture.size(file) == (0, 0)
