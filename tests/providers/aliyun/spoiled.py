"""An emulated Tablestore whose answers a test spoils, delays or counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from imagelabels.providers.aliyun.tablestore.client import Instance
from tests.contract.tablestore_provider import instance
from tests.fakes import FakeClock

Fault = Callable[[web.Request, Any], Any]
"""An `around` of the server for one call."""


class Spoiler:
    """Remembers the operations of all calls; the faults that are laid by are for the next calls of their operation."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.faults: list[tuple[str, Fault]] = []

    def next(self, operation: str, *faults: Fault) -> None:
        self.faults += [(operation, fault) for fault in faults]

    async def around(self, request: web.Request, serve: Any) -> web.StreamResponse:
        operation = request.path.lstrip("/")
        self.asked.append(operation)
        self.headers.append(dict(request.headers))
        for number, (of, fault) in enumerate(self.faults):
            if of == operation:
                del self.faults[number]
                answer: web.StreamResponse = await fault(request, serve)
                return answer
        answer = await serve(request)
        return answer


@contextmanager
def spoiled(folder: Path, **more: Any) -> Iterator[tuple[Instance, Spoiler, FakeClock]]:
    """An instance without tables; its pauses between two attempts pass at once."""
    spoiler, clock = Spoiler(), FakeClock()
    with instance(folder, patience=clock, around=spoiler.around, **more) as opened:
        yield opened, spoiler, clock


async def lost(request: web.Request, serve: Any) -> web.StreamResponse:
    """The call is made, and its answer never comes."""
    await serve(request)
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def cut(request: web.Request, serve: Any) -> web.StreamResponse:
    """The answer ends midway."""
    whole = await serve(request)
    answer = web.StreamResponse(status=whole.status, headers=whole.headers)
    answer.content_length = len(whole.body) + 20
    await answer.prepare(request)
    await answer.write(whole.body)
    assert request.transport is not None
    request.transport.close()
    return answer
