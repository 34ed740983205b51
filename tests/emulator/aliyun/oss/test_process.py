"""image/labels: what the detector gets, and what becomes of its answer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.oss.errors import UNLABELLED
from emulator.aliyun.oss.process import threshold_of
from tests.emulator.aliyun.imm.running import CAT, DOG
from tests.emulator.running import Running, refused, running_oss

FIELDS = {"LabelName", "LabelConfidence", "CentricScore", "LabelLevel", "ParentLabelName", "Language"}


class OssDetector:
    """A detector that gives the answer of a test, keeps the pictures that it gets, and may do something meanwhile."""

    def __init__(self) -> None:
        self.answer: dict[str, object] = {"width": 4, "height": 3, "labels": [DOG, CAT]}
        self.error: Exception | None = None
        self.seen: list[bytes] = []
        self.meanwhile: Any = None

    async def __call__(self, path: Path) -> dict[str, object]:
        if self.meanwhile is not None:
            self.meanwhile()
        self.seen.append(path.read_bytes())
        if self.error is not None:
            raise self.error
        return self.answer


@pytest.fixture
def detector() -> OssDetector:
    return OssDetector()


@pytest.fixture
def oss(tmp_path: Path, detector: OssDetector) -> Iterator[Running]:
    with running_oss(tmp_path, detect=detector) as running:
        running.store.create_bucket("photos")
        yield running


@pytest.fixture
def picture(client: Any) -> Any:
    """Return a client of a bucket that has `a.jpg`."""
    client.put_object("a.jpg", b"picture", headers={"Content-Type": "image/jpeg"})
    return client


def labels(bucket: Any, process: str = "image/labels", **kwargs: Any) -> list[str]:
    answer = json.loads(bucket.get_object("a.jpg", process=process, **kwargs).read())
    return [label["LabelName"] for label in answer["Labels"]]


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_the_detector_is_shown_the_object_s_bytes(
    picture: Any, oss: Running, detector: OssDetector, version: str
) -> None:
    assert labels(oss.bucket(version=version)) == ["狗"]
    assert detector.seen == [b"picture"]


def test_the_body_has_the_service_s_fields_and_no_others(picture: Any) -> None:
    answer = json.loads(picture.get_object("a.jpg", process="image/labels").read())
    assert set(answer) == {"RequestId", "Labels"}
    assert len(answer["RequestId"]) == 36
    assert set(answer["Labels"][0]) == FIELDS
    assert all(answer["Labels"][0][name] == DOG[name] for name in FIELDS)


def test_the_headers_are_those_of_the_vendor_s_sample(picture: Any) -> None:
    result, head = picture.get_object("a.jpg", process="image/labels"), picture.head_object("a.jpg")
    result.read()
    assert result.headers["Content-Type"] == "application/json;charset=utf-8"
    assert result.headers["Transfer-Encoding"] == "chunked"
    assert result.headers["Vary"] == "Accept-Encoding"
    assert result.headers["x-oss-ec"] == "0048-00000104"
    assert result.headers["Content-Disposition"] == "attachment"
    assert result.headers["x-oss-force-download"] == "true"
    for name in ("Last-Modified", "x-oss-hash-crc64ecma", "x-oss-storage-class", "x-oss-object-type"):
        assert result.headers[name] == head.headers[name]
    assert "ETag" not in result.headers
    assert "Content-Length" not in result.headers
    assert "Content-Encoding" not in result.headers


def test_who_accepts_gzip_gets_gzip(picture: Any, oss: Running) -> None:
    result = picture.get_object("a.jpg", process="image/labels", headers={"Accept-Encoding": "gzip"})
    assert result.headers["Content-Encoding"] == "gzip"
    assert json.loads(result.read())["Labels"][0]["LabelName"] == "狗"
    target = picture.sign_url("GET", "a.jpg", 60, params={"x-oss-process": "image/labels"}).removeprefix(oss.endpoint)
    assert json.loads(gzip.decompress(oss.raw("GET", target, {"Accept-Encoding": "gzip"})[2]))["Labels"]


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        ("image/labels,thr_0.3", ["狗", "猫"]),
        ("image/labels,thr_0.31", ["狗"]),
        ("image/labels,thr_30", ["狗", "猫"]),
        ("image/labels,thr_0", ["狗", "猫"]),
        ("image/labels,thr_0.94", ["狗"]),
        ("image/labels,thr_95", []),
        ("image/labels,thr_1", []),
    ],
)
def test_labels_below_the_threshold_are_left_out(picture: Any, process: str, expected: list[str]) -> None:
    assert labels(picture, process) == expected


@pytest.mark.parametrize(
    ("process", "threshold"),
    [
        ("image/labels", 0.7),
        ("image/labels,thr_0", 0.0),
        ("image/labels,thr_0.1", 0.1),
        ("image/labels,thr_1", 1.0),
        ("image/labels,thr_1.5", 0.015),
        ("image/labels,thr_85", 0.85),
        ("image/labels,thr_100", 1.0),
    ],
)
def test_a_threshold_is_a_share_or_a_percentage(process: str, threshold: float) -> None:
    assert threshold_of(process) == pytest.approx(threshold)


@pytest.mark.parametrize(
    "value", ["thr_101", "thr_-1", "thr_", "thr_nan", "thr_1e1", "thr_0,85", "thr_.5", "top_3", "", "thr_٣"]
)
def test_a_threshold_that_is_none_is_refused_before_the_detector_is_asked(
    picture: Any, detector: OssDetector, value: str
) -> None:
    error = refused(picture.get_object, "a.jpg", process=f"image/labels,{value}")
    assert (error.status, error.code) == (400, "InvalidArgument")
    assert detector.seen == []


@pytest.mark.parametrize(
    "process",
    ["image/labels|sys/saveas,o_eA", "style/x", "image/labels/resize,w_1"],
)
def test_other_actions_are_not_pretended(picture: Any, detector: OssDetector, process: str) -> None:
    error = refused(picture.get_object, "a.jpg", process=process)
    assert (error.status, error.code) == (501, "NotImplemented")
    assert detector.seen == []


def test_labels_of_exactly_the_object_that_was_meant(picture: Any, detector: OssDetector) -> None:
    etag = picture.head_object("a.jpg").etag
    assert labels(picture, headers={"If-Match": etag}) == ["狗"]
    assert refused(picture.get_object, "a.jpg", process="image/labels", headers={"If-Match": "other"}).status == 412
    assert refused(picture.get_object, "a.jpg", process="image/labels", headers={"If-None-Match": etag}).status == 304
    assert len(detector.seen) == 1


def test_a_picture_replaced_while_it_is_labelled_is_labelled_as_it_was(
    picture: Any, oss: Running, detector: OssDetector, tmp_path: Path
) -> None:
    detector.meanwhile = lambda: oss.store.delete("photos", "a.jpg")
    assert labels(picture) == ["狗"]
    assert detector.seen == [b"picture"]
    assert list((tmp_path / "objects").iterdir()) == []


@pytest.mark.parametrize("reason", [*UNLABELLED.by_reason, "something_new"])
def test_a_picture_that_cannot_be_labelled_is_refused_by_its_reason(
    picture: Any, detector: OssDetector, reason: str
) -> None:
    detector.answer = {"error": {"reason": reason, "message": "/secret/path: no"}}
    error = refused(picture.get_object, "a.jpg", process="image/labels")
    assert error.status == 400
    assert error.code == UNLABELLED.by_reason.get(reason, ("BadImage", ""))[0]
    assert error.message
    assert "/secret/path" not in str(error)


def test_a_file_over_20_mb_is_refused_without_asking(oss: Running, detector: OssDetector) -> None:
    bucket = oss.bucket()
    limit = 20 * 1024 * 1024
    bucket.put_object("a.jpg", b"\0" * limit)
    assert labels(bucket) == ["狗"]
    bucket.put_object("a.jpg", b"\0" * (limit + 1))
    error = refused(bucket.get_object, "a.jpg", process="image/labels")
    assert (error.status, error.code) == (400, "ImageTooLarge")
    assert len(detector.seen) == 1


def test_a_detector_that_fails_is_an_internal_error_without_its_words(
    picture: Any, detector: OssDetector, caplog: pytest.LogCaptureFixture
) -> None:
    detector.error = RuntimeError("the model is gone")
    error = refused(picture.get_object, "a.jpg", process="image/labels")
    assert (error.status, error.code) == (500, "InternalError")
    assert "the model is gone" not in str(error)
    assert "the model is gone" in caplog.text


def test_a_detector_that_says_neither_is_an_internal_error(picture: Any, detector: OssDetector) -> None:
    detector.answer = {}
    assert refused(picture.get_object, "a.jpg", process="image/labels").status == 500


def test_without_a_detector_the_service_is_unavailable(tmp_path: Path) -> None:
    with running_oss(tmp_path / "other") as oss:
        bucket = oss.bucket()
        bucket.create_bucket()
        bucket.put_object("a.jpg", b"picture")
        error = refused(bucket.get_object, "a.jpg", process="image/labels")
    assert (error.status, error.code) == (503, "ServiceUnavailable")
    assert "without a detector" in error.message


def test_labels_of_nothing(picture: Any, oss: Running) -> None:
    assert refused(picture.get_object, "nothing", process="image/labels").code == "NoSuchKey"
    assert refused(oss.bucket("nowhere").get_object, "a", process="image/labels").code == "NoSuchBucket"
