"""The two moments at which faults may strike: before the effect of a request, and between its effect and its answer.

A service calls `admitted` when it has checked who sends a request and what the request asks for. Faults strike there in
terms of the service, which turns a Refusal that is raised there into an answer of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from emulator.core import request_log
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that is about to take effect."""

    operation: str
    """The service and its operation, as the server counts them."""
    bucket: str
    key: str
    again: Callable[[], object]
    """Checks the signature and the time of the request once more, and raises the service's Refusal."""
    busy: str
    """The code with which the service refuses requests that are too many."""


class Faults(Protocol):
    """Spoils the one request that the current task answers."""

    async def before(self, admitted: Admitted) -> None:
        """Wait, raise the Refusal with which the service is to answer, or let the request pass."""

    async def after(self) -> str:
        """Return how the answer is cut: "" if it is not, `after` if nothing of it is sent, `within` if a part is."""

    async def answered(self, response: web.StreamResponse) -> web.StreamResponse:
        """Return the answer that is sent in place of that of the service."""


FAULTS: ContextVar[Faults | None] = ContextVar("faults", default=None)
"""What spoils the current request. The server sets it."""


def _no_check() -> None:
    """Do nothing: the service has nothing to check once more."""


async def admitted(
    bucket: str = "", key: str = "", again: Callable[[], object] = _no_check, busy: str = "InternalError"
) -> None:
    """Let faults strike before the effect of the current request. They may wait, or raise a Refusal."""
    if (notes := request_log.current()) is not None:
        notes.bucket, notes.key = bucket, key
    if (faults := FAULTS.get()) is not None:
        await faults.before(Admitted(OPERATION.get(), bucket, key, again, busy))


async def cut() -> str:
    """Let faults strike after the effect of the current request, and before anything of its answer is sent."""
    faults = FAULTS.get()
    return await faults.after() if faults is not None else ""


class FaultRefusal(Refusal):
    """A rule lets the service refuse a request. Without `body` the answer has no error document."""

    def __init__(self, code: str, status: int | None = None, body: bool = True) -> None:
        super().__init__(code, "A fault of the emulator, as a rule of its user wants.")
        self.status, self.body = status, body
