"""Serves the URLs of functions: it finds the function of a request, and the function's platform answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import unquote

from aiohttp import web

from emulator.core import request_log
from emulator.core.http_request import HttpRequest, received
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.service import Host
from emulator.functions.function import Answer
from emulator.functions.running import RunningFunction
from emulator.functions.url_trigger import BODY_SECONDS, UrlCall, UrlTrigger
from emulator.functions.web import WebRequest

PREFIX = "/_functions/"
"""Below this path of the emulator's address are the URLs of all functions, each under its name. No bucket can have such
a name."""


class FunctionUrls:
    """The URLs of all functions that have one.

    A client reaches a function by the host name that its URL has at the vendor, by the first part of that name before
    the emulator's address (http://NAME-ID.localhost:9000/), or by the path /_functions/NAME/.
    """

    def __init__(
        self,
        functions: Sequence[RunningFunction],
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        """Serve the functions, which may be added later. A body may take `body_seconds` to come."""
        self._functions, self._keyring, self._clock, self._body_seconds = functions, keyring, clock, body_seconds

    @property
    def host_names(self) -> str:
        return ", ".join(trigger.host for _, trigger in self._all())

    def owns(self, host_name: str) -> bool:
        return self._by_host(host_name.partition(":")[0]) is not None

    def recognises(self, request: web.Request, host: Host) -> bool:
        if host.label:
            return self._by_label(host.label) is not None
        return request.raw_path.startswith(PREFIX)

    async def answer(self, request: web.Request, host: Host) -> web.Response:
        raw_path = request.raw_path.partition("?")[0]
        if host.address and not host.label:
            name, _, rest = raw_path[len(PREFIX) :].partition("/")
            named, raw_path = self._named(unquote(name)), f"/{rest}"
            if named is None:
                return _unknown(name)
        else:
            named = self._by_label(host.label) if host.label else self._by_host(host.name.partition(":")[0])
        assert named is not None
        function, trigger = named
        OPERATION.set("Function URL")
        request_id = str(uuid.uuid4())
        service, subject = f"{function.deployed.platform.name.upper()} URL", function.deployed.function.name + raw_path
        request_log.note(service, lambda: subject, request_id)
        _, asked = received(request, request_id)
        return await trigger.answer(self._call(function, asked, raw_path, not host.address))

    def _call(self, function: RunningFunction, asked: HttpRequest, raw_path: str, own_host: bool) -> UrlCall:
        return UrlCall(
            asked=asked,
            raw_path=raw_path,
            path=unquote(raw_path, errors="replace"),
            own_host=own_host,
            function=function.deployed.function,
            keyring=self._keyring,
            clock=self._clock,
            invoke=partial(_invoked, function, asked.request_id),
            enqueue=partial(_enqueued, function),
            body_seconds=self._body_seconds,
        )

    def _all(self) -> list[tuple[RunningFunction, UrlTrigger]]:
        return [(each, each.deployed.url) for each in self._functions if each.deployed.url is not None]

    def _by_host(self, host: str) -> tuple[RunningFunction, UrlTrigger] | None:
        return next((pair for pair in self._all() if pair[1].host == host), None)

    def _by_label(self, label: str) -> tuple[RunningFunction, UrlTrigger] | None:
        return next((pair for pair in self._all() if pair[1].host.partition(".")[0] == label), None)

    def _named(self, name: str) -> tuple[RunningFunction, UrlTrigger] | None:
        return next((pair for pair in self._all() if pair[0].deployed.function.name == name), None)


def _unknown(name: str) -> web.Response:
    reason = f"No function with a URL is called {name[:100]}."
    request_log.note("Function URL", lambda: f"{PREFIX}{name}", "")
    request_log.note_reason(reason)
    return web.Response(status=404, text=f"{reason}\n")


def _enqueued(function: RunningFunction, event: bytes) -> str:
    request_id = function.queue.enqueue(event)
    request_log.note_request_id(request_id)
    return request_id


async def _invoked(function: RunningFunction, request_id: str, event: bytes, request: WebRequest | None) -> Answer:
    return await function.runtime.invoke_now(event, request_id, request=request)
