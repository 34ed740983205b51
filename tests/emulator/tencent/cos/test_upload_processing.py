"""Uploads whose picture is processed at once: what is kept, what is told, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.core.parts import Change
from tests.emulator.drawn import encoded, halves, opened
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

OTHER = "other-1250000000"
PICTURE = encoded(halves())
WIDTH, HEIGHT = halves().size


def put(client: Any, key: str, *rules: dict[str, Any], data: bytes = PICTURE, **more: Any) -> dict[str, Any]:
    asked = json.dumps({"rules": list(rules), **more})
    told: dict[str, Any] = client.ci_put_object(COS_BUCKET, data, key, PicOperations=asked)[1]
    return told


def read(client: Any, key: str, bucket: str = COS_BUCKET) -> bytes:
    data: bytes = client.get_object(bucket, key)["Body"].get_raw_stream().read()
    return data


def test_an_upload_keeps_the_picture_and_what_is_made_of_it(
    cos: RunningCos, client: Any, changes: list[Change]
) -> None:
    client.create_bucket(OTHER)
    told = put(
        client,
        "p1/a.png",
        {"fileid": "small/a.jpg", "rule": "imageMogr2/thumbnail/10x/format/jpg/quality/70"},
        {"fileid": "/top.png", "rule": "imageView2/format/png", "bucket": OTHER},
    )
    assert told["OriginalInfo"]["Key"] == "p1/a.png"
    assert told["OriginalInfo"]["ETag"] == client.head_object(COS_BUCKET, "p1/a.png")["ETag"]
    assert "ImageInfo" not in told["OriginalInfo"]
    small, top = told["ProcessResults"]["Object"]
    assert (small["Key"], small["Format"], small["Width"], small["Quality"]) == ("p1/small/a.jpg", "JPEG", "10", "70")
    assert small["Location"] == f"{cos.host()}/p1/small/a.jpg"
    assert small["ETag"] == client.head_object(COS_BUCKET, "p1/small/a.jpg")["ETag"]
    made = read(client, "p1/small/a.jpg")
    assert (opened(made).width, len(made)) == (10, int(small["Size"]))
    assert opened(read(client, "top.png", OTHER)).size == (int(top["Width"]), int(top["Height"]))
    assert client.head_object(OTHER, "top.png")["Content-Type"] == "image/png"
    assert read(client, "p1/a.png") == PICTURE
    assert [(change.bucket, change.key) for change in changes] == [
        (COS_BUCKET, "p1/a.png"),
        (COS_BUCKET, "p1/small/a.jpg"),
        (OTHER, "top.png"),
    ]


def test_an_upload_is_described_if_it_asks_for_it(client: Any) -> None:
    about = put(client, "a", is_pic_info=1)["OriginalInfo"]["ImageInfo"]
    assert (about["Width"], about["Height"], about["Orientation"]) == (str(WIDTH), str(HEIGHT), "1")
    assert about["Format"] == opened(PICTURE).format
    assert about["Ave"].startswith("0x")


def test_what_cannot_be_processed_is_refused_and_stays_uploaded(client: Any) -> None:
    rule = {"fileid": "b", "rule": "imageMogr2/thumbnail/10x"}
    status, code = cos_refused(put, client, "a", rule, data=b"no picture")
    assert (status, code) == (400, "UnsupportedImageFormat")
    assert read(client, "a") == b"no picture"
    assert not client.object_exists(COS_BUCKET, "b")


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        ({"fileid": "b", "rule": "imageMogr2/thumbnail/0x"}, (400, "InvalidArgument")),
        ({"fileid": "b", "rule": "watermark/1/image/x"}, (501, "NotImplemented")),
        ({"fileid": "b", "rule": "style/test"}, (501, "NotImplemented")),
        ({"fileid": "b", "rule": "imageInfo"}, (501, "NotImplemented")),
        ({"fileid": "b"}, (501, "NotImplemented")),
        ({"fileid": "b/", "rule": "imageMogr2/rotate/90"}, (400, "InvalidArgument")),
        ({"fileid": "", "rule": "imageMogr2/rotate/90"}, (400, "InvalidArgument")),
        ({"fileid": 7, "rule": "imageMogr2/rotate/90"}, (400, "InvalidArgument")),
        ({"fileid": "b", "rule": "imageMogr2/rotate/90", "other": "x"}, (501, "NotImplemented")),
        ({"fileid": "b", "rule": "imageMogr2/rotate/90", "bucket": "none-1250000000"}, (404, "NoSuchBucket")),
        ({"fileid": "b" * 900, "rule": "imageMogr2/rotate/90"}, (400, "KeyTooLong")),
    ],
)
def test_a_rule_that_cannot_be_done_is_refused_before_anything_is_stored(
    client: Any, rule: dict[str, Any], refusal: tuple[int, str]
) -> None:
    assert cos_refused(put, client, "a", rule) == refusal
    assert not client.object_exists(COS_BUCKET, "a")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ('{"rules": {}}', 400),
        ('{"rules": [1]}', 400),
        ('{"is_pic_info": 2}', 400),
        ('{"callback": "x"}', 501),
        (json.dumps({"rules": [{"fileid": "b", "rule": "imageMogr2/rotate/90"}] * 6}), 400),
    ],
)
def test_a_header_that_is_wrong_is_refused(cos: RunningCos, client: Any, asked: str, status: int) -> None:
    assert cos.ask_cos("PUT", "a", headers={"Pic-Operations": asked}, body=b"x")[0] == status
    assert not client.object_exists(COS_BUCKET, "a")


@pytest.mark.parametrize(
    ("method", "params", "headers"),
    [
        ("GET", {}, {}),
        ("POST", {"uploads": ""}, {}),
        ("PUT", {"tagging": ""}, {}),
        ("PUT", {}, {"x-cos-copy-source": f"{COS_BUCKET}.cos.ap-guangzhou.myqcloud.com/a"}),
    ],
)
def test_only_a_plain_upload_takes_the_header(
    cos: RunningCos, client: Any, method: str, params: dict[str, str], headers: dict[str, str]
) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    status, _, body = cos.ask_cos(method, "a", params, {"Pic-Operations": "{}", **headers})
    assert (status, b"pic-operations" in body) == (501, True)
