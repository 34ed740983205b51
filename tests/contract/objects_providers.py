"""This module lists the stores that must pass the contract suite of ObjectStore.

A contract.py in a folder beside this one adds more of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.contract.world import BUCKET, StoreWorld, elsewhere
from tests.emulator.running import COS_BUCKET, COS_REGION, REGION, ROOT, running_cos, running_oss
from tests.fakes import FakeClock, FakeObjects


@contextmanager
def _memory(folder: Path) -> Iterator[StoreWorld]:
    clock = FakeClock()
    objects = FakeObjects(clock)

    def ref(key: str) -> ObjectRef:
        return ObjectRef("oss", BUCKET, key)

    def tag(key: str, tags: Tags) -> None:
        objects.there[ref(key).uri].tags = dict(tags)

    yield StoreWorld(
        objects,
        lambda key, data: objects.put(ref(key), data),
        tag,
        lambda key: objects.delete(ref(key)),
        lambda: clock.store,
    )


@contextmanager
def _aliyun(folder: Path) -> Iterator[StoreWorld]:
    """Open oss2 on the emulator. We have temporary keys, as a function has; the user has those of the account."""
    with running_oss(folder) as running:
        user = running.bucket(BUCKET, "v4")
        user.create_bucket()
        key = running.keyring.issue(600)
        objects = OssObjects(running.endpoint, REGION, AliyunCredentials(AliyunKeys(key.id, key.secret, key.token)))
        running.stack.callback(objects.close)

        def tag(key: str, tags: Tags) -> None:
            OssObjects.put_tags(account, ObjectRef("oss", BUCKET, key), tags, time.time() + 60, time.time() + 60)

        account = OssObjects(running.endpoint, REGION, AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret)))
        running.stack.callback(account.close)
        yield StoreWorld(objects, user.put_object, tag, user.delete_object, time.time)


@contextmanager
def _tencent(folder: Path) -> Iterator[StoreWorld]:
    """Open cos-python-sdk-v5 on the emulator. We have temporary keys, and the user has those of the account."""
    with running_cos(folder) as running:
        user, key = running.client(), running.keyring.issue(600)
        credentials = TencentCredentials(TencentKeys(key.id, key.secret, key.token))
        objects = CosObjects(CosBuckets(running.endpoint, COS_REGION, {}, credentials))
        running.stack.callback(objects.close)

        def tag(key: str, tags: Tags) -> None:
            user.put_object_tagging(COS_BUCKET, key, {"TagSet": {"Tag": [{"Key": k, "Value": tags[k]} for k in tags]}})

        yield StoreWorld(
            objects,
            lambda key, data: user.put_object(COS_BUCKET, data, key),
            tag,
            lambda key: user.delete_object(COS_BUCKET, key),
            time.time,
            "cos",
            COS_BUCKET,
            COS_BUCKET.replace("photos", "no-such-bucket"),
        )


WORLDS: dict[str, Callable[[Path], AbstractContextManager[StoreWorld]]] = {
    "memory": _memory,
    "aliyun": _aliyun,
    "tencent": _tencent,
    **elsewhere("WORLDS"),
}
