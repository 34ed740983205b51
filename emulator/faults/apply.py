"""Spoils requests as the rules say: around the effect of a request, in terms of the service that answers it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from emulator.core.admission import Admitted, FaultRefusal
from emulator.core.keyring import Keyring
from emulator.core.parts import Worker
from emulator.core.refusal import Refusal
from emulator.core.request_log import Notes
from emulator.core.web_request import HeldRequest
from emulator.faults.choosing import Choice
from emulator.faults.requests import Plan

Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Spoiling:
    """What faults need of the emulator, and of time."""

    keyring: Keyring
    clock: Callable[[], float] = time.time
    sleep: Sleep = asyncio.sleep
    tasks: set[asyncio.Future[None]] = field(default_factory=set)
    """Those that let stopped workers go on."""
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        """Let no request wait any longer, since the emulator stops."""
        self._ended.set()

    async def wait(self, seconds: float) -> None:
        """Wait so long. If the emulator stops meanwhile, raise a Refusal, so that the request has no effect."""
        waits = [asyncio.ensure_future(self.sleep(seconds)), asyncio.ensure_future(self._ended.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        if self._ended.is_set():
            raise _stopped()


class RequestFaults:
    """Spoils one request. The server makes one for each request."""

    def __init__(self, plan: Plan, around: Spoiling, request: HeldRequest, notes: Notes) -> None:
        self._plan, self._around, self._request, self._notes = plan, around, request, notes
        self._later: list[Choice] = []
        self._cut = ""
        self._body = True

    async def before(self, admitted: Admitted) -> None:
        worker = self._notes.signer.worker if self._notes.signer is not None else None
        for choice in self._plan.chosen(admitted, worker, self._around.clock()):
            self._notes.faults.append(choice.rule.do)
            await self._apply(choice, admitted, worker)

    async def _apply(self, choice: Choice, admitted: Admitted, worker: Worker | None) -> None:
        rule = choice.rule
        if rule.do in ("error", "throttle"):
            self._body = rule.body
            raise FaultRefusal(rule.code or admitted.busy, rule.status)
        if rule.do == "cut_before":
            self._end()
            raise _stopped()
        if rule.do in ("cut_after", "cut_within"):
            self._cut = rule.do.removeprefix("cut_")
        elif rule.do == "late":
            await self._delay(choice, admitted)
        elif rule.do == "expire":
            assert self._notes.signer is not None
            self._around.keyring.expire(self._notes.signer.id)
            admitted.again()
        elif rule.when == "after":
            self._later.append(choice)
        elif rule.do == "slow":
            await self._around.wait(choice.seconds)
        elif worker is not None:
            self._hit(choice, worker)
            if rule.do == "kill":
                raise _stopped()

    async def _delay(self, choice: Choice, admitted: Admitted) -> None:
        """Let the request take effect later. Its body is taken now, since its connection will not be there then."""
        await self._request.hold()
        self._cut = "after"
        if choice.rule.reply == "cut":
            self._end()
        await self._around.wait(choice.seconds)
        if choice.rule.signature == "effect":
            admitted.again()

    def _hit(self, choice: Choice, worker: Worker) -> None:
        """Send the worker the signal of a rule, and let a stopped one go on after the rule's seconds."""
        if choice.rule.do == "kill":
            worker.signal(signal.SIGKILL)
            return
        worker.stop()
        task = asyncio.ensure_future(self._go_on(choice.seconds, worker))
        self._around.tasks.add(task)
        task.add_done_callback(self._around.tasks.discard)

    async def _go_on(self, seconds: float, worker: Worker) -> None:
        try:
            with contextlib.suppress(Refusal):  # the emulator stops
                await self._around.wait(seconds)
        finally:
            worker.go_on()

    async def after(self) -> str:
        later, self._later = self._later, []
        worker = self._notes.signer.worker if self._notes.signer is not None else None
        for choice in later:
            if choice.rule.do == "slow":
                with contextlib.suppress(Refusal):  # the emulator stops, and the request has had its effect
                    await self._around.wait(choice.seconds)
            elif worker is not None:
                self._hit(choice, worker)
        if self._cut == "after":
            self._end()
        return self._cut

    async def answered(self, response: web.StreamResponse) -> web.StreamResponse:
        cut = await self.after()
        if cut == "within" and isinstance(response, web.Response) and not response.prepared:
            return await self._half(response)
        if not self._body and isinstance(response, web.Response):
            return _without_body(response)
        return response

    async def _half(self, whole: web.Response) -> web.StreamResponse:
        """Send the head of an answer and half of its body, and end the connection."""
        body = whole.body if isinstance(whole.body, bytes) else b""
        if self._request.method != "HEAD" and body:
            part = web.StreamResponse(status=whole.status, headers=whole.headers)
            part.content_length = len(body)
            await part.prepare(self._request)
            await part.write(body[: len(body) // 2])
            if self._request.transport is not None:
                self._request.transport.close()  # unlike abort, this lets what is written reach the client
            return part
        self._end()
        return whole

    def _end(self) -> None:
        if self._request.transport is not None:
            self._request.transport.abort()


def _stopped() -> Refusal:
    """Return the refusal that keeps a request from taking effect. Its client is not there to see it."""
    return FaultRefusal("InternalError", 500)


def _without_body(response: web.Response) -> web.Response:
    """Return the answer without its error document, and without headers that hold it or its code."""
    headers = response.headers.copy()
    for name in [*headers]:
        if name.lower() in ("content-type", "content-length") or name.lower().endswith(("-err", "-ec")):
            del headers[name]
    return web.Response(status=response.status, headers=headers)
