"""Two emulators for tests. One stands for the real account, and a test can change its answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from aiohttp import web

from emulator.aliyun.oss.service import OssService
from emulator.core.keyring import Keyring
from emulator.core.server import Answer, Around, Server
from emulator.objectstore.store import ObjectStore
from emulator.tencent.cos.service import CosService
from tests.conformance.emulated import BUCKETS, Emulated
from tests.conformance.side import Side
from tests.conformance.spending import Spending
from tests.conformance.stores import Keys
from tests.emulator.running import ROOT

PREFIX = "try/"
KEYS = Keys(ROOT.id, ROOT.secret)
Change = Callable[[web.Request, web.Response], web.Response]


@dataclass
class Spoiler:
    """Counts the requests that arrive, and changes answers as a test plans."""

    change: Change | None = None
    before: Callable[[int], Awaitable[None]] | None = None
    """Called with the number of each request, before it is answered."""
    arrived: list[str] = field(default_factory=list)

    async def around(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        self.arrived.append(f"{request.method} {request.raw_path}")
        if self.before is not None:
            await self.before(len(self.arrived))
        response = await answer(request)
        if self.change is None or response.prepared or not isinstance(response, web.Response):
            return response
        return self.change(request, response)


@contextmanager
def stores(folder: Path, around: Around | None = None) -> Iterator[Emulated]:
    """Run OSS and COS over a folder, with the two buckets of each."""
    with ExitStack() as stack:
        kept = [ObjectStore(folder / "oss"), ObjectStore(folder / "cos")]
        for store, cloud in zip(kept, BUCKETS, strict=True):
            stack.callback(store.close)
            for bucket in BUCKETS[cloud]:
                store.create_bucket(bucket, "Standard" if cloud == "aliyun" else "STANDARD")
        keyring = Keyring(ROOT)
        server = Server([CosService(kept[1], keyring), OssService(kept[0], keyring)], around=around)
        stack.enter_context(server.running())
        yield Emulated(f"http://127.0.0.1:{server.port}", KEYS)


@dataclass
class Bench:
    """The two sides, for either cloud."""

    account: Emulated
    emulator: Emulated
    spoiler: Spoiler
    stack: ExitStack

    def real(self, cloud: str, requests: int = 1000, money: str = "10", throwaway: bool = True) -> Side:
        side = self.account.side(cloud, PREFIX, self.stack)
        self.spoiler.arrived.clear()
        side.spending = Spending(requests, Decimal(money))
        side.throwaway = side.throwaway if throwaway else ""
        return side

    def here(self, cloud: str) -> Side:
        return self.emulator.side(cloud, PREFIX, self.stack)


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    spoiler = Spoiler()
    with ExitStack() as stack:
        account = stack.enter_context(stores(folder / "account", spoiler.around))
        emulator = stack.enter_context(stores(folder / "emulator"))
        yield Bench(account, emulator, spoiler, stack)
