"""AppendObject, links and the restoring of archived objects, through the vendor's SDK."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from fastcrc import crc64

from emulator.core.clock import Clock
from emulator.core.parts import Change
from tests.emulator.aging import Days, move
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused, running_cos

DAY = 86400


def content(client: Any, key: str, **options: str) -> bytes:
    read: bytes = client.get_object(COS_BUCKET, key, **options)["Body"].get_raw_stream().read()
    return read


def test_bytes_come_behind_those_that_are_there(client: Any, changes: list[Change]) -> None:
    first = client.append_object(COS_BUCKET, "log", 0, b"one,", ContentType="text/x")
    second = client.append_object(COS_BUCKET, "log", 4, b"two")
    assert (first["x-cos-next-append-position"], second["x-cos-next-append-position"]) == ("4", "7")
    assert content(client, "log") == b"one,two"
    head = client.head_object(COS_BUCKET, "log")
    assert (head["x-cos-object-type"], head["ETag"], head["Content-Type"]) == ("appendable", second["ETag"], "text/x")
    assert head["x-cos-hash-crc64ecma"] == second["x-cos-hash-crc64ecma"] == str(crc64.xz(b"one,two"))
    assert [(change.event, change.size, change.delta) for change in changes] == [
        ("ObjectCreated:Append", 4, 4),
        ("ObjectCreated:Append", 7, 3),
    ]


def test_a_position_that_is_not_the_end_is_refused(client: Any) -> None:
    client.append_object(COS_BUCKET, "log", 0, b"one")
    for position in (0, 2, 4):
        refusal = cos_refused(client.append_object, COS_BUCKET, "log", position, b"x")
        assert refusal == (409, "PositionNotEqualToLength")
    assert cos_refused(client.append_object, COS_BUCKET, "none", 4, b"x") == (409, "PositionNotEqualToLength")
    assert content(client, "log") == b"one"


def test_only_what_was_appended_can_be_appended_to_and_it_is_not_copied(client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    assert cos_refused(client.append_object, COS_BUCKET, "a", 1, b"y") == (409, "ObjectNotAppendable")
    assert client.head_object(COS_BUCKET, "a")["x-cos-object-type"] == "normal"
    client.append_object(COS_BUCKET, "log", 0, b"x")
    source = {"Bucket": COS_BUCKET, "Key": "log", "Region": "ap-guangzhou"}
    assert cos_refused(client.copy_object, COS_BUCKET, "copy", source)[1] == "OperationNotSupported"
    refusal = cos_refused(client.append_object, COS_BUCKET, "b", 0, b"x", StorageClass="INTELLIGENT_TIERING")
    assert refusal == (400, "InvalidArgument")
    client.put_object(COS_BUCKET, b"new", "log")
    assert cos_refused(client.append_object, COS_BUCKET, "log", 3, b"y") == (409, "ObjectNotAppendable")


def test_nothing_is_appended_while_versions_are_kept(client: Any) -> None:
    """The vendor's own tests append in a bucket that has kept versions and no longer does."""
    client.put_bucket_versioning(COS_BUCKET, "Suspended")
    assert client.append_object(COS_BUCKET, "old", 0, b"x")["x-cos-next-append-position"] == "1"
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    assert cos_refused(client.append_object, COS_BUCKET, "log", 0, b"x") == (409, "InvalidBucketState")


def test_a_read_finds_the_bytes_behind_a_link(client: Any, changes: list[Change]) -> None:
    client.put_symlink(COS_BUCKET, "link", "dir/a")
    assert cos_refused(client.get_object, COS_BUCKET, "link") == (404, "SymlinkTargetNotExist")
    target = client.put_object(COS_BUCKET, b"picture", "dir/a", ContentType="image/png")
    assert content(client, "link") == b"picture"
    head = client.head_object(COS_BUCKET, "link")
    assert (head["Content-Length"], head["ETag"], head["x-cos-object-type"]) == ("7", target["ETag"], "symlink")
    assert client.get_symlink(COS_BUCKET, "link")["x-cos-symlink-target"] == "dir/a"
    assert cos_refused(client.get_symlink, COS_BUCKET, "dir/a") == (400, "NotSymlink")
    client.put_symlink(COS_BUCKET, "second", "link")
    assert cos_refused(client.get_object, COS_BUCKET, "second") == (400, "InvalidTargetType")
    assert [change.event for change in changes] == ["ObjectCreated:Put"]


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def archive(tmp_path: Path, changes: list[Change], days: Days) -> Iterator[RunningCos]:
    """Return a COS with an archived object, whose restoring takes a minute. Its bucket is open to all for reading.

    The SDK signs with the real time, so a read after days has no signature.
    """
    with running_cos(tmp_path / "archive", None, changes.append, clock=days.clock, restore_seconds=60) as running:
        client = running.client()
        client.put_bucket_acl(COS_BUCKET, ACL="public-read")
        client.put_object(COS_BUCKET, b"old", "a", StorageClass="DEEP_ARCHIVE")
        changes.clear()
        yield running


