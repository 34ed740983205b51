"""Versions of objects that must be kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList

from emulator.objectstore import times
from tests.emulator.aliyun.oss.test_versions import keep
from tests.emulator.moving import Clock
from tests.emulator.running import Running, refused, running_oss

WORM = b"<ObjectWormConfiguration><ObjectWormEnabled>Enabled</ObjectWormEnabled></ObjectWormConfiguration>"
BYPASS = {"x-oss-bypass-governance-retention": "true"}
DAY = 86400


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def oss(tmp_path: Path, clock: Clock) -> Iterator[Running]:
    with running_oss(tmp_path, clock=clock) as running:
        running.store.create_bucket("photos")
        keep(running.bucket())
        assert running.ask("PUT", params={"objectWorm": ""}, body=WORM)[0] == 200
        yield running


def retain(oss: Running, clock: Clock, mode: str, days: int = 1, headers: dict[str, str] | None = None) -> int:
    until = times.iso(clock.now + days * DAY)
    body = f"<Retention><Mode>{mode}</Mode><RetainUntilDate>{until}</RetainUntilDate></Retention>".encode()
    return oss.ask("PUT", "photos", "a", {"retention": ""}, headers, body)[0]


def test_a_retained_version_stays_until_its_time_and_a_marker_may_hide_it(
    oss: Running, bucket: Any, clock: Clock
) -> None:
    version = bucket.put_object("a", b"x").versionid
    assert retain(oss, clock, "COMPLIANCE") == 200
    assert b"<Mode>COMPLIANCE<" in oss.ask("GET", "photos", "a", {"retention": ""})[2]
    assert bucket.head_object("a").headers["x-oss-object-worm-mode"] == "COMPLIANCE"
    named = {"versionId": version}
    assert refused(bucket.delete_object, "a", params=named, headers=BYPASS).code == "FileImmutable"
    batch = BatchDeleteObjectVersionList([BatchDeleteObjectVersion("a", version)])
    assert refused(bucket.delete_object_versions, batch).code == "FileImmutable"
    assert bucket.delete_object("a").status == 204
    assert bucket.get_object("a", params=named).read() == b"x"
    with clock.later(DAY + 1):
        assert bucket.delete_object("a", params=named).status == 204


def test_in_governance_whoever_says_so_may_remove_a_version_before_its_time(
    oss: Running, bucket: Any, clock: Clock
) -> None:
    named = {"versionId": bucket.put_object("a", b"x").versionid}
    assert retain(oss, clock, "GOVERNANCE", 2) == 200
    assert retain(oss, clock, "GOVERNANCE", 1) == 409
    assert retain(oss, clock, "GOVERNANCE", 1, BYPASS) == 200
    assert refused(bucket.delete_object, "a", params=named).code == "FileImmutable"
    assert bucket.delete_object("a", params=named, headers=BYPASS).status == 204


def test_compliance_can_be_made_longer_and_never_weaker(oss: Running, bucket: Any, clock: Clock) -> None:
    bucket.put_object("a", b"x")
    assert retain(oss, clock, "COMPLIANCE", 1) == 200
    assert retain(oss, clock, "COMPLIANCE", 2) == 200
    assert retain(oss, clock, "COMPLIANCE", 1, BYPASS) == 409
    assert retain(oss, clock, "GOVERNANCE", 3, BYPASS) == 409


def test_a_held_version_stays_until_nobody_holds_it(oss: Running, bucket: Any) -> None:
    named = {"versionId": bucket.put_object("a", b"x").versionid}
    assert b"<Status>OFF<" in oss.ask("GET", "photos", "a", {"legalHold": ""})[2]
    hold = b"<LegalHold><Status>%s</Status></LegalHold>"
    assert oss.ask("PUT", "photos", "a", {"legalHold": ""}, body=hold % b"ON")[0] == 200
    assert b"<Status>ON<" in oss.ask("GET", "photos", "a", {"legalHold": ""})[2]
    assert refused(bucket.delete_object, "a", params=named, headers=BYPASS).code == "FileImmutable"
    assert oss.ask("PUT", "photos", "a", {"legalHold": ""}, body=hold % b"OFF")[0] == 200
    assert bucket.delete_object("a", params=named).status == 204


def test_a_copy_is_not_retained(oss: Running, bucket: Any, clock: Clock) -> None:
    bucket.put_object("a", b"x")
    retain(oss, clock, "COMPLIANCE")
    version = bucket.copy_object("photos", "a", "b").versionid
    assert "x-oss-object-worm-mode" not in bucket.head_object("b").headers
    assert bucket.delete_object("b", params={"versionId": version}).status == 204


def test_a_retention_that_the_vendor_does_not_take_is_refused(oss: Running, bucket: Any, clock: Clock) -> None:
    bucket.put_object("a", b"x")
    assert oss.ask("GET", "photos", "a", {"retention": ""})[0] == 404
    assert retain(oss, clock, "FOREVER") == 400
    assert retain(oss, clock, "COMPLIANCE", -1) == 400
    oss.store.settings.remove("photos", "objectWorm")
    assert retain(oss, clock, "COMPLIANCE") == 404
