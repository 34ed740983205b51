"""The emulator's HTTP server: it gives each request to one of its services, and it has control paths of its own."""

from __future__ import annotations

import asyncio
import http
import ipaddress
import logging
import os
import re
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from emulator.core import request_log
from emulator.core.admission import FAULTS, Faults
from emulator.core.call_log import CallLog, call_page
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.request_log import Notes, RequestLog
from emulator.core.service import LABEL, Host, Service
from emulator.core.web_request import HeldRequest

Control = Mapping[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]
"""The handlers of control paths, by method and by the path below /_emulator/."""
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
FaultsOf = Callable[[HeldRequest, Notes], Faults]
"""Makes what spoils one request."""
Around = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]
"""Stands between the network and the services: it may answer itself, wait, or spoil the answer of a service."""

PREFIX = "/_emulator/"
STOP_SECONDS = 2.0
"""A request that is under way when the server stops may go on for so many seconds. Its body may never end."""
LOCAL_ORIGIN = re.compile(rf"https?://(?:127\.0\.0\.1|(?:{LABEL}\.)?localhost|\[::1\])(?::[0-9]{{1,5}})?")
"""The origin of a page of this machine. Browsers look for no name below localhost elsewhere (RFC 6761)."""

LONGEST_HOST = 100
"""A refusal shows so many characters of the host name that it refuses."""

LONGEST_PATH = 200
"""A refusal shows so many characters of a control path that there is not."""

LOG = logging.getLogger(__name__)


def _without_traceback(record: logging.LogRecord) -> bool:
    """Remove the traceback from a line about a request that is not HTTP, which is the mistake of its sender."""
    if record.exc_info and record.exc_info[0] and isinstance(record.exc_info[1], HttpProcessingError):
        # The text of the error stays out of the log: it quotes the request, which may hold a signature.
        record.msg, record.args = "a request is no HTTP that can be read: %s", (record.exc_info[0].__name__,)
        record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
    return True


LOG.addFilter(_without_traceback)


