"""An account of both clouds on the emulator, with a bucket and an index, on which a test plants faults."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from emulator.aliyun.imm.bindings import Bindings
from emulator.aliyun.imm.service import PROJECT, ImmService
from emulator.aliyun.oss.service import OssService
from emulator.aliyun.tablestore.service import TablestoreService
from emulator.aliyun.tablestore.store import RowStore
from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.core.server import Answer, Server
from emulator.objectstore.store import ObjectStore
from emulator.objectstore.stored import Stored
from emulator.tencent.cos.service import CosService
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.doctor.live import aliyun, tencent
from imagelabels.deploy.doctor.live.target import Target
from imagelabels.providers.aliyun.tablestore import index_setup
from tests.contract.tablestore_provider import has_made
from tests.deploy.doctor.live.function_control import FunctionControl
from tests.emulator.running import COS_BUCKET, COS_REGION, REGION, ROOT

INDEX = "tablestore://photos-inst"
BUCKETS = {"aliyun": "photos", "tencent": COS_BUCKET}
LOOKS = {"aliyun": aliyun.findings, "tencent": tencent.findings}

Plant = Callable[[web.Request], "web.Response | None"]
"""It answers a request in place of the service, or leaves it to the service."""


@dataclass
class Account:
    """`requests` are those that were made, each as its method and its target."""

    cloud: str
    address: str
    stores: Mapping[str, ObjectStore]
    rows: RowStore
    requests: list[str]
    headers: dict[str, str]
    """These headers take the place of those of every answer."""
    plants: list[Plant]
    lost: list[tuple[str, str]]
    keyring: Keyring
    bindings: Bindings
    functions: FunctionControl
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> ObjectStore:
        return self.stores[self.cloud]

    @property
    def bucket(self) -> str:
        return BUCKETS[self.cloud]

    def look(self, **target: Any) -> list[Finding]:
        return list(LOOKS[self.cloud](Target(**{"bucket": self.bucket, "function": "", **target}), self.environ))

    def checks(self, **target: Any) -> list[str]:
        """The names of the checks that found something."""
        return [finding.check for finding in self.look(**target)]

    def refuse(self, part: str, status: int, code: str, method: str = "", words: str = "as planted") -> None:
        """Refuse each request whose target has this part, as the store refuses."""

        def plant(request: web.Request) -> web.Response | None:
            if part not in request.raw_path or (method and request.method != method):
                return None
            body = f"<Error><Code>{code}</Code><Message>{words}</Message><RequestId>1</RequestId></Error>"
            return web.Response(status=status, text=body, content_type="application/xml")

        self.plants.append(plant)

    def lose(self, part: str, method: str) -> None:
        """Let each such request be done, and answer that the store failed."""
        self.lost.append((part, method))

    def answer(self, part: str, body: str) -> None:
        """Answer each GET whose target has this part with a document."""

        def plant(request: web.Request) -> web.Response | None:
            if part not in request.raw_path or request.method != "GET":
                return None
            return web.Response(text=body, content_type="application/xml")

        self.plants.append(plant)


@contextmanager
def account(
    folder: Path, cloud: str, lag_seconds: float = 0.0, key: tuple[str, str] = (ROOT.id, ROOT.secret)
) -> Iterator[Account]:
    """Run an account whose index is made, and whose bucket is empty."""
    requests: list[str] = []
    plants: list[Plant] = []
    headers: dict[str, str] = {}
    lost: list[tuple[str, str]] = []

    async def around(request: web.Request, answer: Answer) -> web.StreamResponse:
        requests.append(f"{request.method} {request.raw_path}")
        for plant in plants:
            if (planted := plant(request)) is not None:
                await request.read()
                return planted
        answered = await answer(request)
        answered.headers.update(headers)
        if any(part in request.raw_path and request.method == method for part, method in lost):
            return web.Response(status=500)
        return answered

    with ExitStack() as stack:
        stores = {name: ObjectStore(folder / name) for name in BUCKETS}
        has_made(index_setup.create, folder / "rows")
        rows = RowStore(folder / "rows")
        for store in stores.values():
            stack.callback(store.close)
        stack.callback(rows.close)
        for name, bucket in BUCKETS.items():
            stores[name].create_bucket(bucket)
        keyring = Keyring(Key(*key))
        imm, control = ImmService(stores["aliyun"], keyring, project=PROJECT), FunctionControl(keyring)
        imm.bindings.bound[BUCKETS["aliyun"]] = {"ProjectName": PROJECT}
        server = Server(
            [
                control,
                TablestoreService(rows, keyring, lag_seconds=lag_seconds),
                imm,
                CosService(stores["tencent"], keyring),
                OssService(stores["aliyun"], keyring),
            ],
            around=around,
        )
        stack.enter_context(server.running())
        address = f"http://127.0.0.1:{server.port}"
        environ = {
            "FC_REGION": REGION,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key[0],
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key[1],
            "TENCENTCLOUD_REGION": COS_REGION,
            "TENCENTCLOUD_SECRETID": key[0],
            "TENCENTCLOUD_SECRETKEY": key[1],
            "IMAGELABELS_INDEX": INDEX,
            **{f"IMAGELABELS_ENDPOINT_{name}": address for name in ("OSS", "COS", "IMM", "TABLESTORE", "FC")},
        }
        yield Account(
            cloud, address, stores, rows, requests, headers, plants, lost, keyring, imm.bindings, control, environ
        )


def upload(running: Account, key: str, tags: Mapping[str, str], content: bytes = b"a picture") -> None:
    """Put an object into the account's bucket, with these tags, past the cloud's checks of characters."""
    file = running.store.new_file()
    file.write_bytes(content)
    running.store.put(
        Stored(running.bucket, key, file, len(content), "E" * 32, "1", int(time.time()), "STANDARD", {}, dict(tags))
    )
