"""Versions of objects that must be kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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
    assert bucket.delete_object("a").status == 204
    assert bucket.get_object("a", params=named).read() == b"x"
    with clock.later(DAY + 1):
        assert bucket.delete_object("a", params=named).status == 204


@pytest.mark.parametrize("quiet", ["false", "true"])
def test_a_batch_deletion_tells_which_version_has_to_stay_and_removes_the_others(
    oss: Running, bucket: Any, clock: Clock, quiet: str
) -> None:
    first = bucket.put_object("a", b"x").versionid
    assert retain(oss, clock, "COMPLIANCE") == 200
    other = bucket.put_object("b", b"x").versionid
    names = (("a", first), ("b", other))
    objects = "".join(f"<Object><Key>{key}</Key><VersionId>{version}</VersionId></Object>" for key, version in names)
    body = f"<Delete><Quiet>{quiet}</Quiet>{objects}</Delete>".encode()
    status, _, answer = oss.ask("POST", "photos", params={"delete": ""}, body=body)
    error = (
        f"<Error><Key>a</Key><VersionId>{first}</VersionId><Code>FileImmutable</Code><Message>The file is immutable."
    )
    assert (status, error in answer.decode()) == (200, True)
    assert (b"<Deleted><Key>b</Key>" in answer) is (quiet == "false")
    assert (bucket.object_exists("a"), bucket.object_exists("b")) == (True, False)


@pytest.mark.parametrize(("length", "days"), [("<Days>2</Days>", 2), ("<Years>1</Years>", 365)])
def test_a_rule_of_the_bucket_retains_every_new_object_and_no_earlier_one(
    oss: Running, bucket: Any, clock: Clock, length: str, days: int
) -> None:
    before = bucket.put_object("before", b"x").versionid
    assert ruled(oss, f"<Mode>COMPLIANCE</Mode>{length}") == 200
    put = bucket.put_object("put", b"x").versionid
    copy = bucket.copy_object("photos", "before", "copy").versionid
    upload = bucket.init_multipart_upload("parts").upload_id
    bucket.upload_part("parts", upload, 1, b"x")
    everything = {"x-oss-complete-all": "yes"}
    parts = bucket.complete_multipart_upload("parts", upload, None, headers=everything).versionid
    until = bucket.head_object("put").headers["x-oss-object-worm-retain-until-date"]
    assert until == times.iso(clock.now + days * DAY)
    assert bucket.delete_object("before", params={"versionId": before}).status == 204
    retained = {"put": put, "copy": copy, "parts": parts}
    for key, version in retained.items():
        assert refused(bucket.delete_object, key, params={"versionId": version}).code == "FileImmutable"
    with clock.later(days * DAY + 1):
        for key, version in retained.items():
            assert bucket.delete_object(key, params={"versionId": version}).status == 204


def ruled(oss: Running, retention: str) -> int:
    rule = f"<Rule><DefaultRetention>{retention}</DefaultRetention></Rule>".encode()
    body = WORM.replace(b"</ObjectWormConfiguration>", rule + b"</ObjectWormConfiguration>")
    return oss.ask("PUT", params={"objectWorm": ""}, body=body)[0]


@pytest.mark.parametrize(
    "retention",
    [
        "<Mode>FOREVER</Mode><Days>1</Days>",
        "<Mode>COMPLIANCE</Mode>",
        "<Mode>COMPLIANCE</Mode><Days>1</Days><Years>1</Years>",
        "<Mode>COMPLIANCE</Mode><Days>0</Days>",
        "<Mode>COMPLIANCE</Mode><Days>36501</Days>",
        "<Mode>COMPLIANCE</Mode><Years>101</Years>",
    ],
)
def test_a_rule_that_would_retain_nothing_or_cannot_be_kept_is_refused(oss: Running, retention: str) -> None:
    assert ruled(oss, retention) == 400


def test_nothing_is_appended_where_versions_can_be_retained(bucket: Any) -> None:
    assert refused(bucket.append_object, "a", 0, b"x").code == "OperationNotSupported"


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
