"""Objects: uploads, reads with ranges and conditions, removals, copies, and their events."""

from __future__ import annotations

import base64
import gzip
import hashlib
import socket
import threading
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import requests
from fastcrc import crc64

from emulator.aliyun.oss import signing
from emulator.core.parts import Change
from tests.emulator.running import Running, refused, running_oss

KEYS = [
    "a b+c.jpg",
    "100%25.jpg",
    "a%2Fb",
    "照片/狗.jpg",
    "\U0001f600/\U0001f415.png",
    "line\nbreak\r\n\t.jpg",
    "dir//double/",
    "./../x",
    "a?b=c&d#e;f",
    "<&>\"'",
    "\x00\x01\x7f",
    "x" * 1023,
    "照" * 341,
]
TEN = b"0123456789"
ETAG = hashlib.md5(TEN).hexdigest().upper()


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_an_odd_key_stays_the_key_it_is(bucket: Any, oss: Running, changes: list[Change], key: str) -> None:
    bucket.put_object(key, TEN)
    assert bucket.get_object(key).read() == TEN
    assert bucket.head_object(key).content_length == 10
    assert [found.key for found in bucket.list_objects_v2().object_list] == [key]
    assert [found.key for found in bucket.list_objects().object_list] == [key]
    assert oss.store.path("photos", key).read_bytes() == TEN
    bucket.copy_object("photos", key, "copy")
    assert bucket.get_object("copy").read() == TEN
    assert bucket.batch_delete_objects([key]).deleted_keys == [key]
    assert [change.key for change in changes] == [key, "copy", key]


@pytest.mark.parametrize("key", ["/a", "\\a", "x" * 1024, "照" * 342])
def test_a_key_that_oss_refuses_is_refused(bucket: Any, oss: Running, key: str) -> None:
    for call in (lambda: bucket.put_object(key, b"x"), lambda: bucket.get_object(key)):
        error = refused(call)
        assert (error.status, error.code) == (400, "InvalidObjectName")
    assert oss.store.scan("photos", b"", b"", 1) == []


def test_a_key_that_is_not_utf8_is_refused(oss: Running) -> None:
    date = formatdate(usegmt=True)
    signature = signing.v1_signature("emulator", f"PUT\n\n\n{date}\n/photos/".encode() + b"\xff")
    headers = {"authorization": f"OSS emulator:{signature}", "date": date}
    status, _, body = oss.raw("PUT", "/photos/%ff", headers, b"x")
    assert (status, b"InvalidObjectName" in body) == (400, True)


def test_what_put_says_of_the_bytes_is_true(bucket: Any) -> None:
    result = bucket.put_object("a", TEN)
    md5 = hashlib.md5(TEN)
    assert result.etag == md5.hexdigest().upper()
    assert result.headers["ETag"] == f'"{md5.hexdigest().upper()}"'
    assert result.crc == crc64.xz(TEN)
    assert result.headers["Content-MD5"] == base64.b64encode(md5.digest()).decode()


def test_head_get_and_meta_agree(bucket: Any) -> None:
    headers = {
        "Content-Type": "image/jpeg",
        "Cache-Control": "no-cache",
        "x-oss-meta-Who": "me",
        "Content-Language": "zh",
    }
    bucket.put_object("a", TEN, headers=headers)
    head, got, meta = bucket.head_object("a"), bucket.get_object("a"), bucket.get_object_meta("a")
    got.read()
    for result in (head, got):
        assert result.content_length == 10
        assert result.content_type == "image/jpeg"
        assert result.object_type == "Normal"
        assert result.server_crc == crc64.xz(TEN)
        for name, value in headers.items():
            assert result.headers[name] == value
        assert result.headers["x-oss-storage-class"] == "Standard"
        assert result.headers["Accept-Ranges"] == "bytes"
    assert got.client_crc == got.server_crc
    assert (meta.content_length, meta.etag, meta.last_modified) == (10, head.etag, head.last_modified)
    assert "Content-Type" not in meta.headers or meta.headers["Content-Type"] != "image/jpeg"


