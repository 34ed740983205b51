"""The emulator's HTTP server: the services, told apart by host and headers, and control paths below /_emulator/."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from emulator.aliyun.imm import service as imm_service
from emulator.aliyun.oss import names as oss_names
from emulator.aliyun.oss.service import Service
from emulator.aliyun.tablestore import service as tablestore_service
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION, Detect, OnChange
from emulator.objectstore.store import BUCKET_NAME, Store
from emulator.tencent.cos import names
from emulator.tencent.cos import service as cos_service

Control = Mapping[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]
"""By method and path below /_emulator/."""
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Around = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]
"""Stands between the network and the services: it may answer itself, wait, or spoil their answer."""

PREFIX = "/_emulator/"
HOST = re.compile(rf"(?:({BUCKET_NAME.pattern})\.)?((?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{{1,5}})?)")
"""A bucket's name, and the address. Another host name would be a web page that made its own name point here."""
LOCAL_ORIGIN = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?")
HOSTS = (
    "The emulator answers to 127.0.0.1, localhost and [::1] only, with or without a bucket before it, to"
    " <bucket>.oss-<region>.aliyuncs.com, and where it has them to <bucket>.cos.<region>.myqcloud.com and"
    " <instance>.<region>.ots.aliyuncs.com.\n"
)

LOG = logging.getLogger(__name__)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Keeps the traceback out of a line about a request that is no HTTP: that is its sender's mistake."""
    if record.exc_info and record.exc_info[0] and isinstance(record.exc_info[1], HttpProcessingError):
        # Not its text: that quotes the request, which may hold a signature.
        record.msg, record.args = "a request is no HTTP that can be read: %s", (record.exc_info[0].__name__,)
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


LOG.addFilter(_without_traceback)


class Server:
    """Binds to loopback only. `port` 0 takes a free one; the attribute tells which, once started."""

    def __init__(
        self,
        *,
        keyring: Keyring,
        store: Store,
        detect: Detect | None = None,
        on_change: OnChange | None = None,
        control: Control | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        region: str = "cn-hangzhou",
        cos: cos_service.Service | None = None,
        tablestore: tablestore_service.Service | None = None,
        imm: imm_service.Service | None = None,
        around: Around | None = None,
        clock: Callable[[], float] = time.time,
        tag_signature: str = "head",
    ) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the emulator binds to loopback only, not to {host}")
        self.host, self.port = host, port
        self._service = Service(store, keyring, detect, on_change, region, clock, tag_signature)
        self._cos = cos
        self._tablestore = tablestore
        self._imm = imm
        self._around = around
        self._calls: Counter[str] = Counter()
        self._control = {("GET", "health"): _health, ("GET", "calls"): self._count, **(control or {})}
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """OSError if the port is taken."""
        # Without an application: its router decodes the path. Bodies stay as they come: an object may be gzipped.
        server = web.Server(
            self._answer,
            request_factory=_request,
            access_log=None,
            auto_decompress=False,
            max_line_size=65536,
            logger=LOG,
        )
        runner = web.ServerRunner(server)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.host, self.port)
            await site.start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @contextmanager
    def running(self) -> Iterator[Server]:
        """Started in a thread with a loop of its own, stopped at the end."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.run_until_complete(_ended(asyncio.all_tasks(loop)))
            loop.close()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        assert isinstance(request, web.Request)
        name = request.headers.get("Host", "").lower()
        local = HOST.fullmatch(name)
        oss = foreign = instance = None
        if local is None:
            oss, foreign = oss_names.HOST.fullmatch(name), names.HOST.fullmatch(name) if self._cos else None
            instance = tablestore_service.HOST.fullmatch(name) if self._tablestore else None
        host = local or oss or foreign or instance
        if host is None:
            return web.Response(status=403, text=HOSTS)
        if _of_foreign_page(request):
            return web.Response(status=403, text="The emulator does not answer to web pages of other sites.\n")
        if not request.raw_path.startswith("/"):
            return web.Response(status=400, text="The request target must be a path: the emulator is no proxy.\n")
        bucket, endpoint = host[1] or "", host[2]
        if local and not bucket and request.raw_path.startswith(PREFIX):
            return await self._controlled(request)
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")

        async def serve(request: web.Request) -> web.StreamResponse:
            if self._tablestore and (instance or (local and not bucket and tablestore_service.ours(request))):
                return await self._tablestore.answer(request)
            if self._imm and local and not bucket and imm_service.ours(request):
                return await self._imm.answer(request, endpoint)
            if self._cos and (foreign or (local and not bucket and cos_service.ours(request))):
                return await self._cos.answer(request, bucket, endpoint)
            return await self._service.answer(request, bucket, endpoint)

        OPERATION.set("")
        try:
            return await (self._around(request, serve) if self._around else serve(request))
        finally:
            if operation := OPERATION.get():
                self._calls[operation] += 1

    async def _count(self, request: web.Request) -> web.Response:
        """How often each operation was asked for, by a key that a service knows, since the start."""
        return web.json_response(dict(sorted(self._calls.items())))

    async def _controlled(self, request: web.Request) -> web.Response:
        if "Origin" in request.headers:
            return web.json_response({"error": "web pages may not control the emulator"}, status=403)
        path = request.raw_path[len(PREFIX) :].partition("?")[0]
        handler = self._control.get((request.method, path))
        if handler is not None:
            return await handler(request)
        methods = sorted(method for method, known in self._control if known == path)
        if methods:
            error = f"{path} takes {' or '.join(methods)}"
            return web.json_response({"error": error}, status=405, headers={"Allow": ", ".join(methods)})
        return web.json_response({"error": f"there is no control path {path}"}, status=404)


def _of_foreign_page(request: web.Request) -> bool:
    """Whether a browser sends this for a web page of another site.

    The default key is known to everybody, so that such a page could sign what it likes. Clients that are no browsers
    send neither header; a page of this machine has a loopback origin.
    """
    origins = request.headers.getall("Origin", ())
    if origins:
        return not all(LOCAL_ORIGIN.fullmatch(origin.lower()) for origin in origins)
    return request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site"


async def _ended(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Connections that their clients left a moment ago have handlers that do not know it yet."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.Request:
    return web.Request(message, payload, protocol, writer, task, task.get_loop())


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})
