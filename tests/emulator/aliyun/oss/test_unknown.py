"""Operations that OSS may have and the emulator does not: they are refused by name, and nothing else is done."""

from __future__ import annotations

import base64
import time
from email.utils import formatdate
from typing import Any
from urllib.parse import urlencode

import pytest

from emulator.aliyun.oss import signing
from tests.emulator.running import ROOT, Running, refused

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
LEVELS = (("", ""), ("photos", ""), ("photos", "a"))


def told(status: int, headers: Any, body: bytes) -> tuple[int, str]:
    """Return the status and the error document, which an answer to HEAD has in a header."""
    if headers.get("x-oss-err"):
        body = base64.b64decode(headers["x-oss-err"])
    return status, body.decode()


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("bucket", "key"), LEVELS)
def test_a_subresource_of_the_future_is_refused_by_name(
    oss: Running, method: str, bucket: str, key: str, version: str
) -> None:
    oss.bucket().put_object("a", b"x")
    status, said = told(*oss.ask(method, bucket, key, {"zzzFuture": ""}, version=version))
    assert status == 501
    assert "<Code>NotImplemented</Code>" in said
    assert f"{method} ?zzzFuture" in said
    assert oss.bucket().get_object("a").read() == b"x"


@pytest.mark.parametrize(
    ("method", "key", "params"),
    [
        ("GET", "", {"accessPoint": ""}),
        ("GET", "", {"requesterQosInfo": ""}),
        ("GET", "", {"prefix": "a", "overwriteConfig": ""}),
        ("GET", "", {"acl": "", "prefix": "a"}),
        ("GET", "", {"bucketInfo": "", "versionId": "1"}),
        ("GET", "a", {"prefix": "a"}),
        ("GET", "a", {"tagging": "", "response-content-type": "text/html"}),
        ("GET", "a", {"acl": "", "tagging": ""}),
        ("GET", "a", {"x-oss-ac-source-ip": "10.0.0.1"}),
        ("HEAD", "a", {"objectMeta": "", "acl": ""}),
        ("PUT", "a", {"encoding-type": "url"}),
        ("DELETE", "a", {"uploads": ""}),
        ("POST", "", {"delete": "", "max-keys": "1"}),
        ("POST", "a", {"x-oss-process": "csv/select"}),
    ],
)
def test_a_parameter_that_an_operation_does_not_know_is_no_part_of_it(
    oss: Running, method: str, key: str, params: dict[str, str]
) -> None:
    oss.bucket().put_object("a", b"x")
    status, said = told(*oss.ask(method, "photos", key, params))
    assert (status, "NotImplemented" in said) == (501, True)
    assert oss.bucket().get_object("a").read() == b"x"


@pytest.mark.parametrize("version", ["v1", "v4"])
@pytest.mark.parametrize(("method", "key"), [("GET", "a"), ("PUT", "a"), ("DELETE", "a"), ("GET", ""), ("PUT", "")])
def test_a_header_that_is_not_obeyed_is_refused_by_name(oss: Running, method: str, key: str, version: str) -> None:
    oss.bucket().put_object("a", b"x")
    status, said = told(*oss.ask(method, "photos", key, headers={"x-oss-future": "1"}, version=version))
    assert status == 501
    assert "the header x-oss-future" in said
    assert oss.bucket().get_object("a").read() == b"x"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-oss-server-side-encryption-context": "e30="},
        {"x-oss-callback": "e30="},
        {"x-oss-persistent-headers": "a:b"},
    ],
)
def test_a_promise_that_would_not_be_kept_stores_nothing(bucket: Any, headers: dict[str, str]) -> None:
    error = refused(bucket.put_object, "a", b"x", headers=headers)
    assert (error.status, error.code) == (501, "NotImplemented")
    assert next(iter(headers)) in error.message
    assert not bucket.object_exists("a")


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/photos/a", {"Authorization": "AWS emulator:x"}),
        ("/photos/a", {"Authorization": "AWS4-HMAC-SHA256 Credential=emulator/x"}),
        ("/photos/a?X-Amz-Signature=x", {}),
    ],
)
def test_signatures_as_for_s3_are_refused_by_name(oss: Running, target: str, headers: dict[str, str]) -> None:
    status, _, body = oss.raw("GET", target, headers)
    assert (status, b"NotImplemented" in body) == (501, True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_key_without_a_bucket_is_no_object(oss: Running, method: str) -> None:
    """The path is //a, because the client has left the name of the bucket empty."""
    date = formatdate(usegmt=True)
    text = f"{method}\n\n\n{date}\n/"
    authorization = f"OSS {ROOT.id}:{signing.v1_signature(ROOT.secret, text.encode())}"
    status, said = told(*oss.raw(method, "//a", {"Date": date, "Authorization": authorization}))
    assert (status, "InvalidBucketName" in said) == (400, True)


def signed_bytes(method: str, key: str, params: dict[str, bytes]) -> str:
    """Return the target of a request whose parameters may be any bytes, which the SDK would not sign."""
    expires = str(int(time.time()) + 60)
    named = sorted((name.encode(), value) for name, value in params.items() if name in signing.SUBRESOURCES)
    query = b"&".join(name + (b"=" + value if value else b"") for name, value in named)
    text = f"{method}\n\n\n{expires}\n/photos/{key}?".encode() + query
    signature = signing.v1_signature(ROOT.secret, text)
    pairs = {**params, "OSSAccessKeyId": ROOT.id, "Expires": expires, "Signature": signature}
    return f"/photos/{key}?{urlencode(pairs)}"


@pytest.mark.parametrize(
    ("method", "key", "params"),
    [
        ("GET", "a", {"versionId": b"\xff"}),
        ("DELETE", "a", {"versionId": b"\xff"}),
        ("GET", "a", {"uploadId": b"\xff"}),
        ("PUT", "a", {"uploadId": b"\xff", "partNumber": b"1"}),
        ("GET", "", {"inventory": b"", "inventoryId": b"\xff"}),
        ("GET", "", {"style": b"", "styleName": b"\xff"}),
        ("GET", "", {"live": b"", "marker": b"\xff"}),
        ("GET", "", {"uploads": b"", "key-marker": b"a", "upload-id-marker": b"\xff"}),
    ],
)
def test_a_parameter_that_is_not_utf_8_would_be_an_internal_error(
    oss: Running, method: str, key: str, params: dict[str, bytes]
) -> None:
    oss.bucket().put_object("a", b"x")
    status, said = told(*oss.raw(method, signed_bytes(method, key, params)))
    assert (status, "<Code>InvalidArgument<" in said) == (400, True)
    assert oss.bucket().get_object("a").read() == b"x"
