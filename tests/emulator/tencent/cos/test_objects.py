"""Objects: uploads, reads in whole and in part, copies and removals, with the headers and errors that the SDK needs."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from xml.etree import ElementTree

import crcmod
import pytest
from qcloud_cos import CosServiceError

from emulator.core.parts import Change
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

MD5 = hashlib.md5(b"picture", usedforsecurity=False)
ETAG = f'"{MD5.hexdigest()}"'
CRC = str(crcmod.mkCrcFun(0x142F0E1EBA9EA3693, initCrc=0, xorOut=2**64 - 1, rev=True)(b"picture"))


@pytest.fixture
def there(client: Any) -> Any:
    """Return a client of a bucket that has `a.jpg`."""
    client.put_object(COS_BUCKET, b"picture", "a.jpg", ContentType="image/jpeg", Metadata={"x-cos-meta-mine": "1"})
    return client


def body(client: Any, key: str = "a.jpg", **options: Any) -> bytes:
    data: bytes = client.get_object(COS_BUCKET, key, **options)["Body"].get_raw_stream().read()
    return data


def test_headers_come_in_the_case_that_the_sdk_looks_for(there: Any, cos: RunningCos) -> None:
    host, _, target = cos.signed_url("GET", "a.jpg").removeprefix("http://").partition("/")
    status, headers, data = cos.raw("GET", f"/{target}", {"Host": host})
    seen = dict(headers.items())
    assert (status, data) == (200, b"picture")
    assert seen.keys() == {
        "Accept-Ranges",
        "Content-Length",
        "Content-Type",
        "Date",
        "ETag",
        "Last-Modified",
        "Server",
        "x-cos-hash-crc64ecma",
        "x-cos-meta-mine",
        "x-cos-object-type",
        "x-cos-request-id",
    }
    assert (seen["ETag"], seen["Content-Type"], seen["x-cos-meta-mine"]) == (ETAG, "image/jpeg", "1")
    assert seen["x-cos-hash-crc64ecma"] == CRC
    head = there.head_object(COS_BUCKET, "a.jpg")
    moving = {"Date", "x-cos-request-id"}
    assert {name: head[name] for name in seen.keys() - moving} == {name: seen[name] for name in seen.keys() - moving}


def test_an_upload_is_an_event_and_tells_what_was_stored(there: Any, changes: list[Change]) -> None:
    answer = there.put_object(COS_BUCKET, b"picture", "b")
    assert (answer["ETag"], answer["x-cos-hash-crc64ecma"]) == (ETAG, CRC)
    assert [(one.event, one.key, one.size) for one in changes] == [
        ("ObjectCreated:Put", "a.jpg", 7),
        ("ObjectCreated:Put", "b", 7),
    ]
    assert changes[1].request_id == answer["x-cos-request-id"]
    assert (changes[0].mime_type, changes[0].headers["x-cos-meta-mine"]) == ("image/jpeg", "1")


def test_an_upload_that_is_not_what_was_announced_is_refused(
    there: Any, cos: RunningCos, changes: list[Change]
) -> None:
    good = base64.b64encode(MD5.digest()).decode()
    there.put_object(COS_BUCKET, b"picture", "a.jpg", ContentMD5=good)
    for wrong in (good, "AAAA", "nonsense"):
        answer = cos_refused(there.put_object, COS_BUCKET, b"other", "a.jpg", ContentMD5=wrong)
        assert answer == (400, "InvalidDigest")
    assert body(there) == b"picture"
    assert len(changes) == 2
    stored = cos.store.object(COS_BUCKET, "a.jpg")
    assert stored is not None
    assert list(stored.file.parent.iterdir()) == [stored.file]


@pytest.mark.parametrize(
    ("asked", "part", "where"),
    [
        ("bytes=0-2", b"pic", "bytes 0-2/7"),
        ("bytes=3-", b"ture", "bytes 3-6/7"),
        ("bytes=-3", b"ure", "bytes 4-6/7"),
        ("bytes=5-99", b"re", "bytes 5-6/7"),
        ("bytes=-99", b"picture", "bytes 0-6/7"),
    ],
)
def test_a_range_gives_that_part_and_what_there_is_of_it(there: Any, asked: str, part: bytes, where: str) -> None:
    answer = there.get_object(COS_BUCKET, "a.jpg", Range=asked)
    assert answer["Body"].get_raw_stream().read() == part
    assert (answer["Content-Range"], answer["Content-Length"]) == (where, str(len(part)))


@pytest.mark.parametrize("asked", ["bytes=7-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(there: Any, asked: str) -> None:
    assert cos_refused(there.get_object, COS_BUCKET, "a.jpg", Range=asked) == (416, "InvalidRange")


@pytest.mark.parametrize("asked", ["bytes=3-1", "lines=1-2", "bytes=a-b"])
def test_what_is_no_range_is_ignored(there: Any, asked: str) -> None:
    assert body(there, Range=asked) == b"picture"


@pytest.mark.parametrize(("known", "expected"), [(ETAG, b"pi"), ('"other"', b"picture")])
def test_a_range_of_another_content_than_the_client_has_is_not_sent(
    cos: RunningCos, there: Any, known: str, expected: bytes
) -> None:
    assert cos.ask_cos("GET", "a.jpg", headers={"Range": "bytes=0-1", "If-Range": known})[2] == expected


EARLIER, LATER = "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2065 07:28:00 GMT"


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("If-Match", ETAG, 200),
        ("If-Match", '"other"', 412),
        ("If-None-Match", '"other"', 200),
        ("If-None-Match", ETAG, 304),
        ("If-None-Match", f"W/{ETAG}", 304),
        ("If-None-Match", f'"other", {ETAG}', 304),
        ("If-None-Match", "*", 304),
        ("If-Match", f"W/{ETAG}", 412),
        ("If-Match", f'"other", {ETAG}', 200),
        ("If-Match", "*", 200),
        ("If-Modified-Since", EARLIER, 200),
        ("If-Modified-Since", LATER, 304),
        ("If-Unmodified-Since", LATER, 200),
        ("If-Unmodified-Since", EARLIER, 412),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_are_kept_on_reads(
    there: Any, cos: RunningCos, method: str, name: str, value: str, status: int
) -> None:
    host, _, target = cos.signed_url(method, "a.jpg").removeprefix("http://").partition("/")
    assert cos.raw(method, f"/{target}", {"Host": host, name: value})[0] == status


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_condition_on_a_write_is_refused_by_name_and_not_passed_over(
    there: Any, cos: RunningCos, method: str, name: str
) -> None:
    status, _, answer = cos.ask_cos(method, "a.jpg", headers={name: "*"}, body=b"theirs" if method == "PUT" else None)
    assert (status, f"{method} with the header {name}".encode() in answer) == (501, True)
    assert body(there) == b"picture"


def source(key: str, bucket: str = COS_BUCKET, region: str = "ap-guangzhou") -> dict[str, str]:
    return {"Bucket": bucket, "Key": key, "Region": region}


def tags(client: Any, key: str) -> list[tuple[str, str]]:
    return [(tag["Key"], tag["Value"]) for tag in client.get_object_tagging(COS_BUCKET, key)["TagSet"]["Tag"]]


def test_a_copy_brings_bytes_headers_and_tags_and_is_an_event(client: Any, changes: list[Change]) -> None:
    made = {"x-cos-meta-mine": "1"}
    client.put_object(COS_BUCKET, b"picture", "图 a+b.jpg", ContentType="image/jpeg", Metadata=made, Tagging="k=v")
    answer = client.copy_object(COS_BUCKET, "copy", source("图 a+b.jpg"))
    assert (answer["ETag"], answer["CRC64"]) == (ETAG, CRC)
    head = client.head_object(COS_BUCKET, "copy")
    assert (head["Content-Type"], head["x-cos-meta-mine"], body(client, "copy")) == ("image/jpeg", "1", b"picture")
    assert tags(client, "copy") == [("k", "v")]
    assert (changes[-1].event, changes[-1].key) == ("ObjectCreated:Copy", "copy")
    client.delete_object(COS_BUCKET, "图 a+b.jpg")
    assert body(client, "copy") == b"picture"


def test_a_copy_that_replaces_headers_and_tags_has_the_new_ones_only(there: Any) -> None:
    there.copy_object(
        COS_BUCKET,
        "a.jpg",
        source("a.jpg"),
        CopyStatus="Replaced",
        ContentType="image/png",
        Metadata={"x-cos-tagging-directive": "Replaced", "x-cos-tagging": "new=1"},
    )
    head = there.head_object(COS_BUCKET, "a.jpg")
    assert (head["Content-Type"], "x-cos-meta-mine" in head, body(there)) == ("image/png", False, b"picture")
    assert tags(there, "a.jpg") == [("new", "1")]


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ({"CopySourceIfMatch": ETAG}, True),
        ({"CopySourceIfMatch": '"other"'}, False),
        ({"CopySourceIfNoneMatch": ETAG}, False),
        ({"CopySourceIfModifiedSince": LATER}, False),
        ({"CopySourceIfUnmodifiedSince": EARLIER}, False),
    ],
)
def test_a_copy_on_a_condition_that_does_not_hold_is_refused_and_copies_nothing(
    there: Any, cos: RunningCos, condition: dict[str, str], held: bool
) -> None:
    if held:
        there.copy_object(COS_BUCKET, "copy", source("a.jpg"), **condition)
    else:
        answer = cos_refused(there.copy_object, COS_BUCKET, "copy", source("a.jpg"), **condition)
        assert answer == (412, "PreconditionFailed")
    assert (cos.store.object(COS_BUCKET, "copy") is not None) is held


@pytest.mark.parametrize(
    ("of", "answer"),
    [
        (source("none"), (404, "NoSuchKey")),
        (source("a.jpg", "none-1250000000"), (404, "NoSuchBucket")),
        (source("a.jpg", region="ap-beijing"), (404, "NoSuchBucket")),
        (source("a.jpg") | {"VersionId": "v"}, (404, "NoSuchVersion")),
    ],
)
def test_a_copy_of_what_is_not_there_is_refused(there: Any, of: dict[str, str], answer: tuple[int, str]) -> None:
    assert cos_refused(there.copy_object, COS_BUCKET, "copy", of) == answer


def test_only_a_removal_of_something_is_an_event(there: Any, changes: list[Change]) -> None:
    there.delete_object(COS_BUCKET, "a.jpg")
    there.delete_object(COS_BUCKET, "a.jpg")
    assert [one.event for one in changes] == ["ObjectCreated:Put", "ObjectRemove:Delete"]
    assert (changes[1].size, changes[1].delta) == (0, -7)


def test_errors_of_head_have_no_body_but_a_status_and_a_request_id(client: Any) -> None:
    with pytest.raises(CosServiceError) as caught:
        client.head_object(COS_BUCKET, "none")
    assert (caught.value.get_status_code(), caught.value.get_error_code()) == (404, "NoSuchResource")
    assert caught.value.get_request_id()
    assert client.object_exists(COS_BUCKET, "none") is False


def test_an_error_has_the_five_elements_without_which_the_sdk_cannot_read_it(client: Any, cos: RunningCos) -> None:
    with pytest.raises(CosServiceError) as caught:
        client.get_object(COS_BUCKET, "图 <1>.jpg")
    tree = ElementTree.fromstring(caught.value.get_origin_msg())
    found = {node.tag: node.text for node in tree}
    assert (tree.tag, list(found)) == ("Error", ["Code", "Message", "Resource", "RequestId", "TraceId"])
    assert all(found.values())
    assert (found["Code"], found["Resource"]) == ("NoSuchKey", f"{cos.host()}/图 <1>.jpg")
    assert caught.value.get_request_id() == found["RequestId"]


@pytest.mark.parametrize("key", ["k" * 850, "图" * 283, "a/../b", ".a"])
def test_a_key_up_to_the_limit_is_kept_as_it_is(client: Any, key: str) -> None:
    client.put_object(COS_BUCKET, b"x", key)
    assert [one["Key"] for one in client.list_objects(COS_BUCKET)["Contents"]] == [key]


@pytest.mark.parametrize(("key", "code"), [("k" * 851, "KeyTooLong"), ("//a", "InvalidURI")])
def test_a_key_that_cos_does_not_take_is_refused(client: Any, key: str, code: str) -> None:
    assert cos_refused(client.put_object, COS_BUCKET, b"x", key) == (400, code)


@pytest.mark.parametrize(
    "options",
    [{"SSECustomerAlgorithm": "AES256"}, {"GrantRead": 'id="x"'}, {"PicOperations": '{"future": 1}'}],
)
def test_what_would_not_be_kept_is_refused_by_name(client: Any, cos: RunningCos, options: dict[str, str]) -> None:
    assert cos_refused(client.put_object, COS_BUCKET, b"x", "a", **options) == (501, "NotImplemented")
    assert cos.store.object(COS_BUCKET, "a") is None


def test_an_archived_object_is_shown_but_not_read(client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a", StorageClass="ARCHIVE")
    assert client.head_object(COS_BUCKET, "a")["x-cos-storage-class"] == "ARCHIVE"
    assert cos_refused(client.get_object, COS_BUCKET, "a") == (403, "InvalidObjectState")
    assert cos_refused(client.put_object, COS_BUCKET, b"x", "a", StorageClass="COLD")[1] == "InvalidArgument"


def test_an_object_is_not_overwritten_where_the_writer_forbids_it(there: Any) -> None:
    client, forbids = there, {"Metadata": {"x-cos-forbid-overwrite": "true"}}
    client.put_object(COS_BUCKET, b"x", "new", **forbids)
    assert cos_refused(client.put_object, COS_BUCKET, b"x", "a.jpg", **forbids) == (409, "FileAlreadyExists")
    assert body(there) == b"picture"


def test_the_reader_may_choose_headers_of_the_answer(there: Any) -> None:
    answer = there.get_object(COS_BUCKET, "a.jpg", ResponseContentType="text/x", ResponseCacheControl="no-store")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("text/x", "no-store")


@pytest.mark.parametrize("operation", ["watermark/1/image/eA", "versions", "retention", "acl&exif"])
def test_a_read_that_is_not_built_is_no_plain_read(there: Any, cos: RunningCos, operation: str) -> None:
    host, _, target = cos.signed_url("GET", "a.jpg").removeprefix("http://").partition("/")
    status, _, answer = cos.raw("GET", f"/{target}&{operation}", {"Host": host})
    assert (status, b"<Code>NotImplemented</Code>" in answer) == (501, True)


def test_an_acl_of_its_own_is_kept_and_told_where_it_is_asked_for_only(client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a", ACL="private")
    client.put_object(COS_BUCKET, b"x", "b")
    assert client.get_object_acl(COS_BUCKET, "a")["AccessControlList"]["Grant"][0]["Permission"] == "FULL_CONTROL"
    assert "x-cos-acl" not in client.head_object(COS_BUCKET, "a")