def test_metadata_in_chinese_comes_back(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-meta-name": "测试".encode()})
    assert bucket.head_object("a").headers["x-oss-meta-name"].encode("latin-1").decode() == "测试"


def test_an_empty_object_is_an_object(bucket: Any) -> None:
    bucket.put_object("a", b"")
    result = bucket.get_object("a")
    assert result.read() == b""
    assert (result.content_length, result.server_crc) == (0, 0)


def test_a_large_body_streams_both_ways(bucket: Any) -> None:
    content = bytes(range(256)) * 8192
    assert bucket.put_object("a", (content[at : at + 65536] for at in range(0, len(content), 65536))).status == 200
    result = bucket.get_object("a")
    assert result.read() == content
    assert result.client_crc == result.server_crc
    assert bucket.get_object("a", byte_range=(1000, 1500000)).read() == content[1000:1500001]


def test_a_gzipped_object_is_not_unpacked_on_the_way_in(bucket: Any, oss: Running) -> None:
    packed = gzip.compress(TEN)
    bucket.put_object("a", packed, headers={"Content-Encoding": "gzip"})
    assert oss.store.path("photos", "a").read_bytes() == packed
    assert bucket.get_object("a").read() == TEN


def test_text_is_sent_gzipped_to_who_accepts_it_and_whole_ranges_are_not(bucket: Any) -> None:
    text = b"text " * 1000
    bucket.put_object("a.txt", text, headers={"Content-Type": "text/plain"})
    bucket.put_object("a.jpg", text, headers={"Content-Type": "image/jpeg"})
    accepting = {"Accept-Encoding": "gzip"}
    result = bucket.get_object("a.txt", headers=accepting)
    assert result.headers["Content-Encoding"] == "gzip"
    assert result.content_length is None
    assert result.read() == text
    for plain in (
        bucket.get_object("a.txt"),
        bucket.get_object("a.txt", headers={"Accept-Encoding": "gzip;q=0"}),
        bucket.get_object("a.jpg", headers=accepting),
    ):
        assert "Content-Encoding" not in plain.headers
        assert plain.read() == text
    assert bucket.get_object("a.txt", byte_range=(0, 3), headers=accepting).read() == b"text"


@pytest.mark.parametrize(
    ("header", "expected", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=9-9", b"9", "bytes 9-9/10"),
        ("bytes=0-9", TEN, "bytes 0-9/10"),
        ("bytes=0-1,5-6", b"01", "bytes 0-1/10"),
    ],
)
def test_a_range_is_answered_with_206(client: Any, header: str, expected: bytes, content_range: str) -> None:
    client.put_object("a", TEN)
    result = client.get_object("a", headers={"Range": header})
    assert (result.status, result.read()) == (206, expected)
    assert result.headers["Content-Range"] == content_range


@pytest.mark.parametrize(
    "header",
    [
        "bytes=10-",
        "bytes=10-20",
        f"bytes=1{'0' * 5000}-",
        "bytes=0-10",
        "bytes=5-99999",
        "bytes=-11",
        "bytes=-0",
        "bytes=-",
        "bytes=3-2",
        "byte=0-1",
    ],
)
def test_a_range_beyond_the_object_brings_the_whole_object(client: Any, header: str) -> None:
    client.put_object("a", TEN)
    result = client.get_object("a", headers={"Range": header})
    assert (result.status, result.read()) == (200, TEN)
    assert "Content-Range" not in result.headers


@pytest.mark.parametrize(
    ("header", "status", "expected"),
    [
        ("bytes=5-99999", 206, b"56789"),
        ("bytes=-11", 206, TEN),
        ("bytes=10-", 416, b""),
        ("bytes=10-20", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=3-2", 200, TEN),
    ],
)
def test_the_standard_behaviour_of_ranges_can_be_asked_for(
    client: Any, header: str, status: int, expected: bytes
) -> None:
    client.put_object("a", TEN)
    headers = {"Range": header, "x-oss-range-behavior": "standard"}
    if status == 416:
        error = refused(client.get_object, "a", headers=headers)
        assert (error.status, error.code) == (416, "InvalidRange")
    else:
        result = client.get_object("a", headers=headers)
        assert (result.status, result.read()) == (status, expected)


def test_a_range_of_an_empty_object_is_the_empty_object(bucket: Any) -> None:
    bucket.put_object("a", b"")
    result = bucket.get_object("a", headers={"Range": "bytes=0-65535"})
    assert (result.status, result.read()) == (200, b"")


def test_the_reader_may_ask_for_other_headers(bucket: Any) -> None:
    bucket.put_object("a", TEN)
    params = {"response-content-type": "image/png", "response-content-disposition": 'attachment; filename="a b"'}
    result = bucket.get_object("a", params=params)
    assert result.headers["Content-Type"] == "image/png"
    assert result.headers["Content-Disposition"] == 'attachment; filename="a b"'


def test_a_header_cannot_be_smuggled_in(bucket: Any) -> None:
    bucket.put_object("a", TEN)
    error = refused(bucket.get_object, "a", params={"response-content-type": "a\r\nx-evil: 1"})
    assert (error.status, error.code) == (400, "InvalidArgument")


def test_a_wrong_content_md5_stores_nothing(bucket: Any, oss: Running, tmp_path: Path) -> None:
    right = base64.b64encode(hashlib.md5(TEN).digest()).decode()
    assert bucket.put_object("a", TEN, headers={"Content-MD5": right}).status == 200
    for wrong in (base64.b64encode(hashlib.md5(b"other").digest()).decode(), "nonsense", "AAAA"):
        assert refused(bucket.put_object, "a", b"changed!!!", headers={"Content-MD5": wrong}).code == "InvalidDigest"
    assert bucket.get_object("a").read() == TEN
    assert len(list((tmp_path / "objects").iterdir())) == 1


def test_overwriting_can_be_forbidden(bucket: Any, changes: list[Change]) -> None:
    forbid = {"x-oss-forbid-overwrite": "true"}
    bucket.put_object("a", TEN, headers=forbid)
    error = refused(bucket.put_object, "a", b"other", headers=forbid)
    assert (error.status, error.code) == (409, "FileAlreadyExists")
    assert refused(bucket.copy_object, "photos", "a", "a", headers=forbid).code == "FileAlreadyExists"
    assert bucket.get_object("a").read() == TEN
    assert len(changes) == 1


def test_the_storage_class_is_kept_and_an_unknown_one_refused(bucket: Any) -> None:
    bucket.put_object("a", TEN, headers={"x-oss-storage-class": "IA"})
    assert bucket.head_object("a").headers["x-oss-storage-class"] == "IA"
    assert bucket.list_objects().object_list[0].storage_class == "IA"
    error = refused(bucket.put_object, "b", TEN, headers={"x-oss-storage-class": "Attic"})
    assert (error.status, error.code) == (400, "InvalidArgument")


def test_the_bytes_of_an_archived_object_cannot_be_read(bucket: Any) -> None:
    bucket.put_object("a", TEN, headers={"x-oss-storage-class": "Archive"})
    assert bucket.head_object("a").content_length == 10
    for call in (
        lambda: bucket.get_object("a"),
        lambda: bucket.get_object("a", process="image/labels"),
        lambda: bucket.copy_object("photos", "a", "b"),
    ):
        error = refused(call)
        assert (error.status, error.code) == (403, "InvalidObjectState")


def test_a_body_that_is_cut_off_leaves_the_old_object_and_no_file(
    bucket: Any, oss: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.put_object("a", TEN)
    target = bucket.sign_url("PUT", "a", 60).removeprefix(oss.endpoint)
    with socket.create_connection(("127.0.0.1", oss.server.port)) as client:
        client.sendall(f"PUT {target} HTTP/1.1\r\nHost: {oss.address}\r\nContent-Length: 100\r\n\r\nhalf".encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1000) == b""
    assert bucket.get_object("a").read() == TEN
    assert [file.name for file in (tmp_path / "objects").iterdir()] == [oss.store.path("photos", "a").name]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_more_than_five_gigabytes_are_refused_before_they_are_sent(bucket: Any, oss: Running) -> None:
    target = bucket.sign_url("PUT", "a", 60).removeprefix(oss.endpoint)
    with socket.create_connection(("127.0.0.1", oss.server.port)) as client:
        size = 5 * 1024**3 + 1
        client.sendall(f"PUT {target} HTTP/1.1\r\nHost: {oss.address}\r\nContent-Length: {size}\r\n\r\n".encode())
        assert b"<Code>EntityTooLarge</Code>" in client.recv(10000)


def test_a_reader_gets_one_object_while_it_is_overwritten(bucket: Any) -> None:
    old, new = b"o" * 3_000_000, b"n" * 3_000_000
    bucket.put_object("a", old)
    reading = bucket.get_object("a")
    first = reading.read(8192)
    bucket.put_object("a", new)
    assert first + reading.read() == old
    assert bucket.get_object("a").read() == new


def test_writers_at_once_leave_one_whole_object(oss: Running, tmp_path: Path) -> None:
    contents = [bytes([65 + number]) * 200_000 for number in range(4)]
    writers = [threading.Thread(target=oss.bucket().put_object, args=("a", content)) for content in contents]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert oss.bucket().get_object("a").read() in contents
    assert len(list((tmp_path / "objects").iterdir())) == 1


def test_delete_answers_204_with_or_without_an_object(bucket: Any, changes: list[Change]) -> None:
    bucket.put_object("a", TEN)
    assert bucket.delete_object("a").status == 204
    assert bucket.delete_object("a").status == 204
    assert refused(bucket.get_object, "a").code == "NoSuchKey"
    assert [change.event for change in changes] == ["ObjectCreated:PutObject", "ObjectRemoved:DeleteObject"]


def test_events_tell_what_happened(bucket: Any, changes: list[Change]) -> None:
    result = bucket.put_object("a", TEN, headers={"Content-Type": "image/jpeg"})
    bucket.put_object("a", b"01234", headers={"Content-Type": "image/png"})
    bucket.copy_object("photos", "a", "b")
    bucket.batch_delete_objects(["a", "nothing"])
    put, over, copied, gone = changes
    assert (put.event, put.bucket, put.key) == ("ObjectCreated:PutObject", "photos", "a")
    assert (put.etag, put.size, put.delta, put.mime_type) == (ETAG, 10, 10, "image/jpeg")
    assert (put.request_id, put.source_ip) == (result.request_id, "127.0.0.1")
    assert (over.size, over.delta, over.mime_type) == (5, -5, "image/png")
    assert (copied.event, copied.key, copied.size, copied.delta) == ("ObjectCreated:CopyObject", "b", 5, 5)
    assert (gone.event, gone.key, gone.size, gone.delta) == ("ObjectRemoved:DeleteObjects", "a", 0, -5)


def test_when_an_event_is_told_the_object_is_there(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with running_oss(tmp_path, on_change=lambda change: seen.append(path(change).read_bytes())) as oss:

        def path(change: Change) -> Path:
            return oss.store.path(change.bucket, change.key)

        oss.store.create_bucket("photos")
        oss.bucket().put_object("a", TEN)
    assert seen == [TEN]


def test_a_copy_carries_headers_and_tags_along(bucket: Any, oss: Running) -> None:
    oss.store.create_bucket("others")
    bucket.put_object("a", TEN, headers={"Content-Type": "image/png", "x-oss-meta-who": "me", "x-oss-tagging": "k=v"})
    result = oss.bucket("others").copy_object("photos", "a", "b")
    copied = oss.bucket("others").head_object("b")
    assert (result.etag, copied.etag) == (ETAG, ETAG)
    assert (copied.content_type, copied.headers["x-oss-meta-who"]) == ("image/png", "me")
    assert oss.bucket("others").get_object_tagging("b").tag_set.tagging_rule == {"k": "v"}
    bucket.delete_object("a")
    assert oss.bucket("others").get_object("b").read() == TEN


def test_a_space_of_a_source_or_a_target_may_be_written_as_a_plus_sign(oss: Running, bucket: Any) -> None:
    """The vendor's SDK for Go writes keys in headers as forms are written."""
    bucket.put_object("a b+c", b"x")
    assert oss.ask("PUT", "photos", "copy", headers={"x-oss-copy-source": "/photos/a+b%2Bc"})[0] == 200
    assert bucket.get_object("copy").read() == b"x"
    headers = {"x-oss-symlink-target": "a+b%2Bc"}
    assert oss.ask("PUT", "photos", "link", {"symlink": ""}, headers)[0] == 200
    assert bucket.get_object("link").read() == b"x"


def test_a_copy_may_replace_headers_and_tags(bucket: Any) -> None:
    bucket.put_object("a", TEN, headers={"Content-Type": "image/png", "x-oss-meta-who": "me", "x-oss-tagging": "k=v"})
    new = {"Content-Type": "image/gif", "x-oss-tagging": "new=1"}
    bucket.copy_object("photos", "a", "kept", headers=new)
    assert bucket.head_object("kept").content_type == "image/png"
    assert bucket.get_object_tagging("kept").tag_set.tagging_rule == {"k": "v"}
    replace = {"x-oss-metadata-directive": "REPLACE", "x-oss-tagging-directive": "Replace"}
    bucket.copy_object("photos", "a", "changed", headers=new | replace)
    assert bucket.head_object("changed").content_type == "image/gif"
    assert "x-oss-meta-who" not in bucket.head_object("changed").headers
    assert bucket.get_object_tagging("changed").tag_set.tagging_rule == {"new": "1"}
    error = refused(bucket.copy_object, "photos", "a", "b", headers={"x-oss-tagging-directive": "MERGE"})
    assert (error.status, error.code) == (400, "InvalidArgument")


def test_metadata_can_be_changed_by_a_copy_onto_itself(bucket: Any) -> None:
    bucket.put_object("a", TEN, headers={"x-oss-tagging": "k=v"})
    bucket.update_object_meta("a", {"Content-Type": "image/gif", "x-oss-meta-new": "1"})
    result = bucket.get_object("a")
    assert (result.read(), result.content_type, result.headers["x-oss-meta-new"]) == (TEN, "image/gif", "1")
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {"k": "v"}


def test_a_copy_needs_a_source(bucket: Any) -> None:
    assert refused(bucket.copy_object, "photos", "nothing", "b").code == "NoSuchKey"
    assert refused(bucket.copy_object, "nowhere", "a", "b").code == "NoSuchBucket"
    assert refused(bucket.put_object, "b", b"", headers={"x-oss-copy-source": "nonsense"}).code == "InvalidArgument"
    assert not bucket.object_exists("b")


def test_objects_of_no_bucket_and_of_no_key(oss: Running, bucket: Any) -> None:
    nowhere = oss.bucket("nowhere")
    for name in ("get_object", "head_object", "get_object_meta", "delete_object"):
        assert refused(getattr(nowhere, name), "a").code == "NoSuchBucket"
    assert refused(nowhere.put_object, "a", b"x").code == "NoSuchBucket"
    for name in ("get_object", "head_object", "get_object_meta", "get_object_acl"):
        error = refused(getattr(bucket, name), "nothing")
        assert (error.status, error.code, error.ec) == (404, "NoSuchKey", "0026-00000001")


def test_what_is_not_built_says_so_and_touches_nothing(bucket: Any, changes: list[Change]) -> None:
    bucket.put_object("a", TEN, headers={"x-oss-tagging": "k=v"})
    calls = [
        lambda: bucket.process_object("a", "image/resize,w_1"),
        lambda: bucket.delete_object("a", params={"seal": ""}),
        lambda: bucket.put_object("a", b"", headers={"x-oss-server-side-encryption-context": "e30="}),
        lambda: bucket.put_object("a", b"", headers={"x-oss-callback": "e30="}),
    ]
    for number, call in enumerate(calls):
        error = refused(call)
        assert (number, error.status, error.code) == (number, 501, "NotImplemented")
        assert error.message.startswith("The emulator does not have this operation: ")
    assert bucket.get_object("a").read() == TEN
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {"k": "v"}
    assert len(changes) == 1


def test_a_put_with_a_parameter_that_nobody_knows_does_not_overwrite(bucket: Any, oss: Running) -> None:
    bucket.put_object("a", TEN)
    url = bucket.sign_url("PUT", "a", 60, params={"newerThanThis": ""})
    assert requests.put(url, data=b"theirs", timeout=5).status_code == 501
    assert bucket.get_object("a").read() == TEN


def test_the_null_version_is_the_object(bucket: Any) -> None:
    bucket.put_object("a", TEN)
    assert bucket.get_object("a", params={"versionId": "null"}).read() == TEN
    assert bucket.get_object_acl("a").acl == "default"
    assert bucket.put_object("a", TEN, headers={"x-oss-object-acl": "private"}).status == 200


def test_an_acl_of_its_own_is_kept_and_told_where_it_is_asked_for_only(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "private"})
    assert bucket.get_object_acl("a").acl == "private"
    assert "x-oss-object-acl" not in bucket.head_object("a").headers
    bucket.put_object("b", b"x", headers={"x-oss-object-acl": "default"})
    assert bucket.get_object_acl("b").acl == "default"
    bucket.put_object("a", b"y")
    assert bucket.get_object_acl("a").acl == "default"


@pytest.mark.parametrize("directive", ["COPY", "REPLACE"])
def test_a_copy_has_the_acl_that_it_is_given_and_not_its_sources(bucket: Any, directive: str) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "private"})
    bucket.copy_object("photos", "a", "plain", headers={"x-oss-metadata-directive": directive})
    assert bucket.get_object_acl("plain").acl == "default"
    own = {"x-oss-metadata-directive": directive, "x-oss-object-acl": "private"}
    bucket.copy_object("photos", "a", "own", headers=own)
    assert bucket.get_object_acl("own").acl == "private"


def test_a_copy_with_new_metadata_keeps_its_type_and_what_decrypts_it(bucket: Any) -> None:
    given = {
        "Content-Type": "text/plain",
        "Cache-Control": "no-cache",
        "x-oss-meta-color": "red",
        "x-oss-meta-client-side-encryption-key": "sealed",
    }
    bucket.put_object("a", b"x", headers=given)
    replace = {"x-oss-metadata-directive": "REPLACE", "x-oss-meta-size": "big"}
    bucket.copy_object("photos", "a", "b", headers=replace)
    copied = bucket.head_object("b").headers
    assert copied["Content-Type"] == "text/plain"
    assert copied["x-oss-meta-client-side-encryption-key"] == "sealed"
    assert copied["x-oss-meta-size"] == "big"
    assert "x-oss-meta-color" not in copied
    assert "Cache-Control" not in copied
    bucket.copy_object("photos", "a", "b", headers=replace | {"Content-Type": "text/html"})
    assert bucket.head_object("b").headers["Content-Type"] == "text/html"
