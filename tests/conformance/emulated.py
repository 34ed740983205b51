"""The emulator's side: one that runs already, or one that is started for the questions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from emulator.aliyun.account import REGION as OSS_REGION
from emulator.tencent.account import APPID
from emulator.tencent.account import REGION as COS_REGION
from tests.conformance import tablestore
from tests.conformance.side import Side
from tests.conformance.stores import CosStore, Keys, OssStore, Request, Store
from tests.vendor.running import emulator
from tests.vendor.suites import KEY

BUCKETS = {
    "aliyun": ("conformance", "conformance-throwaway"),
    "tencent": (f"conformance-{APPID}", f"conformance-throwaway-{APPID}"),
}


@dataclass(frozen=True, slots=True)
class Emulated:
    address: str
    keys: Keys

    def side(self, cloud: str, prefix: str, stack: ExitStack) -> Side:
        """Return the side of a cloud, whose buckets are made if they do not exist."""
        make: Callable[..., Store] = OssStore if cloud == "aliyun" else CosStore
        store = make(self.address, OSS_REGION if cloud == "aliyun" else COS_REGION, self.keys)
        stack.callback(store.close)
        for bucket in BUCKETS[cloud]:
            store.send(Request("PUT", bucket, "", {}, {}))
        return Side(store, BUCKETS[cloud][0], prefix, BUCKETS[cloud][1])

    def instance(self) -> tablestore.Instance:
        return tablestore.Instance(tablestore.client(self.address, self.keys, "conformance"))


@contextmanager
def emulated(address: str) -> Iterator[Emulated]:
    """Yield the emulator at an address, or one that is started now if the address is empty."""
    if address:
        key_id = os.environ.get("EMULATOR_ACCESS_KEY_ID", "emulator")
        yield Emulated(address, Keys(key_id, os.environ.get("EMULATOR_ACCESS_KEY_SECRET", "emulator")))
        return
    with emulator(0) as port:
        yield Emulated(f"http://127.0.0.1:{port}", Keys(KEY, KEY))
