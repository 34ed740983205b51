"""A function platform in memory: it keeps the promises of the real ones, and has doors for what can go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.invocations import Failure, Reply

MOST_BYTES = 128 * 1024

DeployedFunction = Callable[[bytes], Any]
"""It takes an event, and returns what is answered as JSON."""


SECRET = "secret"


def answer(event: bytes) -> dict[str, Any]:
    """Do what the event says, as the functions do that the contract suite deploys."""
    asked = json.loads(event)
    if "touch" in asked:
        Path(asked["touch"]).touch()
    if "raise" in asked:
        raise ValueError(asked["raise"])
    return {"event": asked}


class FakeInvoker:
    """This is an Invoker of functions of this process. An enqueued event runs when a test says so."""

    def __init__(self, functions: dict[str, DeployedFunction], secret: str = SECRET) -> None:
        self._functions, self._secret = functions, secret
        self._busy: set[str] = set()
        self.events: list[bytes] = []
        self.waiting: list[tuple[str, bytes]] = []
        self.fails: list[LabelingError] = []
        """The next requests end with these errors, one each, before they reach a function."""

    def invoke(self, function: str, event: bytes) -> Reply:
        self._check(function, event)
        request_id = f"request-{len(self.events)}"
        try:
            return Reply(request_id, json.dumps(self._functions[function](event)).encode())
        except Exception as error:
            return Reply(request_id, failure=Failure(type(error).__name__, str(error)))

    def enqueue(self, function: str, event: bytes) -> str:
        self._check(function, event)
        self.waiting.append((function, event))
        return f"request-{len(self.events)}"

    def run_the_queue(self) -> None:
        while self.waiting:
            function, event = self.waiting.pop(0)
            self._functions[function](event)

    @contextmanager
    def all_instances_busy(self, function: str) -> Iterator[None]:
        self._busy.add(function)
        try:
            yield
        finally:
            self._busy.discard(function)

    def _check(self, function: str, event: bytes) -> None:
        self.events.append(event)
        if self._secret != SECRET:
            raise Misconfigured("the secret is not that of the key")
        if self.fails:
            raise self.fails.pop(0)
        if function not in self._functions:
            raise Misconfigured(f"there is no function {function!r}")
        if len(event) > MOST_BYTES:
            raise Rejected("too_large", f"the event has {len(event)} bytes")
        if function in self._busy:
            raise Unavailable("throttled", "all instances are busy")
