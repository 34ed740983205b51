"""The provider over the emulator's COS, which verifies every signature: expiry, labels, thumbnails, the whole way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulator.core.parts import Key
from functions.tencent_label.index import main_handler
from imagelabels import wiring
from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectRef, Picture
from imagelabels.domain.taxonomy import load
from imagelabels.providers.tencent.ci.detector import CiDetector
from imagelabels.providers.tencent.ci.traits import MOST_BYTES
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.emulator.drawn import encoded, halves
from tests.emulator.running import COS_BUCKET, COS_REGION, RunningCos, running_cos
from tests.fakes import jpeg

REF = ObjectRef("cos", COS_BUCKET, "照片/a b+c.jpg")
LABELS = [
    {"LabelName": name, "LabelConfidence": confidence, "LabelLevel": level, "ParentLabelName": parent}
    for name, confidence, level, parent in (
        ("哺乳动物", 0.95, 1, ""),
        ("狗", 0.9, 2, "哺乳动物"),
        ("比格犬", 0.81, 3, "狗"),
        ("草", 0.05, 2, "植物"),
    )
]


async def detect(path: Path) -> dict[str, object]:
    return {"path": str(path), "labels": [label | {"Language": "zh-Hans", "CentricScore": 0.7} for label in LABELS]}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCos]:
    with running_cos(tmp_path / "data", detect=detect) as running:
        running.client().put_object(COS_BUCKET, jpeg("dog"), REF.key)
        yield running


def buckets(running: RunningCos, key: Key | None = None) -> CosBuckets:
    """Temporary keys, as a function has them, where none are given."""
    key = key or running.keyring.issue(600)
    made = CosBuckets(running.endpoint, COS_REGION, {}, TencentCredentials(TencentKeys(key.id, key.secret, key.token)))
    running.stack.callback(made.close)
    return made


def test_a_tag_write_that_arrives_after_its_time_changes_nothing(
    running: RunningCos, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = CosObjects(buckets(running))
    past = objects._buckets[COS_BUCKET].authorization("PUT", REF.key, -1, {"tagging": ""})
    monkeypatch.setattr(CosObjects, "_ending", lambda *given: past)
    with pytest.raises(Unavailable) as caught:
        objects.put_tags(REF, {"late": "1"}, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "busy"
    assert objects.tags(REF) == {}


def test_keys_that_are_not_known_any_more_are_told_apart_from_a_wrong_secret(running: RunningCos) -> None:
    issued = running.keyring.issue(600)
    with pytest.raises(Unavailable) as expired:
        CosObjects(buckets(running, Key("AKIDunknown", "x", "y"))).tags(REF)
    assert expired.value.reason == "credentials_expired"
    with pytest.raises(Misconfigured, match="SignatureDoesNotMatch"):
        CosObjects(buckets(running, Key(issued.id, "wrong", issued.token))).tags(REF)


def labelled(running: RunningCos, ref: ObjectRef) -> dict[str, float]:
    head = CosObjects(buckets(running)).head(ref).head
    assert head is not None
    detection = CiDetector(buckets(running), ("web",), 0.1, load()).detect(
        Picture(ref, head, lambda start, length: b"")
    )
    return {label.id: label.confidence for label in detection.labels}


def test_a_picture_is_labelled_in_the_services_words(running: RunningCos) -> None:
    """A category is as sure as the surest label under it: the service gives it no figure of its own."""
    assert labelled(running, REF) == {"mammal": 0.81, "dog": 0.81, "beagle": 0.81}


def test_a_picture_above_the_services_limit_is_labelled_through_its_thumbnail(running: RunningCos) -> None:
    large = ObjectRef("cos", COS_BUCKET, "照片/large & b+c%.jpg")
    running.client().put_object(COS_BUCKET, encoded(halves()) + bytes(MOST_BYTES), large.key)
    assert labelled(running, large) == labelled(running, REF)


def test_a_file_that_the_service_refuses_is_refused_for_good(running: RunningCos) -> None:
    tiny = ObjectRef("cos", COS_BUCKET, "tiny.jpg")
    running.client().put_object(COS_BUCKET, jpeg("dot", 40, 40), tiny.key)
    with pytest.raises(Rejected):
        labelled(running, tiny)


def test_an_event_of_an_upload_ends_in_tags_and_its_removal_in_no_row(
    running: RunningCos, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = running.keyring.issue(600)
    for name, value in {
        "TENCENTCLOUD_SECRETID": key.id,
        "TENCENTCLOUD_SECRETKEY": key.secret,
        "TENCENTCLOUD_SESSIONTOKEN": key.token or "",
        "IMAGELABELS_ENDPOINT_COS": running.endpoint,
        "IMAGELABELS_INDEX": f"sqlite:///{tmp_path}/labels.db",
    }.items():
        monkeypatch.setenv(name, value)
    wiring._built.cache_clear()
    # The upload is long ago for all we do: nobody waits for its second to be over.
    clock = SimpleNamespace(monotonic=time.monotonic, time=time.time, sleep=lambda seconds: None)
    monkeypatch.setattr(wiring, "time", clock)
    name, _, appid = COS_BUCKET.rpartition("-")
    there = {"url": f"http://{running.host()}/x", "key": f"/{appid}/{name}/{REF.key}", "size": len(jpeg("dog"))}
    cos = {"cosBucket": {"name": name, "appid": appid, "region": "gz"}, "cosObject": there}
    context = {"request_id": "r", "time_limit_in_ms": 90_000}
    running.client().put_object_tagging(COS_BUCKET, REF.key, {"TagSet": {"Tag": [{"Key": "mine", "Value": "1"}]}})

    record = {"cos": cos, "event": {"eventName": "cos:ObjectCreated:Put"}}
    (told,) = main_handler({"Records": [record]}, context)["records"]
    assert (told["state"], set(told["label_ids"]), told["paid_calls"]) == ("labelled", {"mammal", "dog", "beagle"}, 1)
    tags = {"mine": "1", "label:mammal": "mammal", "label:dog": "mammal", "label:beagle": "mammal"}
    assert CosObjects(buckets(running)).tags(REF) == tags
    (told,) = main_handler({"Records": [record]}, context)["records"]
    assert (told["state"], told["paid_calls"]) == ("unchanged", 0)

    running.client().delete_object(COS_BUCKET, REF.key)
    record["event"] = {"eventName": "cos:ObjectRemove:Delete"}
    (told,) = main_handler({"Records": [record]}, context)["records"]
    assert told["state"] == "removed"
    wiring._built.cache_clear()
