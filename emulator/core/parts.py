"""The values that the parts of the emulator exchange."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True, eq=False)
class Worker:
    """A process of a function. It signs requests with a temporary key of its own."""

    function: str
    pid: int = 0
    """The id of the process, which is that of its group too. It is 0 until the process has started."""
    alive: bool = True
    key_ended: bool = False
    """A fault has ended the key of the process before its time."""
    request_id: str = ""
    """The id of the invocation that it works on."""
    counts: Counter[object] = field(default_factory=Counter)
    """How many requests of the invocation each rule of faults has matched."""
    stops: int = 0
    """So many faults hold the process stopped. It may send several requests at once, and each may be struck."""

    def stop(self) -> None:
        """Stop the process until `go_on` was called as often."""
        self.stops += 1
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End one stop, and let the process go on if it was the last one."""
        self.stops -= 1
        if not self.stops:
            self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all that it has started, unless it has ended."""
        if self.alive and self.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


@dataclass(frozen=True, slots=True)
class Key:
    """An access key. A temporary key has a token, and `expires` in seconds since the epoch."""

    id: str
    secret: str
    token: str | None = None
    expires: float | None = None
    worker: Worker | None = field(default=None, compare=False, repr=False)
    """The process of a function to which the key was issued."""

    def expired(self, now: float) -> bool:
        return self.expires is not None and self.expires <= now


@dataclass(frozen=True, slots=True)
class Change:
    """An object was written or removed. `event` is the vendor's name without a prefix, as ObjectCreated:PutObject."""

    event: str
    bucket: str
    key: str
    etag: str
    """The ETag has no quotes."""
    size: int
    """The object's size in bytes, which is 0 for a removal."""
    delta: int
    """The size now minus the size before."""
    request_id: str
    source_ip: str
    at: float
    """When it happened, in seconds since the epoch."""
    mime_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers that are kept with the object, by their names in lower case."""
    version: str = ""
    """The id of the version, which is empty where the bucket keeps none."""
    position: int | None = None
    """The place in an object at which appended bytes begin. No other change has a position."""


OnChange = Callable[[Change], None]
"""A store calls this after a change is durable and before the client gets its answer."""

Detect = Callable[[Path], Awaitable[dict[str, object]]]
"""Returns the labels of the picture in a file: the JSON object of one line of `imagelabels detect --format json`."""

OPERATION: ContextVar[str] = ContextVar("operation", default="")
"""The operation of the current request. A service sets it, and the server counts the operations."""
