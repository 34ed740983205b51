"""Who must keep the promises of ObjectStore: a provider is added here by one line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from imagelabels.domain.model import ObjectRef, Tags
from imagelabels.ports import ObjectStore
from imagelabels.providers.aliyun.credentials import Credentials, Keys
from imagelabels.providers.aliyun.objects import OssObjects
from tests.emulator.running import REGION, ROOT, running_oss
from tests.fakes import FakeClock, FakeObjects

BUCKET = "photos"


@dataclass(frozen=True)
class World:
    """A store as we see it, what its user does to it, and its time."""

    objects: ObjectStore
    put: Callable[[str, bytes], None]
    tag: Callable[[str, Tags], None]
    delete: Callable[[str], None]
    now: Callable[[], float]
    """Seconds since the epoch, store clock."""
    store: str = "oss"

    def ref(self, key: str) -> ObjectRef:
        return ObjectRef(self.store, BUCKET, key)


@contextmanager
def _memory(folder: Path) -> Iterator[World]:
    clock = FakeClock()
    objects = FakeObjects(clock)

    def ref(key: str) -> ObjectRef:
        return ObjectRef("oss", BUCKET, key)

    def tag(key: str, tags: Tags) -> None:
        objects.there[ref(key).uri].tags = dict(tags)

    yield World(
        objects,
        lambda key, data: objects.put(ref(key), data),
        tag,
        lambda key: objects.delete(ref(key)),
        lambda: clock.store,
    )


@contextmanager
def _aliyun(folder: Path) -> Iterator[World]:
    """oss2 over the emulator, with temporary keys as a function has them; the user comes with the account's own."""
    with running_oss(folder) as running:
        user = running.bucket(BUCKET, "v4")
        user.create_bucket()
        key = running.keyring.issue(600)
        objects = OssObjects(running.endpoint, REGION, Credentials(Keys(key.id, key.secret, key.token)))
        running.stack.callback(objects.close)

        def tag(key: str, tags: Tags) -> None:
            OssObjects.put_tags(account, ObjectRef("oss", BUCKET, key), tags, time.time() + 60, time.time() + 60)

        account = OssObjects(running.endpoint, REGION, Credentials(Keys(ROOT.id, ROOT.secret)))
        running.stack.callback(account.close)
        yield World(objects, user.put_object, tag, user.delete_object, time.time)


WORLDS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {"memory": _memory, "aliyun": _aliyun}
