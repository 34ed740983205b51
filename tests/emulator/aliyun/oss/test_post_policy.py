"""PostObject: the policies of HTML forms, and their signatures in version 1 and in version 4."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import pytest

from emulator.core.parts import Key
from tests.emulator import forms
from tests.emulator.aliyun.oss.posting import DAY, SIGNED, post, signed_v1, signed_v4, told
from tests.emulator.forms import by_hand, code
from tests.emulator.running import ROOT, Running


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


def test_signatures_outside_the_form_count_for_nothing(oss: Running) -> None:
    body = by_hand([("key", "a"), *signed_v1([]).items()], b"x")
    assert post(oss, body, Authorization="OSS emulator:wrong")[0] == 204
