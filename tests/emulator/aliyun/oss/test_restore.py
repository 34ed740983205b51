"""Archived objects, through the vendor's SDK: how they are restored, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import oss2
import pytest
from oss2.models import RestoreConfiguration, RestoreJobParameters

from emulator.core.parts import Change
from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.forms import code
from tests.emulator.moving import Clock
from tests.emulator.running import Running, refused, running_oss

DAY = 86400


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oss(tmp_path: Path, changes: list[Change], clock: Clock) -> Iterator[Running]:
    with running_oss(tmp_path, on_change=changes.append, clock=clock, restore_seconds=60) as running:
        running.store.create_bucket("photos")
        yield running


def archive(bucket: Any, key: str = "a", storage_class: str = "Archive") -> None:
    bucket.put_object(key, b"old", headers={"x-oss-storage-class": storage_class}).resp.read()


def state(bucket: Any, key: str = "a") -> str | None:
    told: str | None = bucket.head_object(key).headers.get("x-oss-restore")
    return told


def restored(bucket: Any, days: int = 1, key: str = "a") -> int:
    status: int = bucket.restore_object(key, input=RestoreConfiguration(days)).status
    return status


def test_an_archived_object_is_read_when_it_is_restored_and_not_before_or_after(bucket: Any, clock: Clock) -> None:
    archive(bucket)
    assert state(bucket) is None
    assert bucket.restore_object("a").status == 202
    assert state(bucket) == 'ongoing-request="true"'
    assert refused(bucket.get_object, "a").code == "InvalidObjectState"
    error = refused(bucket.restore_object, "a")
    assert isinstance(error, oss2.exceptions.RestoreAlreadyInProgress)
    assert error.status == 409
    ends = formatdate(clock.now + 60 + DAY, usegmt=True)
    with clock.later(60):
        assert state(bucket) == f'ongoing-request="false", expiry-date="{ends}"'
        got = bucket.get_object("a")
        assert (got.read(), got.headers["x-oss-storage-class"]) == (b"old", "Archive")
        assert got.headers["x-oss-restore"] == f'ongoing-request="false", expiry-date="{ends}"'
    with clock.later(DAY):
        assert refused(bucket.get_object, "a").code == "InvalidObjectState"
        assert state(bucket) is None
        assert bucket.restore_object("a").status == 202


def test_restoring_once_more_adds_days_up_to_a_limit(bucket: Any, clock: Clock) -> None:
    archive(bucket)
    begins = clock.now + 60
    assert restored(bucket, 2) == 202
    with clock.later(60):
        assert restored(bucket, 3) == 200
        assert formatdate(begins + 5 * DAY, usegmt=True) in (state(bucket) or "")
        assert restored(bucket, 7) == 200
        assert formatdate(begins + 7 * DAY, usegmt=True) in (state(bucket) or "")


@pytest.mark.parametrize("days", [0, 8])
def test_the_days_have_limits(bucket: Any, days: int) -> None:
    archive(bucket)
    assert refused(restored, bucket, days).code == "InvalidArgument"
    assert state(bucket) is None


def test_a_cold_archive_has_tiers(bucket: Any) -> None:
    archive(bucket, "cold", "ColdArchive")
    wrong = RestoreConfiguration(30, RestoreJobParameters("Tomorrow"))
    assert refused(bucket.restore_object, "cold", input=wrong).code == "InvalidArgument"
    result = bucket.restore_object("cold", input=RestoreConfiguration(30, RestoreJobParameters("Expedited")))
    assert (result.status, result.headers["x-oss-object-restore-priority"]) == (202, "Expedited")


def test_what_is_not_archived_needs_no_restoring(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-storage-class": "IA"})
    error = refused(bucket.restore_object, "a")
    assert (error.status, error.code) == (400, "OperationNotSupported")
    assert refused(bucket.restore_object, "nothing").code == "NoSuchKey"


def test_a_new_object_under_the_key_is_not_restored(bucket: Any, clock: Clock) -> None:
    archive(bucket)
    bucket.restore_object("a")
    archive(bucket)
    with clock.later(60):
        assert refused(bucket.get_object, "a").code == "InvalidObjectState"
        assert state(bucket) is None


def test_a_restored_object_is_copied_and_changes_its_class_by_a_copy(bucket: Any, clock: Clock) -> None:
    archive(bucket)
    to_standard = {"x-oss-storage-class": "Standard"}
    assert refused(bucket.copy_object, "photos", "a", "copy").code == "InvalidObjectState"
    assert refused(bucket.copy_object, "photos", "a", "a", headers=to_standard).code == "InvalidObjectState"
    same = {"x-oss-storage-class": "Archive", "x-oss-metadata-directive": "REPLACE", "x-oss-meta-a": "1"}
    bucket.copy_object("photos", "a", "a", headers=same).resp.read()
    assert bucket.head_object("a").headers["x-oss-meta-a"] == "1"
    bucket.restore_object("a")
    with clock.later(60):
        bucket.copy_object("photos", "a", "copy").resp.read()
        assert bucket.head_object("copy").headers["x-oss-storage-class"] == "Standard"
        bucket.copy_object("photos", "a", "a", headers=to_standard).resp.read()
        assert bucket.get_object("a").read() == b"old"
        assert state(bucket) is None


def test_each_version_is_restored_for_itself(bucket: Any, clock: Clock) -> None:
    keep(bucket)
    archive(bucket)
    first = bucket.head_object("a").versionid
    archive(bucket)
    result = bucket.restore_object("a", params={"versionId": first})
    assert (result.status, result.headers["x-oss-version-id"]) == (202, first)
    with clock.later(60):
        assert refused(bucket.get_object, "a").code == "InvalidObjectState"
        assert bucket.get_object("a", params={"versionId": first}).read() == b"old"


def test_the_days_of_reading_can_be_ended(oss: Running, bucket: Any, clock: Clock) -> None:
    archive(bucket)

    def clean() -> tuple[int, str]:
        status, _, body = oss.ask("POST", "photos", "a", {"cleanRestoredObject": ""}, version="v1")
        return status, code(body)

    assert clean() == (409, "ArchiveRestoreFileStale")
    bucket.restore_object("a")
    assert clean() == (409, "ArchiveRestoreNotFinished")
    with clock.later(60):
        assert bucket.get_object("a").read() == b"old"
        assert clean() == (200, "")
        assert refused(bucket.get_object, "a").code == "InvalidObjectState"


def test_what_is_restored_stays_so_after_a_restart(tmp_path: Path, clock: Clock) -> None:
    for again in (False, True):
        with running_oss(tmp_path, clock=clock, restore_seconds=0) as oss:
            bucket = oss.bucket()
            if not again:
                oss.store.create_bucket("photos")
                archive(bucket)
                bucket.restore_object("a")
            assert bucket.get_object("a").read() == b"old"


def test_no_event_of_oss_tells_of_a_restore(bucket: Any, clock: Clock, changes: list[Change]) -> None:
    archive(bucket)
    bucket.restore_object("a")
    with clock.later(60):
        bucket.get_object("a").read()
    assert [change.event for change in changes] == ["ObjectCreated:PutObject"]


def test_lists_tell_how_far_the_restoring_of_each_object_is(oss: Running, bucket: Any, clock: Clock) -> None:
    keep(bucket)
    for key in ("new", "restored", "unasked"):
        archive(bucket, key)
    bucket.put_object("standard", b"x").resp.read()
    bucket.restore_object("restored")
    ends = formatdate(clock.now + 60 + DAY, usegmt=True)
    with clock.later(60):
        bucket.restore_object("new")
        archive(bucket, "restored")
        bucket.put_object("zz", b"x").resp.read()
        ongoing, done = 'ongoing-request="true"', f'ongoing-request="false", expiry-date="{ends}"'
        for listed in (bucket.list_objects().object_list, bucket.list_objects_v2().object_list):
            assert {one.key: one.restore_info for one in listed if one.restore_info} == {"new": ongoing}
        versions = bucket.list_object_versions().versions
        told = [(one.key, one.is_latest, one.restore_info) for one in versions if one.restore_info]
        assert told == [("new", True, ongoing), ("restored", False, done)]
    with clock.later(2 * DAY):
        assert not any(one.restore_info for one in bucket.list_object_versions().versions)


def test_every_listing_tells_how_far_the_restoring_is(bucket: Any, clock: Clock) -> None:
    archive(bucket)
    archive(bucket, "b")
    bucket.put_object("c", b"new")
    bucket.restore_object("a")

    def told() -> list[list[str | None]]:
        listed = (bucket.list_objects().object_list, bucket.list_objects_v2().object_list)
        return [[found.restore_info for found in page] for page in (*listed, bucket.list_object_versions().versions)]

    assert told() == [['ongoing-request="true"', None, None]] * 3
    ends = formatdate(clock.now + 60 + DAY, usegmt=True)
    with clock.later(60):
        assert told() == [[f'ongoing-request="false", expiry-date="{ends}"', None, None]] * 3
    with clock.later(60 + DAY):
        assert told() == [[None, None, None]] * 3


def test_a_listing_tells_of_no_restoring_of_an_object_that_was_overwritten(bucket: Any) -> None:
    archive(bucket)
    bucket.restore_object("a")
    archive(bucket)
    assert bucket.list_objects().object_list[0].restore_info is None


def test_an_object_of_the_class_archive_has_no_tiers(bucket: Any) -> None:
    archive(bucket)
    archive(bucket, "b", "ColdArchive")
    asked = RestoreConfiguration(5, RestoreJobParameters("Bulk"))
    assert refused(bucket.restore_object, "a", input=asked).code == "MalformedXML"
    assert state(bucket) is None
    assert bucket.restore_object("b", input=asked).status == 202
