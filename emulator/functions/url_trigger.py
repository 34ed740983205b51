"""Defines what a platform does with a request to the URL of a function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from emulator.core.http_request import HttpRequest, read_body
from emulator.core.keyring import Keyring
from emulator.core.refusal import Refusal
from emulator.functions.function import Answer, Function
from emulator.functions.web import WebRequest

# Unproven seconds-of-body: The body of a request to the URL of a function has to come within a minute.
# Why: no page has a limit.
# Ask: POST to the URL of a function with Content-Length 100, send one byte every 10 seconds, and wait for the answer.
BODY_SECONDS = 60.0
"""The body of a request has to come within so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlCall:
    """One request to the URL of a function.

    `raw_path` is the path below the URL as the client wrote it, and `path` is the same decoded. `own_host` tells
    whether the client used the host name that the URL has at the vendor.
    """

    asked: HttpRequest
    raw_path: str
    path: str
    own_host: bool
    function: Function
    keyring: Keyring
    clock: Callable[[], float]
    invoke: Callable[[bytes, WebRequest | None], Awaitable[Answer]]
    """Invokes the function with an event, or with a request if the function serves HTTP. It may raise Busy."""
    enqueue: Callable[[bytes], str]
    """Puts an event into the function's queue, and returns the request id."""
    body_seconds: float = BODY_SECONDS

    async def body(self, largest: int, too_large: Refusal, incomplete: Refusal) -> bytes:
        """Return the body of the request. It is `incomplete` too if it does not come in time."""
        length = self.asked.header("content-length")
        if length.isdigit() and (len(length) > len(str(largest)) or int(length) > largest):
            raise too_large
        reading = read_body(self.asked.request, largest, too_large, incomplete)
        try:
            return await asyncio.wait_for(reading, self.body_seconds)
        except asyncio.TimeoutError:
            raise incomplete from None


class UrlTrigger(Protocol):
    """The trigger of one function that clients call over HTTP."""

    @property
    def host(self) -> str:
        """The host name of the URL at the vendor. Its first part is unique in the emulator."""

    async def answer(self, call: UrlCall) -> web.Response:
        """Answer a request. The trigger checks its signature, and it turns failures into the platform's answers."""
