"""The adapters over the emulator's OSS: clocks, keys and labels, with every signature verified on the other side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import oss2.auth
import pytest

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectRef, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.detector import OssDetector
from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.emulator.running import REGION, Running, running_oss

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REF = ObjectRef("oss", "photos", "照片/dog one.jpg")
LABELS = [
    {"LabelName": "狗", "LabelConfidence": 0.94, "CentricScore": 0.7, "LabelLevel": 3, "ParentLabelName": "宠物"},
    {"LabelName": "宠物", "LabelConfidence": 0.95, "CentricScore": 0.7, "LabelLevel": 1, "ParentLabelName": ""},
    {"LabelName": "草", "LabelConfidence": 0.05, "CentricScore": 0.1, "LabelLevel": 2, "ParentLabelName": "植物"},
]


async def detect(path: Path) -> dict[str, object]:
    """What the picture itself says that it shows."""
    if path.read_bytes().startswith(b"not"):
        return {"path": str(path), "error": {"reason": "corrupt", "message": "cannot be decoded"}}
    return {"path": str(path), "labels": [label | {"LabelId": "x", "Language": "zh-Hans"} for label in LABELS]}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with running_oss(tmp_path, detect=detect) as running:
        user = running.bucket(REF.bucket)
        user.create_bucket()
        user.put_object(REF.key, b"a picture")
        yield running


Make = Callable[..., OssObjects]


@pytest.fixture
def make(running: Running) -> Make:
    def make(key_id: str = "emulator", secret: str = "emulator", token: str | None = None, **more: Any) -> OssObjects:
        objects = OssObjects(running.endpoint, REGION, AliyunCredentials(AliyunKeys(key_id, secret, token)), **more)
        running.stack.callback(objects.close)
        return objects

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Callable[[], float]]:
    """Sets this machine's clock ahead: for oss2, and as a `wall` for us. The emulator's own stays right."""

    def set_ahead(seconds: float) -> Callable[[], float]:
        class Ahead(datetime):
            @classmethod
            def utcnow(cls) -> Ahead:
                return cls.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=seconds)

        monkeypatch.setattr(oss2.auth, "datetime", Ahead)
        return lambda: time.time() + seconds

    return set_ahead


@pytest.mark.parametrize("ahead", [10, -10])
def test_ten_seconds_off_the_clock_do_no_harm(
    make: Make, clock: Callable[[float], Callable[[], float]], ahead: float
) -> None:
    objects = make(wall=clock(ahead))
    assert objects.head(REF).head is not None
    objects.put_tags(REF, {"label:dog": "mammal"}, time.time() + 5, time.time() + 30)
    assert objects.tags(REF) == {"label:dog": "mammal"}


def test_a_sleeper_who_thinks_itself_in_time_is_refused_by_the_store(
    make: Make, clock: Callable[[float], Callable[[], float]]
) -> None:
    """Its clock is ten seconds slow: the lease that ended two seconds ago still has eight to go."""
    objects = make(wall=clock(-10))
    with pytest.raises(Unavailable, match="AccessDenied") as caught:
        objects.put_tags(REF, {"label:dog": "mammal"}, time.time() - 2, time.time() - 1)
    assert caught.value.reason == "busy"
    assert objects.tags(REF) == {}


def test_a_clock_that_is_wrong_by_half_an_hour_is_named(
    make: Make, clock: Callable[[float], Callable[[], float]]
) -> None:
    objects = make(wall=clock(1800))
    with pytest.raises(Unavailable, match="clock"):
        objects.head(REF)


CALLS: dict[str, Callable[[OssObjects], object]] = {
    "head": lambda objects: objects.head(REF),
    "tags": lambda objects: objects.tags(REF),
    "put_tags": lambda objects: objects.put_tags(REF, {}, time.time() + 5, time.time() + 30),
    "list": lambda objects: list(objects.list(REF.bucket)),
}


@pytest.mark.parametrize("call", CALLS)
def test_temporary_keys_are_good_until_they_expire(running: Running, make: Make, call: str) -> None:
    key = running.keyring.issue(600)
    CALLS[call](make(key.id, key.secret, key.token))
    key = running.keyring.issue(-1)
    with pytest.raises(LabelingError) as caught:
        CALLS[call](make(key.id, key.secret, key.token))
    assert caught.value.reason == "credentials_expired"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("keys", [("emulator", "wrong"), ("nobody", "emulator")])
def test_wrong_keys_are_a_setting_to_mend(make: Make, call: str, keys: tuple[str, str]) -> None:
    with pytest.raises(Misconfigured) as caught:
        CALLS[call](make(*keys))
    assert caught.value.reason == "forbidden"
    assert "emulator" not in str(caught.value)


@pytest.fixture
def detector(running: Running) -> OssDetector:
    detector = OssDetector(running.endpoint, REGION, AliyunCredentials(AliyunKeys("emulator", "emulator")), 0.1, load())
    running.stack.callback(detector.close)
    return detector


def picture(objects: OssObjects, ref: ObjectRef = REF) -> Picture:
    head = objects.head(ref).head
    assert head is not None
    return Picture(ref, head, lambda start, length: objects.read(ref, head, start, length))


def test_labels_come_from_the_floor_upwards_in_our_ids(make: Make, detector: OssDetector) -> None:
    found = detector.detect(picture(make()))
    assert [(label.name, label.confidence, label.centric_score) for label in found.labels] == [
        ("狗", 0.94, 0.7),
        ("宠物", 0.95, 0.7),
    ]
    assert found.labels[0].id == "dog"


def test_a_picture_that_was_replaced_is_not_labelled_as_the_old_one(
    running: Running, make: Make, detector: OssDetector
) -> None:
    seen = picture(make())
    running.bucket(REF.bucket).put_object(REF.key, b"another")
    with pytest.raises(Gone):
        detector.detect(seen)
    running.bucket(REF.bucket).delete_object(REF.key)
    with pytest.raises(Gone):
        detector.detect(seen)


def test_a_picture_that_the_detector_refuses_is_rejected(running: Running, make: Make, detector: OssDetector) -> None:
    running.bucket(REF.bucket).put_object("bad.jpg", b"not a picture")
    with pytest.raises(Rejected):
        detector.detect(picture(make(), ObjectRef("oss", REF.bucket, "bad.jpg")))
