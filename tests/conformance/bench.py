"""Two emulators for tests. One stands for the real account, and a test can change its answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from aiohttp import web

from emulator.aliyun.account import REGION as OSS_REGION
from emulator.aliyun.oss.service import OssService
from emulator.core.keyring import Keyring
from emulator.core.server import Answer, Around, Server
from emulator.objectstore.store import ObjectStore
from emulator.tencent.account import REGION as COS_REGION
from emulator.tencent.cos.service import CosService
from tests.conformance import cleaning
from tests.conformance.__main__ import main
from tests.conformance.emulated import BUCKETS, Emulated
from tests.conformance.facts import Reply
from tests.conformance.side import Side
from tests.conformance.spending import Spending
from tests.conformance.stores import Keys, Request, Store
from tests.emulator.running import ROOT

PREFIX = "try/"
KEYS = Keys(ROOT.id, ROOT.secret)
ENVIRONMENT = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": ROOT.id,
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ROOT.secret,
    "TENCENTCLOUD_SECRETID": ROOT.id,
    "TENCENTCLOUD_SECRETKEY": ROOT.secret,
}
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


@dataclass
class Between:
    """Stands between a side and its store. `before` sees each request, and may answer it instead, or raise."""

    store: Store
    before: Callable[[Request], Reply | None]

    def send(self, request: Request) -> Reply:
        return self.before(request) or self.store.send(request)

    def source(self, bucket: str) -> str:
        return self.store.source(bucket)

    def close(self) -> None: ...


def arguments(both: Bench, *more: str, cloud: str = "aliyun") -> list[str]:
    """Return the arguments with which the program asks the bench."""
    region = OSS_REGION if cloud == "aliyun" else COS_REGION
    to = ["--endpoint", both.account.address, "--cloud", cloud, "--region", region, "--bucket", BUCKETS[cloud][0]]
    return [*to, "--prefix", PREFIX, "--emulator", both.emulator.address, *more]


def run(both: Bench, *more: str, cloud: str = "aliyun") -> tuple[int, str]:
    """Run the program, and return its status and what it said."""
    lines = list[str]()
    status = main(arguments(both, *more, cloud=cloud), ENVIRONMENT, lines.append)
    return status, "\n".join(lines)


def left(both: Bench, cloud: str = "aliyun") -> list[str]:
    """Return the keys that the account has below the prefix."""
    return [leftover.key for leftover in cleaning.look(both.account.side(cloud, PREFIX, both.stack)).leftovers]


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    spoiler = Spoiler()
    with ExitStack() as stack:
        account = stack.enter_context(stores(folder / "account", spoiler.around))
        emulator = stack.enter_context(stores(folder / "emulator"))
        yield Bench(account, emulator, spoiler, stack)