class Server:
    """An HTTP server on a loopback address. With `port` 0 it takes a free port, which the attribute then tells."""

    def __init__(
        self,
        services: Sequence[Service],
        *,
        control: Control | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        around: Around | None = None,
        requests: RequestLog | None = None,
        faults: FaultsOf | None = None,
    ) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the emulator binds to loopback only, not to {host}")
        self.host, self.port = host, port
        self._services = services
        self._around = around
        self._requests = requests or RequestLog("none", lambda line: None)
        self._faults = faults
        self._calls = CallLog()
        self._control = {("GET", "health"): _health, ("GET", "calls"): self._tell_calls, **(control or {})}
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen for requests. OSError if the port is taken."""
        # There is no aiohttp application here, because its router would decode the path. Bodies are not decompressed:
        # an object may be gzipped, and is kept as it comes.
        server = web.Server(
            self._logged,
            request_factory=_request,
            access_log=None,
            auto_decompress=False,
            max_line_size=65536,
            logger=LOG,
        )
        runner = web.ServerRunner(server, shutdown_timeout=STOP_SECONDS)
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
        """Run the server in a thread with an event loop of its own, until the end of the block."""
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
            loop.run_until_complete(_cancelled(asyncio.all_tasks(loop)))
            loop.close()

    async def _logged(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, and tell the log how it ended."""
        assert isinstance(request, HeldRequest)
        notes = request_log.begin(lambda: request.raw_path.partition("?")[0])
        response = await self._answer(request, notes)
        self._requests.answered(request.method, response.status, notes)
        return response

    async def _answer(self, request: HeldRequest, notes: Notes) -> web.StreamResponse:
        host = Host.read(request.headers.get("Host", ""))
        if (refusal := self._refusal(request, host)) is not None:
            return _noted(refusal)
        if host.address and not host.label and request.raw_path.startswith(PREFIX):
            return _noted(await self._controlled(request))
        if request.headers.get("Expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")

        async def serve(request: web.Request) -> web.StreamResponse:
            for service in self._services:
                if service.recognises(request, host) if host.address else service.owns(host.name):
                    return await service.answer(request, host)
            return _noted(web.Response(status=404, text="No service of the emulator takes this request.\n"))

        OPERATION.set("")
        began, status = time.time(), 0
        FAULTS.set(faults := self._faults(request, notes) if self._faults else None)
        try:
            response = await (self._around(request, serve) if self._around else serve(request))
            status = response.status
            return await faults.answered(response) if faults is not None else response
        finally:
            self._calls.add(began, time.time(), OPERATION.get(), status, notes)

    def _refusal(self, request: web.Request, host: Host) -> web.Response | None:
        """Return the answer to a request that no service may see, else None.

        A host name that is neither this machine's nor a service's would be a web page that made its own name point
        here (DNS rebinding).
        """
        if not host.address and not any(service.owns(host.name) for service in self._services):
            return web.Response(status=403, text=self._known_hosts(host.name))
        if _of_foreign_page(request, host.name):
            return web.Response(status=403, text="The emulator does not answer to web pages of other sites.\n")
        if not request.raw_path.startswith("/"):
            return web.Response(status=400, text="The request target must be a path: the emulator is no proxy.\n")
        return None

    def _known_hosts(self, asked: str) -> str:
        names = [service.host_names for service in self._services if service.host_names]
        own = f", and to {', '.join(names)}" if names else ""
        local = "127.0.0.1, localhost and [::1] only, with or without a bucket's name before them"
        received = request_log.shown(asked, LONGEST_HOST)
        return f"The request has the host name {received!r}. The emulator answers to {local}{own}.\n"

    async def _tell_calls(self, request: web.Request) -> web.Response:
        """Tell how often each operation was requested since the start, with a key that a service knows.

        With parameters, tell the newest calls one by one.
        """
        if not request.query_string:
            return web.json_response(dict(sorted(self._calls.counts.items())))
        try:
            since, limit, detected = call_page(request.query)
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._calls.page(since, limit, detected))

    async def _controlled(self, request: web.Request) -> web.Response:
        if "Origin" in request.headers:
            return web.json_response({"error": "web pages may not control the emulator"}, status=403)
        path = request.raw_path[len(PREFIX) :].partition("?")[0]
        if (request.method, path) == ("GET", ""):
            return web.json_response({"paths": sorted(f"{method} {known}" for method, known in self._control)})
        handler = self._control.get((request.method, path))
        if handler is not None:
            return await handler(request)
        methods = sorted(method for method, known in self._control if known == path)
        if methods:
            error = f"{path} takes {' or '.join(methods)}"
            return web.json_response({"error": error}, status=405, headers={"Allow": ", ".join(methods)})
        return web.json_response({"error": _unknown_path(path, self._control)}, status=404)


def _unknown_path(path: str, control: Control) -> str:
    """Say what there is instead of a control path: the names that may follow the part of it that is right."""
    places = {tuple(known.split("/")) for _, known in control}
    parts = tuple(path[:LONGEST_PATH].split("/"))
    right = max(n for n in range(len(parts)) if any(place[:n] == parts[:n] for place in places if len(place) > n))
    below = "".join(f"{part}/" for part in parts[:right])
    names = sorted({place[right] for place in places if place[:right] == parts[:right] and len(place) > right})
    return f"there is no control path {'/'.join(parts)}; below {PREFIX}{below} there are {', '.join(names)}"


def _noted(response: web.Response) -> web.Response:
    """Note for the log why a request that no service has answered is refused."""
    if response.status >= 400:
        reason = response.text or ""
        request_log.note_refusal(Refusal(http.HTTPStatus(response.status).phrase), reason.strip())
    return response


def _of_foreign_page(request: web.Request, host: str) -> bool:
    """Tell whether a browser sends this request for a web page that is neither of this machine nor of `host`.

    Everybody knows the default key, so such a page could sign what it likes. Clients that are not browsers send none of
    these headers. Browsers send no Origin for the pictures of a page, but a Referer, which a page cannot forge.
    """
    origins = request.headers.getall("Origin", [])
    if not origins and request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site":
        origins = ["/".join(request.headers.get("Referer", "").split("/")[:3])]
    own = f"http://{host}"
    return not all(LOCAL_ORIGIN.fullmatch(origin.lower()) or origin.lower() == own for origin in origins)


async def _cancelled(tasks: Collection[asyncio.Task[Any]]) -> None:
    """End the handlers of connections whose clients left a moment ago, which the handlers do not know yet."""
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
    return HeldRequest(message, payload, protocol, writer, task, task.get_loop())


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok", "process": os.getpid()})
