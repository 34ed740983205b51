"""The time of the last access, in buckets with access tracking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.objectstore import times
from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.moving import Clock
from tests.emulator.running import Running, running_oss

HEADER = "x-oss-last-access-time"
HOUR = 3600


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oss(tmp_path: Path, clock: Clock) -> Iterator[Running]:
    with running_oss(tmp_path, clock=clock) as running:
        running.store.create_bucket("photos")
        yield running


def test_no_last_access_is_told_where_nobody_asked_to_track_it(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert HEADER not in bucket.get_object_meta("a").headers
    bucket.put_bucket_access_monitor("Enabled")
    bucket.put_bucket_access_monitor("Disabled")
    assert HEADER not in bucket.get_object_meta("a").headers


def test_an_object_from_before_shows_when_the_tracking_began(bucket: Any, clock: Clock) -> None:
    bucket.put_object("a", b"x")
    with clock.later(HOUR):
        bucket.put_bucket_access_monitor("Enabled")
        began = times.http(int(clock()))
    with clock.later(2 * HOUR):
        bucket.put_bucket_access_monitor("Enabled")
        assert bucket.get_object_meta("a").headers[HEADER] == began


def test_reads_and_acls_count_as_an_access_and_a_look_does_not(oss: Running, bucket: Any, clock: Clock) -> None:
    bucket.put_bucket_access_monitor("Enabled")
    bucket.put_object("a", b"x")
    bucket.put_symlink("a", "link").resp.read()
    written = times.http(int(clock()))
    with clock.later(HOUR):
        bucket.head_object("a")
        bucket.get_object_tagging("a").resp.read()
        assert bucket.get_object_meta("a").headers[HEADER] == written
        bucket.get_object("a").read()
        assert bucket.get_object_meta("a").headers[HEADER] == times.http(int(clock()))
    with clock.later(2 * HOUR):
        bucket.get_object("link").read()
        read = times.http(int(clock()))
    with clock.later(3 * HOUR):
        assert [bucket.get_object_meta(key).headers[HEADER] for key in ("a", "link")] == [read, read]
        bucket.put_object_acl("a", "private")
        assert bucket.get_object_meta("a").headers[HEADER] == times.http(int(clock()))
    with clock.later(4 * HOUR):
        bucket.put_object("a", b"y")
        assert bucket.get_object_meta("a").headers[HEADER] == times.http(int(clock()))


def test_a_last_access_outlives_the_emulator(tmp_path: Path) -> None:
    clock = Clock()
    with running_oss(tmp_path / "twice", clock=clock) as oss:
        oss.store.create_bucket("photos")
        bucket = oss.bucket("photos")
        bucket.put_bucket_access_monitor("Enabled")
        bucket.put_object("a", b"x")
        with clock.later(HOUR):
            bucket.get_object("a").read()
            read = times.http(int(clock()))
    with running_oss(tmp_path / "twice", clock=clock) as oss, clock.later(HOUR):
        assert oss.bucket("photos").get_object_meta("a").headers[HEADER] == read


def test_an_append_counts_as_an_access_only_where_no_versions_are_kept(bucket: Any, clock: Clock) -> None:
    bucket.put_bucket_access_monitor("Enabled")
    bucket.append_object("plain", 0, b"x").resp.read()
    with clock.later(HOUR):
        bucket.append_object("plain", 1, b"y").resp.read()
        assert bucket.get_object_meta("plain").headers[HEADER] == times.http(int(clock()))
        keep(bucket)
        bucket.append_object("kept", 0, b"x").resp.read()
        first = times.http(int(clock()))
    with clock.later(2 * HOUR):
        bucket.append_object("kept", 1, b"y").resp.read()
        assert bucket.get_object_meta("kept").headers[HEADER] == first
