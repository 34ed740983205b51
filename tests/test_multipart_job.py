"""These tests upload large photos in parts, with the vendors' uploaders, and see them labelled once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import oss2
import pytest

from demo.emulated import COS_BUCKET, HERE
from tests.test_main_job import Job, jobs

pytestmark = pytest.mark.story

MB = 1024 * 1024
CAT = {"label:cat": "mammal", "label:mammal": "mammal"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    with jobs(tmp_path_factory.mktemp("parts")) as started:
        yield started


def photo(folder: Path, size: int) -> Path:
    """Write a photo of a cat that has so many bytes. What follows the end of a picture is no part of it."""
    path = folder / "photo.png"
    picture = (HERE / "photos" / "chelsea.png").read_bytes()
    path.write_bytes(picture + b"\0" * (size - len(picture)))
    return path


def invocations(job: Job) -> int:
    return int(job.emulator.control(f"functions/{job.user.function}")["invocations"])


def upload_to_oss(job: Job, path: Path, folder: Path) -> None:
    """Upload as oss2 does with files above 10 MB."""
    store = oss2.ResumableStore(root=str(folder))
    result = oss2.resumable_upload(job.user.sdk, "photo.png", str(path), store=store, part_size=5 * MB, num_threads=2)
    result.resp.read()


def test_a_photo_that_comes_to_oss_in_parts_is_labelled_by_one_invocation(both: dict[str, Job], tmp_path: Path) -> None:
    job = both["aliyun"]
    before = invocations(job)
    upload_to_oss(job, photo(tmp_path, 19 * MB), tmp_path)
    job.settle()
    assert job.tags("photo.png") == CAT
    assert "cat" in job.labels("photo.png")
    (line,) = job.ledger.history(job.ref("photo.png"))
    assert (line.paid_calls, invocations(job) - before) == (1, 1)
    assert job.user.sdk.head_object("photo.png").object_type == "Multipart"


def test_a_photo_above_the_detectors_limit_says_so_however_it_came(both: dict[str, Job], tmp_path: Path) -> None:
    job = both["aliyun"]
    upload_to_oss(job, photo(tmp_path, 30 * MB), tmp_path)
    job.settle()
    record = job.record("photo.png")
    assert record is not None
    assert (record.state, record.reason, job.tags("photo.png")) == ("skipped", "too_large", {})


def test_a_photo_of_30_megabytes_that_comes_to_cos_in_parts_is_labelled_by_one_invocation(
    both: dict[str, Job], tmp_path: Path
) -> None:
    job = both["tencent"]
    before = invocations(job)
    path = photo(tmp_path, 30 * MB)
    job.user.sdk.upload_file(COS_BUCKET, "photo.png", str(path), PartSize=1, EnableMD5=True)
    job.settle()
    assert job.tags("photo.png")["label:cat"] == "mammal"
    (line,) = job.ledger.history(job.ref("photo.png"))
    assert (line.paid_calls, invocations(job) - before) == (1, 1)