def restored(cos: RunningCos, days: int, tier: str = "Standard") -> None:
    request = {"Days": days, "CASJobParameters": {"Tier": tier}}
    cos.client().restore_object(COS_BUCKET, "a", RestoreRequest=request)


def read(cos: RunningCos) -> tuple[int, str | None]:
    status, headers, _ = cos.raw("GET", "/a", {"Host": cos.host()})
    return status, headers["x-cos-restore"]


def test_an_archived_object_is_read_when_it_is_restored_and_not_before_or_after(
    archive: RunningCos, days: Days, changes: list[Change]
) -> None:
    assert read(archive)[0] == 403
    restored(archive, 2)
    assert archive.client().head_object(COS_BUCKET, "a")["x-cos-restore"] == 'ongoing-request="true"'
    assert cos_refused(restored, archive, 2) == (409, "RestoreAlreadyInProgress")
    assert read(archive)[0] == 403
    assert [change.event for change in changes] == ["ObjectRestore:Post"]
    days.later(archive, 60 / DAY)
    ends = days.now + 2 * DAY
    expiry = f'ongoing-request="false", expiry-date="{formatdate(ends, usegmt=True)}"'
    assert read(archive) == read(archive) == (200, expiry)
    assert [(change.event, change.key, change.size, change.delta) for change in changes] == [
        ("ObjectRestore:Post", "a", 3, 0),
        ("ObjectRestore:Completed", "a", 3, 0),
    ]
    restored(archive, 1)
    assert read(archive) == (200, f'ongoing-request="false", expiry-date="{formatdate(days.now + DAY, usegmt=True)}"')
    days.later(archive, 1)
    assert read(archive) == (403, None)
    assert len(changes) == 2


def test_a_restored_object_is_copied_and_changes_its_class_by_a_copy(archive: RunningCos, days: Days) -> None:
    client, source = archive.client(), {"Bucket": COS_BUCKET, "Key": "a", "Region": "ap-guangzhou"}
    assert cos_refused(client.copy_object, COS_BUCKET, "copy", source) == (403, "InvalidObjectState")
    refusal = cos_refused(client.copy_object, COS_BUCKET, "a", source, CopyStatus="Replaced", StorageClass="STANDARD")
    assert refusal == (403, "InvalidObjectState")
    restored(archive, 1)
    days.later(archive, 60 / DAY)
    client.copy_object(COS_BUCKET, "a", source, CopyStatus="Replaced", StorageClass="STANDARD")
    assert content(client, "a") == b"old"
    assert read(archive) == (200, None)


def test_an_object_that_is_gone_meanwhile_is_not_told_to_be_restored(
    archive: RunningCos, days: Days, changes: list[Change]
) -> None:
    restored(archive, 1)
    archive.client().put_object(COS_BUCKET, b"new", "a")
    days.later(archive, 60 / DAY)
    assert read(archive) == (200, None)
    assert [change.event for change in changes] == ["ObjectRestore:Post", "ObjectCreated:Put"]


def test_a_restoring_ends_without_another_request(tmp_path: Path) -> None:
    events: list[str] = []
    ended = threading.Event()

    def on_change(change: Change) -> None:
        events.append(change.event)
        if change.event == "ObjectRestore:Completed":
            ended.set()

    with running_cos(tmp_path / "quick", None, on_change, restore_seconds=0) as cos:
        cos.client().put_object(COS_BUCKET, b"old", "a", StorageClass="ARCHIVE")
        restored(cos, 1)
        ended.wait()
    assert events == ["ObjectCreated:Put", "ObjectRestore:Post", "ObjectRestore:Completed"]


def test_a_restoring_that_a_restart_cut_short_ends_all_the_same(tmp_path: Path) -> None:
    ended = threading.Event()

    def on_change(change: Change) -> None:
        if change.event == "ObjectRestore:Completed":
            ended.set()

    with running_cos(tmp_path / "twice", restore_seconds=1) as cos:
        cos.client().put_object(COS_BUCKET, b"old", "a", StorageClass="ARCHIVE")
        restored(cos, 1)
    with running_cos(tmp_path / "twice", None, on_change, clock=Clock()) as cos:
        move(cos, {"seconds": 0})
        ended.wait()


def test_no_request_for_something_else_ends_a_restoring(archive: RunningCos, days: Days, changes: list[Change]) -> None:
    restored(archive, 1)
    days.clock.move(60)
    archive.client().head_bucket(COS_BUCKET)
    assert [change.event for change in changes] == ["ObjectRestore:Post"]


def test_a_restore_says_for_how_many_days(archive: RunningCos) -> None:
    for days, tier in ((0, "Standard"), (366, "Standard"), (1, "Tomorrow")):
        assert cos_refused(restored, archive, days, tier) == (400, "InvalidArgument")
    assert cos_refused(archive.client().restore_object, COS_BUCKET, "a")[0] == 400
    archive.client().put_object(COS_BUCKET, b"new", "a")
    assert cos_refused(restored, archive, 1) == (405, "RestoreNonArchiveObject")
