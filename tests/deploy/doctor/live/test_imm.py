"""The IMM project that a detector asks, and the project that a bucket is bound to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.doctor.live.account import Account, account

pytestmark = pytest.mark.story


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Account]:
    with account(tmp_path, "aliyun") as running:
        yield running


def test_a_bucket_that_is_bound_to_no_project_would_show_at_the_first_event_only(running: Account) -> None:
    running.bindings.bound.clear()
    assert running.checks() == ["imm-binding-missing"]
    running.environ |= {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}
    assert running.checks() == []


def test_a_project_that_is_not_there_would_show_at_the_first_event_only(running: Account) -> None:
    running.environ |= {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "elsewhere"}
    assert running.checks() == ["imm-project-missing"]
    del running.environ["IMAGELABELS_IMM_PROJECT"]
    assert running.checks() == ["imm-project"]


def test_a_look_would_be_billed_as_a_picture(running: Account) -> None:
    for detector in ("imm", "oss"):
        running.environ |= {"IMAGELABELS_DETECTOR": detector, "IMAGELABELS_IMM_PROJECT": "imagelabels"}
        assert running.checks() == []
    assert not any("SourceURI" in request or "x-oss-process" in request for request in running.requests)


def test_an_embedded_detector_would_be_looked_for_at_imm(running: Account) -> None:
    running.bindings.bound.clear()
    running.environ["IMAGELABELS_DETECTOR"] = "embedded"
    assert running.checks() == []


def test_a_project_that_nobody_may_see_would_be_called_missing(running: Account) -> None:
    running.environ |= {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}
    running.refuse("ProjectName", 403, "NoPermission")
    assert running.checks() == ["could-not-look"]
