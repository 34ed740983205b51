"""A write of tags whose body comes after its signature has expired: a store may accept or refuse it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.oss.objects import OssObjects
from imagelabels.providers.tencent.cos.client import CosBuckets
from imagelabels.providers.tencent.cos.objects import CosObjects
from imagelabels.providers.tencent.credentials import TencentCredentials, TencentKeys
from tests.emulator.running import COS_BUCKET, COS_REGION, REGION, ROOT, running_cos, running_oss

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

BODY = b"<Tagging><TagSet><Tag><Key>k</Key><Value>late</Value></Tag></TagSet></Tagging>"
EARLY = {"k": "early"}


class CountingClock:
    """The store's clock, which tells how often it was read."""

    def __init__(self) -> None:
        self.ahead, self.looks = 0.0, 0
        self.looked = threading.Condition()

    def __call__(self) -> float:
        with self.looked:
            self.looks += 1
            self.looked.notify_all()
        return time.time() + self.ahead

    def wait_for(self, looks: int) -> None:
        with self.looked:
            self.looked.wait_for(lambda: self.looks >= looks)


class Store:
    """A store of one cloud with an object, our adapter for it, and a signed request that is written by hand."""

    def __init__(
        self, adapter: Any, ref: ObjectRef, head: Callable[[], bytes], port: int, clock: CountingClock
    ) -> None:
        self.adapter, self.ref, self.port, self.clock, self._head = adapter, ref, port, clock, head

    def looks_of_a_check(self) -> int:
        """Return how often a store that checks once reads its clock for a write of tags."""
        before = self.clock.looks
        self.adapter.put_tags(self.ref, EARLY, time.time() + 60, time.time() + 60)
        return self.clock.looks - before

    def writes_late(self, looks: int) -> int:
        """Return the status of a write whose head is checked in time, and whose body comes after the signature ends."""
        with socket.create_connection(("127.0.0.1", self.port)) as wire:
            before = self.clock.looks
            wire.sendall(self._head())
            self.clock.wait_for(before + looks)
            self.clock.ahead = 120.0
            wire.sendall(BODY)
            return int(wire.recv(65536).split()[1])


def oss(folder: Path, clock: CountingClock, when: str, stack: ExitStack) -> Store:
    running = stack.enter_context(running_oss(folder, clock=clock, tag_signature=when))
    user = running.bucket("photos", "v4")
    user.create_bucket()
    user.put_object("a.jpg", b"x")
    adapter = OssObjects(running.endpoint, REGION, AliyunCredentials(AliyunKeys(ROOT.id, ROOT.secret)))
    stack.callback(adapter.close)

    def head() -> bytes:
        url = urlsplit(user.sign_url("PUT", "a.jpg", 60, params={"tagging": ""}))
        return request(f"{url.path}?{url.query}", running.address)

    return Store(adapter, ObjectRef("oss", "photos", "a.jpg"), head, running.server.port, clock)


def cos(folder: Path, clock: CountingClock, when: str, stack: ExitStack) -> Store:
    running = stack.enter_context(running_cos(folder, clock=clock, tag_signature=when))
    running.client().put_object(COS_BUCKET, b"x", "a.jpg")
    adapter = CosObjects(
        CosBuckets(running.endpoint, COS_REGION, {}, TencentCredentials(TencentKeys(ROOT.id, ROOT.secret)))
    )
    stack.callback(adapter.close)

    def head() -> bytes:
        url = urlsplit(running.signed_url("PUT", "a.jpg", 60, {"tagging": ""}))
        return request(f"{url.path}?{url.query}", running.host())

    return Store(adapter, ObjectRef("cos", COS_BUCKET, "a.jpg"), head, running.server.port, clock)


def request(target: str, host: str) -> bytes:
    return f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()


@pytest.mark.parametrize(("when", "status", "value"), [("head", 200, "late"), ("end", 403, "early")])
@pytest.mark.parametrize("cloud", [oss, cos])
def test_a_body_that_comes_late_is_written_or_refused_as_the_switch_says(
    tmp_path: Path, cloud: Callable[..., Store], when: str, status: int, value: str
) -> None:
    with ExitStack() as stack:
        looks = cloud(tmp_path / "once", CountingClock(), "head", stack).looks_of_a_check()
        store = cloud(tmp_path / "store", CountingClock(), when, stack)
        store.adapter.put_tags(store.ref, EARLY, time.time() + 60, time.time() + 60)
        assert store.writes_late(looks) == status
        assert store.adapter.tags(store.ref) == {"k": value}
