"""Whether Cloud Infinite works on the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imagelabels.deploy.checks.finding import Severity
from tests.deploy.doctor.live.account import Account, account
from tests.emulator.running import COS_BUCKET

pytestmark = pytest.mark.story


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, "tencent") as running:
        yield running


def test_a_bucket_that_ci_does_not_list_would_show_at_the_first_event_only(running: Account) -> None:
    running.answer("ai_bucket", "<Response><TotalCount>0</TotalCount></Response>")
    (finding,) = running.look()
    assert (finding.check, finding.severity) == ("ci-not-enabled", Severity.WARNING)


def test_another_bucket_would_be_taken_for_ours(running: Account) -> None:
    listed = "<Response><AiBucketList><BucketId>{}</BucketId></AiBucketList></Response>"
    running.answer("ai_bucket", listed.format(f"more-{COS_BUCKET}"))
    assert running.checks() == ["ci-not-enabled"]
    running.plants.clear()
    running.answer("ai_bucket", listed.format(COS_BUCKET))
    assert running.checks() == []


def test_a_look_would_be_billed_as_a_picture(running: Account) -> None:
    assert running.checks() == []
    assert sum("ai_bucket" in request for request in running.requests) == 1
    assert not any("ci-process" in request for request in running.requests)


def test_an_embedded_detector_would_be_looked_for_at_ci(running: Account) -> None:
    running.environ["IMAGELABELS_DETECTOR"] = "embedded"
    assert running.checks() == []
    assert not any("ai_bucket" in request for request in running.requests)


def test_temporary_keys_would_be_refused(running: Account) -> None:
    key = running.keyring.issue(600)
    running.environ |= {"TENCENTCLOUD_SECRETID": key.id, "TENCENTCLOUD_SECRETKEY": key.secret}
    running.environ["TENCENTCLOUD_SESSIONTOKEN"] = key.token or ""
    assert running.checks() == []
