"""Operations that COS may have and the emulator does not: they are refused by name, and nothing else is done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.running import COS_BUCKET, RunningCos

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("key", ["", "a"])
@pytest.mark.parametrize("name", ["zzzFuture", "ACL", "watermark/3/type/3/text/aGk"])
def test_a_subresource_of_the_future_is_refused_by_name(
    cos: RunningCos, client: Any, method: str, key: str, name: str
) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    status, _, body = cos.ask_cos(method, key, {name: ""})
    assert status == 501
    if method != "HEAD":
        assert b"<Code>NotImplemented</Code>" in body
        assert f"{method} ?{name.partition('/')[0]}".encode() in body
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == b"x"


@pytest.mark.parametrize(("method", "key"), [("GET", ""), *((method, "a") for method in METHODS[1:])])
def test_a_picture_is_processed_by_get_alone(cos: RunningCos, client: Any, method: str, key: str) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    assert cos.ask_cos(method, key, {"imageMogr2/thumbnail/64x64": ""})[0] == 501
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == b"x"


def test_a_subresource_of_the_whole_service_is_refused_by_name(cos: RunningCos) -> None:
    status, _, body = cos.ask_cos("GET", "", {"zzzFuture": ""}, host="service.cos.myqcloud.com")
    assert (status, b"GET ?zzzFuture on the service" in body) == (501, True)


@pytest.mark.parametrize(
    ("method", "key", "params"),
    [
        ("GET", "", {"acl": "", "prefix": "a"}),
        ("GET", "a", {"prefix": "a"}),
        ("GET", "a", {"tagging": "", "max-parts": "1"}),
        ("GET", "a", {"ci-process": "detect-label", "async": "1"}),
        ("HEAD", "a", {"tagging": ""}),
        ("PUT", "a", {"encoding-type": "url"}),
        ("DELETE", "a", {"uploads": ""}),
    ],
)
def test_a_parameter_that_an_operation_does_not_know_is_no_part_of_it(
    cos: RunningCos, client: Any, method: str, key: str, params: dict[str, str]
) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    assert cos.ask_cos(method, key, params)[0] == 501
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == b"x"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-cos-future": "1"},
        {"x-cos-server-side-encryption-customer-algorithm": "AES256"},
        {"x-ci-future": "1"},
    ],
)
def test_a_header_that_is_not_obeyed_is_refused_by_name_and_stores_nothing(
    cos: RunningCos, client: Any, headers: dict[str, str]
) -> None:
    status, _, body = cos.ask_cos("PUT", "a", headers=headers, body=b"x")
    assert (status, next(iter(headers)).encode() in body) == (501, True)
    assert not client.object_exists(COS_BUCKET, "a")


@pytest.mark.parametrize(
    ("target", "authorization"),
    [("/a", "AWS emulator:x"), ("/a", "AWS4-HMAC-SHA256 Credential=x"), ("/a?X-Amz-Signature=x", "")],
)
def test_signatures_as_for_s3_are_refused_by_name(cos: RunningCos, target: str, authorization: str) -> None:
    headers = {"Host": cos.host()} | ({"Authorization": authorization} if authorization else {})
    status, _, body = cos.raw("GET", target, headers)
    assert (status, b"NotImplemented" in body) == (501, True)


def test_an_objects_acl_is_told_as_it_was_given(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "own", ACL="private")
    client.put_object(COS_BUCKET, b"x", "plain", ACL="default")
    source = {"Bucket": COS_BUCKET, "Key": "own", "Region": "ap-guangzhou"}
    client.copy_object(COS_BUCKET, "copied", source)
    told = [cos.ask_cos("GET", key, {"acl": ""})[1]["x-cos-acl"] for key in ("own", "plain", "copied")]
    assert told == ["private", "default", "default"]


def test_buckets_come_in_pages_as_long_as_asked_for(cos: RunningCos) -> None:
    cos.store.create_bucket("more-1250000000", "STANDARD")
    service = "service.cos.myqcloud.com"
    _, _, body = cos.ask_cos("GET", "", {"max-keys": "1"}, host=service)
    assert b"<Name>more-1250000000</Name>" in body
    assert COS_BUCKET.encode() not in body
    assert b"<NextMarker>more-1250000000</NextMarker><IsTruncated>true</IsTruncated>" in body
    _, _, body = cos.ask_cos("GET", "", {"max-keys": "1", "marker": "more-1250000000"}, host=service)
    assert COS_BUCKET.encode() in body
    assert b"<IsTruncated>false</IsTruncated>" in body
    assert cos.ask_cos("GET", "", {"max-keys": "0"}, host=service)[0] == 400
