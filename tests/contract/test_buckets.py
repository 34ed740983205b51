"""The contract of the port Buckets, for the stores of both clouds on the emulator, with the vendors' clients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from emulator.objectstore.store import ObjectStore
from imagelabels.domain.errors import LabelingError, NoBucket
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.buckets import Buckets
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.buckets import OssBucketSetup
from imagelabels.providers.aliyun.oss.client import OssBuckets
from imagelabels.providers.tencent.cos.buckets import CosBucketSetup
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.emulator.running import COS_BUCKET, COS_REGION, REGION, ROOT, running_cos, running_oss
from tests.scripted import Answer, Server, scripted


@dataclass
class World:
    buckets: Buckets
    store: ObjectStore
    ref: ObjectRef
    region: str


def oss(endpoint: str) -> Buckets:
    credentials = AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret))
    return OssBucketSetup(OssBuckets(endpoint, REGION, credentials, 3.0, 10.0))


def cos(endpoint: str) -> Buckets:
    credentials = TencentCredentials(TencentKeys(ROOT.id, ROOT.secret))
    return CosBucketSetup(CosBuckets(endpoint, COS_REGION, {}, credentials))


@pytest.fixture(params=["oss", "cos"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "oss":
        with running_oss(tmp_path / "data") as running:
            running.store.create_bucket("photos")
            yield World(oss(running.endpoint), running.store, ObjectRef("oss", "photos", "in/a b.jpg"), REGION)
    else:
        with running_cos(tmp_path / "data") as running_store:
            ref = ObjectRef("cos", COS_BUCKET, "in/a b.jpg")
            yield World(cos(running_store.endpoint), running_store.store, ref, COS_REGION)


@pytest.fixture(params=["oss", "cos"])
def answering(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Buckets]]:
    with scripted() as server:
        yield server, {"oss": oss, "cos": cos}[request.param](server.endpoint)


def test_an_object_would_overwrite_or_stay(world: World) -> None:
    stored = world.buckets.put(world.ref, b"jpeg")
    with pytest.raises(LabelingError):
        world.buckets.put(world.ref, b"another")
    assert world.store.path(world.ref.bucket, world.ref.key).read_bytes() == b"jpeg"
    world.buckets.delete(stored)
    world.buckets.delete(stored)
    assert world.store.object(world.ref.bucket, world.ref.key) is None


def test_a_picture_would_not_be_called_a_jpeg(world: World) -> None:
    world.buckets.put(world.ref, b"jpeg")
    stored = world.store.object(world.ref.bucket, world.ref.key)
    assert stored is not None
    assert stored.headers["content-type"] == "image/jpeg"


def test_a_bucket_would_be_in_no_region_or_have_versions(world: World) -> None:
    assert world.buckets.region(world.ref.bucket) == world.region
    assert world.buckets.versioning(world.ref.bucket) == ""
    assert world.buckets.retention(world.ref.bucket) == ""
    assert world.buckets.routing_tags(world.ref.bucket) == ()


def test_a_bucket_that_is_not_there_would_pass_for_one(world: World) -> None:
    absent = replace(world.ref, bucket="absent-1250000000")
    for call in (world.buckets.region, world.buckets.versioning, world.buckets.retention):
        with pytest.raises(NoBucket):
            call(absent.bucket)
    with pytest.raises(NoBucket):
        world.buckets.put(absent, b"jpeg")


def test_a_version_would_not_be_removed(answering: tuple[Server, Buckets]) -> None:
    server, buckets = answering
    versions = {"x-oss-version-id": "v1", "x-cos-version-id": "v1", "ETag": '"A"'}
    server.will(Answer(200, versions), Answer(204))
    stored = buckets.put(ObjectRef("any", COS_BUCKET, "a.jpg"), b"jpeg")
    assert stored.version == "v1"
    buckets.delete(stored)
    assert server.asked[-1].query == {"versionId": ["v1"]}
