"""Faults between a client and the emulator, for the `around` of a server."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque

from aiohttp import web

from emulator.aliyun.tablestore.refusal import STATUS, render
from emulator.core.server import Answer, Around


class Faults:
    """Spoils the next calls of a path, such as /PutRow, and lets all other calls pass."""

    def __init__(self) -> None:
        self._planned: defaultdict[str, deque[Around]] = defaultdict(deque)

    def next(self, path: str, fault: Around, times: int = 1) -> None:
        self._planned[path].extend([fault] * times)

    async def __call__(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        planned = self._planned[request.path]
        return await (planned.popleft()(request, answer) if planned else answer(request))


def refused(code: str) -> Around:
    """Answer with the error of Tablestore that has this code. The operation is not done."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        await request.read()
        return web.Response(status=STATUS.get(code, 400), body=render(code, "as planned"))

    return fault


async def lost(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The operation is done, and the connection ends without an answer."""
    response = await answer(request)
    assert request.transport is not None
    request.transport.abort()
    return response


async def cut(request: web.Request, answer: Answer) -> web.StreamResponse:
    """The operation is done, and the connection ends in the middle of the answer's body."""
    whole = await answer(request)
    assert isinstance(whole, web.Response)
    assert isinstance(whole.body, bytes)
    part = web.StreamResponse(status=whole.status, headers=whole.headers)
    part.content_length = len(whole.body)
    await part.prepare(request)
    await part.write(whole.body[: len(whole.body) // 2])
    assert request.transport is not None
    request.transport.close()
    return part


def late(seconds: float) -> Around:
    """The operation is done, and the answer comes so many seconds later."""

    async def fault(request: web.Request, answer: Answer) -> web.StreamResponse:
        response = await answer(request)
        await asyncio.sleep(seconds)
        return response

    return fault
