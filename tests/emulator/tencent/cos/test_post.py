"""PostObject: uploads by HTML forms whose policies are signed in the way of COS."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

import pytest

from emulator.core.parts import Change, Key
from tests.emulator import forms
from tests.emulator.forms import BOUNDARY, by_hand, by_library, code
from tests.emulator.running import COS_BUCKET, ROOT, RunningCos


def signed(conditions: Sequence[Any], key: Key = ROOT, begins: float = 0.0) -> dict[str, str]:
    """Sign in the way of the page, with the library of Python alone."""
    begins = begins or time.time()
    key_time = f"{int(begins)};{int(begins) + 60}"
    own = [{"q-sign-algorithm": "sha1"}, {"q-ak": key.id}, {"q-sign-time": key_time}]
    policy = forms.policy([*own, *conditions], time.time() + 60)
    sign_key = hmac.digest(key.secret.encode(), key_time.encode(), "sha1").hex()
    signature = hmac.digest(sign_key.encode(), hashlib.sha1(policy).hexdigest().encode(), "sha1").hex()
    return {
        "policy": forms.encoded(policy),
        "q-sign-algorithm": "sha1",
        "q-ak": key.id,
        "q-key-time": key_time,
        "q-signature": signature,
    }


def post(cos: RunningCos, fields: dict[str, str], content: bytes = b"x", **options: Any) -> tuple[int, Any, bytes]:
    headers = {"Host": cos.host(), "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return cos.raw("POST", "/", headers, by_hand(list(fields.items()), content, **options))


def told(cos: RunningCos, fields: dict[str, str], content: bytes = b"x") -> tuple[int, str]:
    status, _, body = post(cos, fields, content)
    return status, code(body)


def test_the_file_of_a_form_becomes_an_object(cos: RunningCos, client: Any, changes: list[Change]) -> None:
    content = bytes(range(256)) * 5000
    conditions = [{"bucket": COS_BUCKET}, {"acl": "default"}, ["starts-with", "$key", "in/"]]
    fields = {
        "key": "in/猫/${filename}",
        "acl": "default",
        "Content-Type": "image/png",
        "x-cos-meta-who": "me",
        "x-cos-storage-class": "STANDARD_IA",
        "x-cos-tagging": "k=v",
        **signed([*conditions, ["starts-with", "$Content-Type", "image/"]]),
    }
    answer = by_library(cos.endpoint, fields, content, {"Host": cos.host()})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Location"] == f"http://{cos.host()}/in/%E7%8C%AB/cat.jpg"
    got = client.get_object(COS_BUCKET, "in/猫/cat.jpg")
    assert got["Body"].get_raw_stream().read() == content
    assert (got["Content-Type"], got["x-cos-meta-who"]) == ("image/png", "me")
    assert (got["x-cos-storage-class"], got["ETag"]) == ("STANDARD_IA", answer.headers["ETag"])
    assert client.get_object_tagging(COS_BUCKET, "in/猫/cat.jpg")["TagSet"]["Tag"] == [{"Key": "k", "Value": "v"}]
    (change,) = changes
    assert (change.event, change.size, change.mime_type) == ("ObjectCreated:Post", len(content), "image/png")


def test_the_content_type_that_a_browser_gives_the_file_counts_for_nothing(cos: RunningCos, client: Any) -> None:
    assert told(cos, {"key": "a", **signed([])}) == (204, "")
    assert client.head_object(COS_BUCKET, "a")["Content-Type"] == "application/octet-stream"


def test_a_form_says_what_answer_it_wants(cos: RunningCos) -> None:
    fields = {"key": "a", **signed([])}
    status, headers, body = post(cos, {**fields, "success_action_status": "201"})
    facts = {node.tag: node.text for node in ElementTree.fromstring(body)}
    assert (status, facts["Bucket"], facts["Key"], facts["ETag"]) == (201, COS_BUCKET, "a", headers["ETag"])
    status, headers, _ = post(cos, {**fields, "success_action_redirect": "http://site.example/"})
    assert (status, headers["Location"].partition("?")[0]) == (303, "http://site.example/")
    assert f"bucket={COS_BUCKET}&key=a&etag=" in headers["Location"]


@pytest.mark.parametrize(
    ("conditions", "answer"),
    [
        ([["eq", "$key", "a"]], (204, "")),
        ([["starts-with", "$key", "b"]], (403, "AccessDenied")),
        ([{"bucket": "others-1250000000"}], (403, "AccessDenied")),
        ([["in", "$key", ["a"]]], (400, "InvalidPolicyDocument")),
        ([["content-length-range", 0, 1]], (400, "EntityTooLarge")),
        ([["content-length-range", 3, 9]], (400, "EntityTooSmall")),
    ],
)
def test_a_form_must_keep_to_its_policy(
    cos: RunningCos, client: Any, conditions: list[Any], answer: tuple[int, str]
) -> None:
    assert told(cos, {"key": "a", **signed(conditions)}, b"xy") == answer
    assert client.object_exists(COS_BUCKET, "a") == (answer[0] == 204)


def test_a_signature_is_whole_and_right(cos: RunningCos, client: Any) -> None:
    right = signed([])
    for name in right:
        without = {key: value for key, value in right.items() if key != name}
        assert told(cos, {"key": "a", **without}) == (403, "AccessDenied")
    assert told(cos, {"key": "a", **signed([], Key("stranger", "x"))}) == (403, "InvalidAccessKeyId")
    assert told(cos, {"key": "a", **signed([], Key(ROOT.id, "x"))}) == (403, "SignatureDoesNotMatch")
    assert told(cos, {"key": "a", **signed([], begins=time.time() - 90)}) == (403, "AccessDenied")
    assert told(cos, {"key": "a", **signed([], begins=time.time() + 90)}) == (403, "RequestTimeTooSkewed")
    assert told(cos, {"key": "a", **(right | {"q-key-time": "soon"})}) == (403, "AccessDenied")
    assert told(cos, {"key": "a", **(right | {"q-sign-algorithm": "md5"})}) == (403, "AccessDenied")
    assert told(cos, {"key": "a", **(right | {"policy": "%"})}) == (400, "InvalidPolicyDocument")
    assert not client.object_exists(COS_BUCKET, "a")
    key = cos.keyring.issue(60)
    temporary = signed([], key)
    assert told(cos, {"key": "a", **temporary}) == (403, "InvalidAccessKeyId")
    assert told(cos, {"key": "a", "x-cos-security-token": key.token or "", **temporary}) == (204, "")


def test_a_form_without_a_signature_needs_a_bucket_that_is_open_to_all(cos: RunningCos, client: Any) -> None:
    assert told(cos, {"key": "a"}) == (403, "AccessDenied")
    client.put_bucket_acl(COS_BUCKET, ACL="public-read-write")
    assert told(cos, {"key": "a"}) == (204, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"Signature": "q-sign-algorithm=sha1"},
        {"Pic-Operations": "{}"},
        {"x-cos-server-side-encryption": "AES256"},
        {"x-ci-future": "1"},
    ],
)
def test_a_field_that_is_not_obeyed_is_refused_by_name(cos: RunningCos, fields: dict[str, str]) -> None:
    status, _, body = post(cos, {"key": "a", **fields, **signed([])})
    assert (status, next(iter(fields)).lower().encode() in body) == (501, True)
    assert cos.store.object(COS_BUCKET, "a") is None


def test_a_form_makes_a_version_and_overwrites_nothing_that_it_should_not(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"old", "a")
    assert told(cos, {"key": "a", "x-cos-forbid-overwrite": "true", **signed([])}) == (409, "FileAlreadyExists")
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    _, headers, _ = post(cos, {"key": "a", **signed([])})
    assert client.head_object(COS_BUCKET, "a")["x-cos-version-id"] == headers["x-cos-version-id"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"other": "a"}, "InvalidArgument"),
        ({"key": "/a"}, "InvalidURI"),
        ({"key": "a", "x": "y" * 20481}, "FieldItemTooLong"),
        ({"key": "a", "acl": "mine"}, "InvalidArgument"),
    ],
)
def test_a_form_that_is_not_well_formed_stores_nothing(
    cos: RunningCos, client: Any, fields: dict[str, str], refusal: str
) -> None:
    client.put_bucket_acl(COS_BUCKET, ACL="public-read-write")
    assert told(cos, fields) == (400, refusal)
    assert "Contents" not in client.list_objects(COS_BUCKET)


def test_a_form_for_a_bucket_of_another_region_or_none_is_refused(cos: RunningCos) -> None:
    for host in (cos.host(region="ap-beijing"), cos.host("none-1250000000")):
        headers = {"Host": host, "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        status, _, body = cos.raw("POST", "/", headers, by_hand([("key", "a"), *signed([]).items()], b"x"))
        assert (status, code(body)) == (404, "NoSuchBucket")
