"""Which signatures COS accepts, and how it refuses the others."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch
from urllib.parse import quote

import pytest
import qcloud_cos.cos_auth

from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.tencent.cos.auth import CosGate
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

VECTOR = {
    "q-sign-algorithm": "sha1",
    "q-ak": "AKIDEXAMPLE",
    "q-sign-time": "1700000000;1700010060",
    "q-key-time": "1700000000;1700010060",
    "q-header-list": "host;x-cos-security-token",
    "q-url-param-list": "ci-process;scenes",
    "q-signature": "cd18eecb8a180dbd8a5f6059ab6c4123cd867201",
}
NOW = 1700000060
HOST = "demo-1250000000.cos.ap-guangzhou.myqcloud.com"


def checked(fields: dict[str, str], now: float = NOW, **changes: Any) -> str:
    """Return the code with which the gate refuses a call, or an empty text."""
    headers = {
        "host": HOST,
        "x-cos-security-token": "TOK",
        "authorization": "&".join(f"{name}={value}" for name, value in fields.items()),
    }
    params = (("ci-process", "detect-label"), ("scenes", "web,camera"))
    given = {"method": "GET", "key": "a/b c中.jpg", "params": params, "headers": headers, **changes}
    call = Call(bucket="demo-1250000000", endpoint=HOST, remote="", request=cast(Any, None), **given)
    try:
        CosGate(Keyring(Key("AKIDEXAMPLE", "SKEXAMPLE", "TOK")), lambda: now).check(call)
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_known_signature_is_believed() -> None:
    assert checked(VECTOR) == ""


@pytest.mark.parametrize("now", [1700000000, 1700010060])
def test_a_signature_is_good_from_its_first_to_its_last_second(now: float) -> None:
    assert checked(VECTOR, now) == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"now": 1699999999}, "RequestTimeTooSkewed"),
        ({"now": 1700010061}, "AccessDenied"),
        ({"method": "PUT"}, "SignatureDoesNotMatch"),
        ({"key": "a/b c.jpg"}, "SignatureDoesNotMatch"),
        ({"params": (("ci-process", "detect-label"), ("scenes", "web"))}, "SignatureDoesNotMatch"),
        ({"params": (("ci-process", "detect-label"),)}, "SignatureDoesNotMatch"),
    ],
)
def test_a_signature_is_good_for_its_own_request_only(changes: dict[str, Any], code: str) -> None:
    assert checked(VECTOR, **changes) == code


@pytest.mark.parametrize("name", [*VECTOR])
def test_a_signature_without_one_of_its_parts_is_refused(name: str) -> None:
    assert checked({key: value for key, value in VECTOR.items() if key != name}) == "AccessDenied"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("q-sign-algorithm", "md5", "AccessDenied"),
        ("q-ak", "AKIDOTHER", "InvalidAccessKeyId"),
        ("q-signature", "cd18eecb8a180dbd8a5f6059ab6c4123cd867202", "SignatureDoesNotMatch"),
        ("q-signature", "ü", "SignatureDoesNotMatch"),
        ("q-sign-time", "soon", "AccessDenied"),
        ("q-key-time", "1;2", "AccessDenied"),
        ("q-sign-time", "1;2", "AccessDenied"),
        ("q-header-list", "host;range;x-cos-security-token", "SignatureDoesNotMatch"),
        ("q-header-list", "x-cos-security-token", "SignatureDoesNotMatch"),
        ("q-url-param-list", "ci-process;scenes;tagging", "SignatureDoesNotMatch"),
        ("q-url-param-list", "", "SignatureDoesNotMatch"),
    ],
)
def test_a_signature_with_another_part_is_refused(name: str, value: str, code: str) -> None:
    assert checked(VECTOR | {name: value}) == code


def test_the_sdk_is_believed_with_odd_keys_parameters_and_headers(cos: RunningCos) -> None:
    client = cos.client()
    for key in ("a b+c%41&=?#.jpg", "照片/图 1.jpg", "~-_.!*'()", "a//b"):
        client.put_object(COS_BUCKET, b"x", key, Metadata={"x-cos-meta-a": "b/c d"}, ContentType="image/jpeg")
        assert client.get_object(COS_BUCKET, key, Range="bytes=0-0")["Body"].get_raw_stream().read() == b"x"


@pytest.mark.parametrize(
    ("key", "code"),
    [(Key("other", "emulator"), "InvalidAccessKeyId"), (Key("emulator", "other"), "SignatureDoesNotMatch")],
)
def test_a_wrong_key_is_told_apart_from_a_wrong_secret(cos: RunningCos, key: Key, code: str) -> None:
    assert cos_refused(cos.client(key).list_objects, COS_BUCKET) == (403, code)


def test_nobody_reads_or_writes_without_a_signature(cos: RunningCos) -> None:
    cos.client().put_object(COS_BUCKET, b"x", "a")
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        assert cos.raw(method, "/a", {"Host": cos.host()})[0] == 403
    assert cos_refused(cos.client(Anonymous=True).get_object, COS_BUCKET, "a") == (403, "AccessDenied")
    assert cos.store.object(COS_BUCKET, "a") is not None


def test_temporary_keys_bring_their_token_and_end(cos: RunningCos) -> None:
    key = cos.keyring.issue(60)
    cos.client(key).put_object(COS_BUCKET, b"x", "a")
    assert cos_refused(cos.client(Key(key.id, key.secret)).get_object, COS_BUCKET, "a") == (403, "InvalidAccessKeyId")
    wrong = Key(key.id, key.secret, "other")
    assert cos_refused(cos.client(wrong).get_object, COS_BUCKET, "a") == (403, "AccessDenied")
    ended = cos.keyring.issue(-1)
    assert cos_refused(cos.client(ended).get_object, COS_BUCKET, "a") == (403, "ExpiredToken")


def test_the_root_key_has_no_token(cos: RunningCos) -> None:
    key = Key("emulator", "emulator", "any")
    assert cos_refused(cos.client(key).list_objects, COS_BUCKET) == (403, "AccessDenied")


def signed_at(offset: float, make: Callable[[], str]) -> str:
    """Return the headers that the SDK signs as if it were `offset` seconds later."""
    with patch.object(qcloud_cos.cos_auth, "time", SimpleNamespace(time=lambda: time.time() + offset)):
        return make()


def asked(cos: RunningCos, url: str, method: str = "GET", body: bytes | None = None) -> tuple[int, bytes]:
    """Return status and body for a signed URL, which is sent to the emulator with the host that it names."""
    host, _, target = url.removeprefix("http://").partition("/")
    status, _, answer = cos.raw(method, f"/{target}", {"Host": host}, body)
    return status, answer


def test_a_signed_url_is_good_until_it_ends_and_not_before_it_begins(cos: RunningCos) -> None:
    cos.client().put_object(COS_BUCKET, b"x", "图 1.jpg")
    assert asked(cos, cos.signed_url("GET", "图 1.jpg")) == (200, b"x")
    status, answer = asked(cos, signed_at(-120, lambda: cos.signed_url("GET", "图 1.jpg", 60)))
    assert (status, b"<Code>AccessDenied</Code>" in answer, b"Request has expired." in answer) == (403, True, True)
    status, answer = asked(cos, signed_at(3600, lambda: cos.signed_url("GET", "图 1.jpg")))
    assert (status, b"<Code>RequestTimeTooSkewed</Code>" in answer) == (403, True)


def test_a_signed_url_is_good_for_its_own_key_and_method_only(cos: RunningCos) -> None:
    for key in ("a", "b"):
        cos.client().put_object(COS_BUCKET, b"x", key)
    url = cos.signed_url("GET", "a")
    assert asked(cos, url.replace("/a?", "/b?"))[0] == 403
    assert asked(cos, url, "DELETE")[0] == 403
    assert asked(cos, url.replace("photos-", "fotos-"))[0] == 403


def test_a_signed_url_needs_the_token_of_temporary_keys_and_takes_it_as_a_parameter(cos: RunningCos) -> None:
    key = cos.keyring.issue(60)
    cos.client().put_object(COS_BUCKET, b"x", "a")
    client = cos.client(Key(key.id, key.secret), IP=None, Port=None)
    assert asked(cos, client.get_presigned_url(COS_BUCKET, "a", "GET"))[0] == 403
    url = client.get_presigned_url(COS_BUCKET, "a", "GET", Params={"x-cos-security-token": key.token})
    assert asked(cos, url) == (200, b"x")


def test_tags_are_written_by_a_signed_url_that_ends(cos: RunningCos) -> None:
    cos.client().put_object(COS_BUCKET, b"x", "a")
    body = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    late = signed_at(-120, lambda: cos.signed_url("PUT", "a", 60, {"tagging": ""}))
    assert asked(cos, late, "PUT", body)[0] == 403
    assert cos.client().get_object_tagging(COS_BUCKET, "a") == {"TagSet": None}
    assert asked(cos, cos.signed_url("PUT", "a", 60, {"tagging": ""}), "PUT", body)[0] == 200
    assert cos.client().get_object_tagging(COS_BUCKET, "a")["TagSet"]["Tag"] == [{"Key": "k", "Value": "v"}]


def test_a_url_for_an_upload_is_none_for_tags(cos: RunningCos) -> None:
    """The signature covers listed parameters only. A parameter that is added must not choose another operation."""
    cos.client().put_object(COS_BUCKET, b"x", "a")
    url = cos.signed_url("PUT", "a")
    for more in ("append&position=0", "retention", "anything=1"):
        assert asked(cos, f"{url}&{more}", "PUT", b"y")[0] == 501
    assert asked(cos, f"{url}&acl", "PUT", b"y")[0] == 400
    assert asked(cos, f"{url}&partNumber=1&uploadId=u", "PUT", b"y")[0] == 404
    stored = cos.store.object(COS_BUCKET, "a")
    assert stored is not None
    assert stored.file.read_bytes() == b"x"


def test_no_error_shows_a_secret_a_token_or_the_signature_that_would_do(cos: RunningCos) -> None:
    key = cos.keyring.issue(60)
    url = cos.signed_url("GET", "a").replace("q-signature=", "q-signature=0")
    status, answer = asked(cos, f"{url}&x-cos-security-token={quote(key.token or '')}")
    assert status == 403
    assert b"emulator" not in answer.replace(b"emulator's", b"")
    assert (key.token or "").encode() not in answer
    assert b"q-signature" not in answer


def test_a_parameter_that_is_signed_in_one_case_and_used_in_another_is_refused(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "private/z.txt")
    headers = cos.signed_headers("GET", params={"prefix": "pub/"})
    status, _, body = cos.raw("GET", "/?prefix=pub/", headers)
    assert (status, b"z.txt" in body) == (200, False)
    for twice in ("prefix=private/&PREFIX=pub/", "PREFIX=pub/&prefix=private/", "prefix=private/&prefix=pub/"):
        status, _, body = cos.raw("GET", f"/?{twice}", headers)
        assert (status, b"The parameter prefix comes twice" in body) == (400, True)
