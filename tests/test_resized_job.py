"""These tests run the embedded detector in the function on Alibaba Cloud, which reads small copies made by OSS."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from demo.emulated import HERE
from tests.test_main_job import Job, calls, jobs

pytestmark = pytest.mark.story

WRITTEN = {
    "OSS PUT object": 1,  # this is the user's upload
    "OSS HEAD object": 3,
    "OSS GET object?tagging": 1,
    "OSS PUT object?tagging": 1,
}
TAGS = {"label:cat": "mammal", "label:mammal": "mammal"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Job]]:
    folder = tmp_path_factory.mktemp("resized")
    with jobs(folder, index=f"sqlite:///{folder / 'labels.db'}", detector="embedded") as started:
        yield started


@pytest.fixture
def running(both: dict[str, Job]) -> Job:
    return both["aliyun"]


def cat(width: int, height: int) -> Image.Image:
    with Image.open(HERE / "photos" / "chelsea.png") as photo:
        resized: Image.Image = photo.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
        return resized


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def test_a_phones_photo_is_not_fetched_whole_and_its_row_has_the_files_own_size(running: Job) -> None:
    """The photo was taken upright and is stored sideways. It is longer than what OSS rotates before it resizes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = encoded(cat(4256, 2832).transpose(Image.Transpose.ROTATE_90).resize((4256, 2832)), "JPEG", exif=exif)
    assert calls(running, "phone.jpg", photo) == WRITTEN | {"OSS GET object": 1, "OSS GET object?x-oss-process": 1}
    assert running.labels("phone.jpg").keys() >= {"mammal", "cat"}
    assert running.tags("phone.jpg").items() >= TAGS.items()
    record = running.record("phone.jpg")
    assert record is not None
    assert (record.width, record.height) == (4256, 2832)
    assert record.setting.endswith(" oss-resized=1024")


def test_a_small_photo_is_fetched_as_it_is(running: Job) -> None:
    data = encoded(cat(1200, 800), "JPEG")
    assert calls(running, "small.jpg", data) == WRITTEN | {"OSS GET object": 2}
    assert running.tags("small.jpg").items() >= TAGS.items()


def test_a_photo_in_a_format_that_the_model_cannot_read_is_labelled_all_the_same(running: Job) -> None:
    data = encoded(cat(1200, 800), "AVIF", speed=10)
    assert calls(running, "photo.avif", data) == WRITTEN | {"OSS GET object": 1, "OSS GET object?x-oss-process": 1}
    assert running.tags("photo.avif").items() >= TAGS.items()
    record = running.record("photo.avif")
    assert record is not None
    assert (record.state, record.width, record.height) == ("labelled", 1200, 800)


def test_a_photo_that_oss_cannot_shrink_either_is_skipped_for_good(running: Job) -> None:
    running.put("broken.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    running.put("cut.jpg", encoded(cat(3600, 2400), "JPEG")[:100_000])
    running.settle()
    broken, cut = running.record("broken.heic"), running.record("cut.jpg")
    assert broken is not None
    assert (broken.state, broken.reason, broken.notes) == ("skipped", "unsupported_format", ("format_heic",))
    assert cut is not None
    assert (cut.state, cut.reason) == ("skipped", "corrupt")


def test_cos_gets_no_request_for_copies(both: dict[str, Job]) -> None:
    running = both["tencent"]
    running.put("photo.avif", encoded(cat(300, 200), "AVIF", speed=10))
    running.settle()
    record = running.record("photo.avif")
    assert record is not None
    assert (record.state, record.reason) == ("skipped", "unsupported_format")
    assert "resized" not in record.setting
