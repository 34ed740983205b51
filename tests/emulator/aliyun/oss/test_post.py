"""PostObject: uploads by HTML forms, with policies that are signed in version 1 and in version 4."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from emulator.core.parts import Change, Key
from tests.emulator import forms
from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.forms import BOUNDARY, by_hand, by_library, code
from tests.emulator.running import ROOT, Running

DAY = time.strftime("%Y%m%d", time.gmtime())


def signed_v1(conditions: Sequence[Any], key: Key = ROOT, expires: float = 0.0) -> dict[str, str]:
    text = forms.encoded(forms.policy(conditions, expires or time.time() + 60))
    signature = base64.b64encode(hmac.digest(key.secret.encode(), text.encode(), "sha1")).decode()
    return {"OSSAccessKeyId": key.id, "policy": text, "Signature": signature}


def signed_v4(
    conditions: Sequence[Any], key: Key = ROOT, at: float = 0.0, region: str = "cn-hangzhou"
) -> dict[str, str]:
    """Sign in the way of the page, with the library of Python alone."""
    moment = time.gmtime(at or time.time())
    day = time.strftime("%Y%m%d", moment)
    own = {
        "x-oss-signature-version": "OSS4-HMAC-SHA256",
        "x-oss-credential": f"{key.id}/{day}/{region}/oss/aliyun_v4_request",
        "x-oss-date": time.strftime("%Y%m%dT%H%M%SZ", moment),
    }
    text = forms.encoded(forms.policy([*({k: v} for k, v in own.items()), *conditions], time.time() + 60))
    secret = b"aliyun_v4" + key.secret.encode()
    for part in (day, region, "oss", "aliyun_v4_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    return {**own, "policy": text, "x-oss-signature": hmac.digest(secret, text.encode(), "sha256").hex()}


SIGNED: dict[str, Callable[..., dict[str, str]]] = {"v1": signed_v1, "v4": signed_v4}


def post(oss: Running, body: bytes, **headers: str) -> tuple[int, Any, bytes]:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return oss.raw(
        "POST", "/photos", {**kind, **{name.replace("_", "-"): value for name, value in headers.items()}}, body
    )


def told(oss: Running, fields: dict[str, str], content: bytes = b"x", **options: Any) -> tuple[int, str]:
    """Return the status and the code with which OSS answers to a form."""
    status, _, body = post(oss, by_hand(list(fields.items()), content, **options))
    return status, code(body)


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_the_file_of_a_form_becomes_an_object(oss: Running, client: Any, changes: list[Change], version: str) -> None:
    content = bytes(range(256)) * 5000
    signed = SIGNED[version](
        [{"bucket": "photos"}, ["starts-with", "$key", "in/"], ["content-length-range", 1, 2 << 20]]
    )
    fields = {
        "key": "in/猫/${filename}",
        "x-oss-meta-who": "me",
        "Cache-Control": "no-store",
        "x-oss-object-acl": "public-read",
        "x-oss-storage-class": "IA",
        "x-oss-tagging": "k=v",
        **signed,
    }
    answer = by_library(f"{oss.endpoint}/photos", fields, content, name="C:\\tom cat.jpg")
    assert (answer.status_code, answer.content) == (204, b"")
    got = client.get_object("in/猫/tom cat.jpg")
    assert got.read() == content
    assert got.headers["ETag"] == answer.headers["ETag"] == f'"{hashlib.md5(content).hexdigest().upper()}"'
    assert (got.headers["Content-Type"], got.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert (got.headers["x-oss-meta-who"], got.headers["x-oss-storage-class"]) == ("me", "IA")
    assert client.get_object_tagging("in/猫/tom cat.jpg").tag_set.tagging_rule == {"k": "v"}
    assert client.get_object_acl("in/猫/tom cat.jpg").acl == "public-read"
    (change,) = changes
    assert (change.event, change.size, change.mime_type) == ("ObjectCreated:PostObject", len(content), "image/jpeg")


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
@pytest.mark.parametrize("filler", [b"a", b"\r\n", f"\r\n--{BOUNDARY}"[:-1].encode()])
def test_a_file_arrives_as_it_was_whatever_its_bytes_look_like(
    oss: Running, client: Any, size: int, filler: bytes
) -> None:
    content = (filler * size)[:size]
    status, _, _ = post(oss, by_hand([("key", "a"), *signed_v1([]).items()], content))
    assert status == 204
    assert client.get_object("a").read() == content


@pytest.mark.parametrize(("asked", "status"), [("200", 200), ("201", 201), ("204", 204), ("", 204), ("302", 204)])
def test_a_form_says_which_status_it_wants(oss: Running, asked: str, status: int) -> None:
    fields = {"key": "a/<b>", "success_action_status": asked, **signed_v1([])}
    answered, headers, body = post(oss, by_hand(list(fields.items()), b"x"))
    assert answered == status
    if status == 201:
        tree = ElementTree.fromstring(body)
        facts = {node.tag: node.text for node in tree}
        assert facts == {
            "Location": f"http://photos.{oss.address}/a/%3Cb%3E",
            "Bucket": "photos",
            "Key": "a/<b>",
            "ETag": headers["ETag"],
        }
    else:
        assert body == b""


def test_a_form_may_lead_to_a_page_that_learns_what_became_of_it(oss: Running) -> None:
    place = "https://site.example/done?x=1&y=ü"
    fields = {"key": "a b", "success_action_redirect": place, "success_action_status": "201", **signed_v1([])}
    answer = by_library(f"{oss.endpoint}/photos", fields, b"x")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(
        "https://site.example/done?x=1&y=%C3%BC&bucket=photos&key=a+b&etag=%22"
    )
    for wrong in ("javascript:alert(1)", "/here", "http://a\r\nSet-Cookie: x=y"):
        answered, headers, _ = post(oss, by_hand([*(fields | {"success_action_redirect": wrong}).items()], b"x"))
        assert (answered, headers["Set-Cookie"]) == (201, None)


@pytest.mark.parametrize(
    ("conditions", "fields", "holds"),
    [
        ([{"bucket": "photos"}], {}, True),
        ([{"bucket": "others"}], {}, False),
        ([["eq", "$key", "a"]], {}, True),
        ([["eq", "$key", "b"]], {}, False),
        ([["eq", "$KEY", "a"]], {}, True),
        ([["starts-with", "$x-oss-meta-who", ""]], {}, True),
        ([["starts-with", "$x-oss-meta-who", "m"]], {"X-OSS-Meta-Who": "me"}, True),
        ([["starts-with", "$x-oss-meta-who", "m"]], {}, False),
        ([["in", "$content-type", ["image/jpeg", "image/png"]]], {}, True),
        ([["in", "$content-type", ["image/png"]]], {}, False),
        ([["in", "$content-type", ["image/png"]]], {"x-oss-content-type": "image/png"}, True),
        ([["not-in", "$cache-control", ["no-cache"]]], {}, True),
        ([["not-in", "$cache-control", ["no-cache"]]], {"Cache-Control": "no-cache"}, False),
        ([{"A": "a"}], {"a": "a"}, True),
        ([{"A": "a"}], {"a": "b"}, False),
        ([{"success_action_status": "201", "key": "a"}], {}, False),
    ],
)
def test_a_form_must_keep_to_its_policy(
    oss: Running, client: Any, conditions: list[Any], fields: dict[str, str], holds: bool
) -> None:
    sent = {"key": "a", **fields, **signed_v1(conditions)}
    assert told(oss, sent) == ((204, "") if holds else (403, "AccessDenied"))
    assert client.object_exists("a") == holds


def test_a_condition_that_fails_is_told(oss: Running) -> None:
    fields = {"key": "a", **signed_v1([["starts-with", "$key", "user/"]])}
    _, _, body = post(oss, by_hand(list(fields.items()), b"x"))
    assert b'Policy Condition failed: ["starts-with", "$key", "user/"]' in body


@pytest.mark.parametrize(("size", "answer"), [(4, (400, "EntityTooSmall")), (5, (204, "")), (7, (204, ""))])
def test_a_file_has_the_size_that_the_policy_says(
    oss: Running, client: Any, size: int, answer: tuple[int, str]
) -> None:
    assert told(oss, {"key": "a", **signed_v1([["content-length-range", 5, 7]])}, b"x" * size) == answer
    assert client.object_exists("a") == (answer[0] == 204)


def test_a_file_that_is_too_large_for_its_policy_is_refused_and_leaves_nothing(oss: Running, client: Any) -> None:
    fields = {"key": "a", **signed_v1([["content-length-range", 0, 7]])}
    assert told(oss, fields, b"x" * 8) == (400, "EntityTooLarge")
    assert not client.object_exists("a")
    assert list(oss.store.new_file().parent.iterdir()) == []


def test_an_expired_policy_is_refused(oss: Running) -> None:
    fields = {"key": "a", **signed_v1([], expires=time.time() - 1)}
    status, _, body = post(oss, by_hand(list(fields.items()), b"x"))
    assert (status, code(body)) == (403, "AccessDenied")
    assert b"Policy expired." in body


@pytest.mark.parametrize(
    "document",
    [
        b"no json",
        b"\xff",
        b"[]",
        b"{}",
        b'{"expiration": "2099-12-01T12:00:00.000Z"}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [], "test": "test"}',
        b'{"expiration": "tomorrow", "conditions": []}',
        b'{"expiration": "2099-13-01T12:00:00.000Z", "conditions": []}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": {}}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["$key"]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["ends-with", "$key", "a"]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["eq", "key", "a"]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["in", "$key", "a"]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["content-length-range", 2, 1]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["content-length-range", "0", "1"]]}',
        b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [{"key": 1}]}',
        b"[" * 3000,
    ],
)
def test_a_policy_that_is_none_is_refused(oss: Running, document: bytes) -> None:
    text = forms.encoded(document)
    signature = base64.b64encode(hmac.digest(ROOT.secret.encode(), text.encode(), "sha1")).decode()
    fields = {"key": "a", "OSSAccessKeyId": ROOT.id, "policy": text, "Signature": signature}
    assert told(oss, fields) == (400, "InvalidPolicyDocument")


def test_a_dollar_sign_may_be_escaped_in_a_policy(oss: Running) -> None:
    document = b'{"expiration": "2099-12-01T12:00:00.000Z", "conditions": [["eq", "$key", "in/\\${filename}"]]}'
    text = forms.encoded(document)
    signature = base64.b64encode(hmac.digest(ROOT.secret.encode(), text.encode(), "sha1")).decode()
    fields = {"key": "in/${filename}", "OSSAccessKeyId": ROOT.id, "policy": text, "Signature": signature}
    assert told(oss, fields) == (204, "")
    assert oss.store.object("photos", "in/cat.jpg") is not None


def test_a_form_without_a_signature_needs_a_bucket_that_is_open_to_all(oss: Running, bucket: Any) -> None:
    assert told(oss, {"key": "a"}) == (403, "AccessDenied")
    bucket.put_bucket_acl("public-read")
    assert told(oss, {"key": "a"}) == (403, "AccessDenied")
    bucket.put_bucket_acl("public-read-write")
    assert told(oss, {"key": "a"}) == (204, "")
    bucket.put_object_acl("a", "private")
    assert told(oss, {"key": "a"}) == (403, "AccessDenied")
    signed = signed_v1([["starts-with", "$key", "b"]])
    assert told(oss, {"key": "a", **signed}) == (403, "AccessDenied")


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_signature_is_whole_and_right(oss: Running, version: str) -> None:
    signed = SIGNED[version]([])
    for name in signed:
        without = {key: value for key, value in signed.items() if key != name}
        assert told(oss, {"key": "a", **without}) == (400, "InvalidArgument")
    stranger = SIGNED[version]([], Key("stranger", ROOT.secret))
    assert told(oss, {"key": "a", **stranger}) == (403, "InvalidAccessKeyId")
    wrong = SIGNED[version]([], Key(ROOT.id, "another"))
    assert told(oss, {"key": "a", **wrong}) == (403, "SignatureDoesNotMatch")
    other = SIGNED[version]([{"key": "b"}]) | {"policy": signed["policy"]}
    assert told(oss, {"key": "a", **other}) == (403, "SignatureDoesNotMatch")
    assert oss.store.object("photos", "a") is None


def test_a_signature_in_version_4_has_its_day_and_region(oss: Running) -> None:
    assert told(oss, {"key": "a", **signed_v4([], region="cn-beijing")}) == (400, "InvalidArgument")
    assert told(oss, {"key": "a", **signed_v4([], at=time.time() - 8 * 86400)}) == (403, "AccessDenied")
    assert told(oss, {"key": "a", **signed_v4([], at=time.time() - 6 * 86400)}) == (204, "")
    assert told(oss, {"key": "a", **signed_v4([], at=time.time() + 1000)})[0] == 403
    moved = signed_v4([]) | {"x-oss-date": f"{DAY}T000000Z"}
    assert told(oss, {"key": "a", **moved})[0] == 403
    two = signed_v4([]) | {"x-oss-signature-version": "OSS2"}
    assert told(oss, {"key": "a", **two}) == (501, "NotImplemented")


def test_a_policy_in_version_4_holds_the_fields_that_the_signature_does_not_cover(oss: Running) -> None:
    signed = signed_v4([])
    policy = json.loads(base64.b64decode(signed["policy"]))
    policy["conditions"].pop(0)
    text = forms.encoded(json.dumps(policy).encode())
    secret = b"aliyun_v4" + ROOT.secret.encode()
    for part in signed["x-oss-credential"].split("/")[1:]:
        secret = hmac.digest(secret, part.encode(), "sha256")
    changed = signed | {"policy": text, "x-oss-signature": hmac.digest(secret, text.encode(), "sha256").hex()}
    assert told(oss, {"key": "a", **changed}) == (400, "InvalidPolicyDocument")


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_temporary_key_brings_its_token(oss: Running, version: str) -> None:
    key = oss.keyring.issue(60)
    signed = SIGNED[version]([], key)
    assert told(oss, {"key": "a", **signed}) == (403, "InvalidAccessKeyId")
    assert told(oss, {"key": "a", "x-oss-security-token": "wrong", **signed}) == (403, "InvalidSecurityToken")
    assert told(oss, {"key": "a", "x-oss-security-token": key.token or "", **signed}) == (204, "")


def test_forms_are_counted_among_the_calls(oss: Running) -> None:
    assert told(oss, {"key": "a", **signed_v1([])}) == (204, "")
    assert json.loads(oss.raw("GET", "/_emulator/calls")[2]) == {"OSS POST bucket form": 1}


def test_signatures_outside_the_form_count_for_nothing(oss: Running) -> None:
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    assert post(oss, body, Authorization="OSS emulator:wrong")[0] == 204


def test_what_is_there_is_not_overwritten_where_the_form_forbids_it(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"old")
    fields = {"key": "a", "x-oss-forbid-overwrite": "true", **signed_v1([])}
    assert told(oss, fields) == (409, "FileAlreadyExists")
    assert bucket.get_object("a").read() == b"old"


def test_a_form_makes_a_version(oss: Running, bucket: Any) -> None:
    keep(bucket)
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    versions = [post(oss, body)[1]["x-oss-version-id"] for _ in range(2)]
    assert len(set(versions)) == 2
    assert bucket.head_object("a").versionid == versions[1]


@pytest.mark.parametrize(
    "fields",
    [{"x-oss-server-side-encryption": "AES256"}, {"callback": "e30="}, {"x-oss-future": "1"}, {"x-amz-date": "1"}],
)
def test_a_field_that_is_not_obeyed_is_refused_by_name(oss: Running, fields: dict[str, str]) -> None:
    body = by_hand([("key", "a"), *fields.items(), *signed_v1([]).items()], b"x")
    status, _, answer = post(oss, body)
    assert (status, next(iter(fields)).encode() in answer) == (501, True)
    assert oss.store.object("photos", "a") is None


LAST = f"--{BOUNDARY}--\r\n".encode()


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        (by_hand([("key", "a")], None), "IncorrectNumberOfFilesInPOSTRequest"),
        (by_hand([("key", "a")], b"x")[: -len(LAST)] + by_hand([], b"y"), "IncorrectNumberOfFilesInPOSTRequest"),
        (by_hand([("other", "a")], b"x"), "IncorrectNumberOfFilesInPOSTRequest"),
        (by_hand([("key", "a"), ("key", "b")], b"x"), "MalformedPOSTRequest"),
        (by_hand([("key", "a")], b"x")[:-20], "MalformedPOSTRequest"),
        (by_hand([("key", "a")], b"x")[:120], "MalformedPOSTRequest"),
        (b"", "MalformedPOSTRequest"),
        (b"no form at all", "MalformedPOSTRequest"),
        (f"--{BOUNDARY}x\r\n\r\n".encode(), "MalformedPOSTRequest"),
        (f"--{BOUNDARY}\r\nContent-Disposition: attachment\r\n\r\nx\r\n".encode() + LAST, "MalformedPOSTRequest"),
        (f"--{BOUNDARY}\r\nX: {'y' * 9000}\r\n\r\nx\r\n".encode() + LAST, "MalformedPOSTRequest"),
        (by_hand([("key", "a"), ("x", "y" * 4097)], b"x"), "FieldItemTooLong"),
        (by_hand([("key", "a"), ("x", "y" * 5_000_000)], b"x"), "FieldItemTooLong"),
        (by_hand([("key", "a"), *((f"x{n}", "y") for n in range(100))], b"x"), "MaxPOSTPreDataLengthExceededError"),
        (by_hand([("key", "k" * 1024)], b"x"), "InvalidObjectName"),
        (by_hand([("key", "/a")], b"x"), "InvalidObjectName"),
        (by_hand([("key", "a"), ("Content-Disposition", "a\r\nX: y")], b"x"), "InvalidArgument"),
        (by_hand([("key", "a"), ("x-oss-object-acl", "mine")], b"x"), "InvalidArgument"),
        (by_hand([("key", "a"), ("x-oss-storage-class", "Attic")], b"x"), "InvalidArgument"),
        (by_hand([("key", "a"), ("x-oss-tagging", "a=b=c")], b"x"), "InvalidTag"),
    ],
    ids=str,
)
def test_a_form_that_is_not_well_formed_stores_nothing(oss: Running, bucket: Any, body: bytes, refusal: str) -> None:
    bucket.put_bucket_acl("public-read-write")
    status, _, answer = post(oss, body)
    assert (status, code(answer)) == (400, refusal)
    assert bucket.list_objects().object_list == []
    assert list(oss.store.new_file().parent.iterdir()) == []


def test_fields_behind_the_file_count_for_nothing(oss: Running, client: Any) -> None:
    late = by_hand([("key", "late"), ("submit", "Upload to OSS")], None)
    body = b"preamble\r\n" + by_hand([("key", "a"), *signed_v1([]).items()], b"x")[: -len(LAST)] + late + b"epilogue"
    assert post(oss, body)[0] == 204
    assert client.get_object("a").read() == b"x"


def test_the_checksum_of_the_whole_body_is_compared(oss: Running) -> None:
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    right = base64.b64encode(hashlib.md5(body).digest()).decode()
    wrong = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    assert code(post(oss, body, Content_MD5=wrong)[2]) == "InvalidDigest"
    assert oss.store.object("photos", "a") is None
    assert post(oss, body, Content_MD5=right)[0] == 204


@pytest.mark.parametrize(
    ("target", "status"), [("/photos/a", 403), ("/photos?acl", 403), ("/nowhere", 404), ("/photos?zzzFuture", 403)]
)
def test_a_form_is_sent_to_a_bucket(oss: Running, target: str, status: int) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    assert oss.raw("POST", target, kind, body)[0] == status
    assert oss.store.object("photos", "a") is None


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", 'Multipart/Form-Data; boundary="other"']
)
def test_a_form_needs_its_boundary(oss: Running, kind: str) -> None:
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    status, _, answer = oss.raw("POST", "/photos", {"Content-Type": kind}, body)
    assert (status, code(answer)) == (400, "MalformedPOSTRequest")


def test_the_content_type_of_the_file_comes_before_that_of_the_form(oss: Running, client: Any) -> None:
    signed = signed_v1([])
    assert told(oss, {"key": "a", "Content-Type": "text/x", **signed}) == (204, "")
    assert told(oss, {"key": "b", "Content-Type": "text/x", **signed}, kind="") == (204, "")
    assert told(oss, {"key": "c", "x-oss-content-type": "text/y", **signed}) == (204, "")
    assert told(oss, {"key": "d", **signed}, kind="") == (204, "")
    kinds = [client.head_object(key).content_type for key in "abcd"]
    assert kinds == ["image/jpeg", "text/x", "text/y", "application/octet-stream"]
