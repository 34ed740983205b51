"""AppendObject, through the vendor's SDK: positions, what is kept, and what cannot be appended to or copied."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import oss2
import pytest
from fastcrc import crc64

from emulator.core.parts import Change
from tests.emulator.aliyun.oss.test_versions import keep, listed
from tests.emulator.running import Running, refused, running_oss


def appended(bucket: Any, key: str, position: int, data: bytes, **headers: str) -> Any:
    result = bucket.append_object(key, position, data, headers=headers, init_crc=None)
    result.resp.read()
    return result


def test_bytes_come_behind_those_that_are_there(bucket: Any, changes: list[Change]) -> None:
    first = appended(bucket, "log", 0, b"one,")
    assert (first.next_position, first.crc) == (4, crc64.xz(b"one,"))
    second = appended(bucket, "log", 4, b"two")
    assert (second.next_position, second.crc) == (7, crc64.xz(b"one,two"))
    assert bucket.get_object("log").read() == b"one,two"
    head = bucket.head_object("log")
    assert (head.object_type, head.content_length, head.etag) == ("Appendable", 7, second.etag)
    assert head.headers["x-oss-next-append-position"] == "7"
    assert head.headers["x-oss-hash-crc64ecma"] == str(crc64.xz(b"one,two"))
    assert first.etag != second.etag
    assert bucket.list_objects().object_list[0].type == "Appendable"
    assert [(change.event, change.size, change.delta, change.position) for change in changes] == [
        ("ObjectCreated:AppendObject", 4, 4, 0),
        ("ObjectCreated:AppendObject", 7, 3, 4),
    ]


def test_the_checksum_of_the_whole_is_what_the_sdk_expects(bucket: Any) -> None:
    first = bucket.append_object("log", 0, b"one,", init_crc=0)
    second = bucket.append_object("log", first.next_position, b"two", init_crc=first.crc)
    assert bucket.get_object("log").read() == b"one,two"
    assert second.crc == crc64.xz(b"one,two")


@pytest.mark.parametrize(("position", "length"), [(0, 3), (2, 3), (4, 3)])
def test_a_position_that_is_not_the_end_is_refused_and_told_the_right_one(
    bucket: Any, position: int, length: int
) -> None:
    appended(bucket, "log", 0, b"x" * length)
    error = refused(bucket.append_object, "log", position, b"y")
    assert isinstance(error, oss2.exceptions.PositionNotEqualToLength)
    assert (error.status, error.headers["x-oss-next-append-position"]) == (409, str(length))
    assert bucket.get_object("log").read() == b"x" * length


def test_an_object_begins_at_its_beginning(bucket: Any) -> None:
    error = refused(bucket.append_object, "log", 4, b"y")
    assert (error.status, error.code) == (409, "PositionNotEqualToLength")
    assert not bucket.object_exists("log")
    appended(bucket, "log", 0, b"")
    appended(bucket, "log", 0, b"x")
    assert bucket.get_object("log").read() == b"x"


def test_only_what_was_appended_can_be_appended_to(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    error = refused(bucket.append_object, "a", 1, b"y")
    assert isinstance(error, oss2.exceptions.ObjectNotAppendable)
    appended(bucket, "log", 0, b"x")
    bucket.put_object("log", b"new")
    assert refused(bucket.append_object, "log", 3, b"y").code == "ObjectNotAppendable"
    assert bucket.head_object("log").object_type == "Normal"


def test_an_append_whose_bytes_are_wrong_changes_nothing(oss: Running, bucket: Any) -> None:
    before = appended(bucket, "log", 0, b"x")
    error = refused(bucket.append_object, "log", 1, b"y", headers={"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="})
    assert (error.status, error.code) == (400, "InvalidDigest")
    head = bucket.head_object("log")
    assert (head.content_length, head.etag) == (1, before.etag)
    assert len(list(oss.store.path("photos", "log").parent.iterdir())) == 1


def test_headers_and_tags_are_those_of_the_beginning(bucket: Any) -> None:
    first = {"Content-Type": "text/x", "x-oss-meta-who": "1", "x-oss-tagging": "k=v", "x-oss-storage-class": "IA"}
    appended(bucket, "log", 0, b"x", **first)
    appended(bucket, "log", 1, b"y", **{"Content-Type": "text/y", "x-oss-meta-who": "2", "x-oss-tagging": "k=w"})
    head = bucket.head_object("log")
    assert (head.content_type, head.headers["x-oss-meta-who"]) == ("text/x", "1")
    assert head.headers["x-oss-storage-class"] == "IA"
    assert bucket.get_object_tagging("log").tag_set.tagging_rule == {"k": "v"}
    bucket.put_object_acl("log", "public-read")
    appended(bucket, "log", 2, b"z")
    assert bucket.get_object_acl("log").acl == "public-read"


def test_an_appendable_object_is_not_copied(bucket: Any) -> None:
    appended(bucket, "log", 0, b"x")
    assert refused(bucket.copy_object, "photos", "log", "copy").code == "OperationNotSupported"
    assert not bucket.object_exists("copy")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"append": ""}, "MissingArgument"),
        ({"append": "", "position": "-1"}, "InvalidArgument"),
        ({"append": "", "position": "one"}, "InvalidArgument"),
        ({"append": "", "position": "0", "versionId": "null"}, "InvalidArgument"),
    ],
)
def test_a_position_must_be_a_number_and_the_version_the_current_one(
    oss: Running, params: dict[str, str], code: str
) -> None:
    status, _, body = oss.ask("POST", "photos", "log", params, body=b"x")
    assert (status, f"<Code>{code}</Code>".encode() in body) == (400, True)
    assert oss.store.object("photos", "log") is None


def test_an_append_makes_no_version_and_an_overwrite_ends_the_appending(bucket: Any) -> None:
    keep(bucket)
    first = appended(bucket, "log", 0, b"x")
    second = appended(bucket, "log", 1, b"y")
    version = first.headers["x-oss-version-id"]
    assert second.headers["x-oss-version-id"] == version
    assert listed(bucket) == [("log", version, True)]
    bucket.put_object("log", b"new").resp.read()
    assert bucket.get_object("log", params={"versionId": version}).read() == b"xy"
    assert refused(bucket.append_object, "log", 3, b"y").code == "ObjectNotAppendable"
    bucket.delete_object("log").resp.read()
    assert refused(bucket.append_object, "log", 3, b"y").code == "PositionNotEqualToLength"
    assert appended(bucket, "log", 0, b"again").next_position == 5


def test_of_many_appends_at_one_position_one_succeeds(oss: Running, bucket: Any) -> None:
    appended(bucket, "log", 0, b"x")
    results: list[int] = []
    clients = [oss.bucket("photos", "v4") for _ in range(6)]

    def append(client: Any, letter: str) -> None:
        try:
            appended(client, "log", 1, letter.encode() * 70_000)
            results.append(200)
        except oss2.exceptions.PositionNotEqualToLength as error:
            results.append(error.status)

    threads = [threading.Thread(target=append, args=pair) for pair in zip(clients, "abcdef", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    content = bucket.get_object("log").read()
    assert sorted(results) == [200, 409, 409, 409, 409, 409]
    assert (len(content), content[:1], len(set(content[1:]))) == (70_001, b"x", 1)
    assert bucket.head_object("log").headers["x-oss-hash-crc64ecma"] == str(crc64.xz(content))


def test_a_crash_amid_an_append_leaves_the_object_as_it_was(tmp_path: Path) -> None:
    with running_oss(tmp_path) as oss:
        oss.store.create_bucket("photos")
        appended(oss.bucket(), "log", 0, b"good")
        file = oss.store.path("photos", "log")
    file.write_bytes(b"good and half of what")
    with running_oss(tmp_path) as oss:
        assert file.read_bytes() == b"good"
        assert appended(oss.bucket(), "log", 4, b" more").next_position == 9
        assert oss.bucket().get_object("log").read() == b"good more"
    with sqlite3.connect(tmp_path / "store.sqlite") as database:
        database.execute("UPDATE object SET kind = 'Normal'")
    database.close()
    file.write_bytes(b"longer than its row says")
    with running_oss(tmp_path) as oss:
        assert not oss.bucket().object_exists("log")


def test_an_append_to_what_is_gone_meanwhile_does_nothing(oss: Running, bucket: Any) -> None:
    appended(bucket, "log", 0, b"x")
    old = oss.store.object("photos", "log")
    assert old is not None
    piece = oss.store.new_file()
    piece.write_bytes(b"y")
    bucket.put_object("log", b"new")
    assert not oss.store.appends.append(old, piece, old)
    assert bucket.get_object("log").read() == b"new"
