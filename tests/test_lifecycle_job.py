"""These tests let a lifecycle rule end a labelled picture on each cloud, and look at what becomes of its row."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from demo.emulated import COS_BUCKET, HERE
from tests.test_main_job import Job, jobs

pytestmark = pytest.mark.story

CAT = (HERE / "photos" / "chelsea.png").read_bytes()
OSS_RULE = (
    "<LifecycleConfiguration><Rule><Prefix>old/</Prefix><Status>Enabled</Status>"
    "<Expiration><Days>30</Days></Expiration></Rule></LifecycleConfiguration>"
)
COS_RULE = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 30}}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    folder = tmp_path_factory.mktemp("lifecycle")
    with jobs(folder, index=f"sqlite:///{folder / 'labels.db'}", detector="oss") as started:
        yield started


def a_month_later(job: Job) -> Any:
    """Move the emulator's clock, and return what its stores did then."""
    body = json.dumps({"days": 31}).encode()
    with urllib.request.urlopen(f"{job.emulator.address}/_emulator/clock", body) as answer:
        return json.loads(answer.read())["done"]


def test_the_row_of_an_expired_picture_goes_where_the_store_tells_of_it_and_stays_where_it_does_not(
    both: dict[str, Job],
) -> None:
    oss, cos = both["aliyun"], both["tencent"]
    oss.user.sdk.put_bucket_lifecycle(OSS_RULE)
    cos.user.sdk.put_bucket_lifecycle(COS_BUCKET, {"Rule": [COS_RULE]})
    for job in (oss, cos):
        job.put("old/cat.png", CAT)
        job.put("cat.png", CAT)
        job.settle()
        assert job.labels("old/cat.png")
    done = a_month_later(oss)
    assert {name: done[name]["removed"] for name in ("oss", "cos")} == {"oss": 1, "cos": 1}
    for job in (oss, cos):
        job.settle()
        assert job.record("cat.png") is not None
    assert oss.record("old/cat.png") is None
    assert cos.record("old/cat.png") is not None
    for job in (oss, cos):
        job.put("later.png", CAT)
        job.settle()
        assert job.labels("later.png"), "a picture that comes after the clock was moved is labelled too"
