"""What the parts of the emulator say to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Key:
    """An access key. Temporary ones carry a token, and an end in seconds since the epoch."""

    id: str
    secret: str
    token: str | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An object was written or removed. `event` is the vendor's name without prefix, as ObjectCreated:PutObject."""

    event: str
    bucket: str
    key: str
    etag: str
    """Upper-case hex without quotes."""
    size: int
    """Bytes; 0 for a removal."""
    delta: int
    """Size now minus size before."""
    request_id: str
    source_ip: str
    at: float
    """Seconds since the epoch."""
    mime_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the uploader wants back of headers, names in lower case."""


OnChange = Callable[[Change], None]
"""Called after the change is durable and before the client gets its answer."""

Detect = Callable[[Path], Awaitable[dict[str, object]]]
"""Labels of the picture in a file: the JSON object that one line of `imagelabels detect --format json` holds."""

OPERATION: ContextVar[str] = ContextVar("operation", default="")
"""The operation that the request at hand asks for: a service tells the server, which counts them."""
