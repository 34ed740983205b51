"""PostObject: what becomes of the file of an HTML form, and what the answer is."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from xml.etree import ElementTree

import pytest

from emulator.core.parts import Change
from tests.emulator.aliyun.oss.posting import SIGNED, post, signed_v1, told
from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.forms import BOUNDARY, by_hand, by_library, code
from tests.emulator.running import Running


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


def test_forms_are_counted_among_the_calls(oss: Running) -> None:
    assert told(oss, {"key": "a", **signed_v1([])}) == (204, "")
    assert json.loads(oss.raw("GET", "/_emulator/calls")[2]) == {"OSS POST bucket form": 1}


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
    [
        {"x-oss-server-side-encryption-context": "e30="},
        {"callback": "e30="},
        {"x-oss-future": "1"},
        {"x-amz-date": "1"},
    ],
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
