"""The journal of a storm: what clients did, in files of JSON lines, with the time before and after each operation."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """A key in a bucket. `bucket` is its URI, such as oss://storm."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        return f"{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a client knows that a key shows: the content of the picture, and the client's own tags."""

    content: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a client that has ended. Times are seconds since the epoch, by one clock for all clients."""

    kind: str
    """put, parts, copy, delete, remove (a version), tag, or batch (a tag by another writer)."""
    place: Place
    began: float
    ended: float
    shows: Shown | None
    """What the key shows from now on. It is None if there is no object."""
    request: str = ""
    """The id of the request that changed the object. The event names it."""
    source: str | None = None
    """The key that a copy was made of, in the same bucket."""
    read: Mapping[str, str] | None = None
    """All tags that the client saw just before it wrote tags."""
    read_began: float = 0
    """When the client began to read them. `began` is when it began to write."""
    wrote: Mapping[str, str] | None = None
    """All tags that the client wrote."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Those of its own tags that the client missed when it read them."""
    error: str = ""
    """Why the operation failed. Whoever judges does not know what its key shows."""


class Journal:
    """Appends operations to a file, from several threads."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._lock = threading.Lock()

    def write(self, operation: Operation) -> None:
        line = json.dumps(asdict(operation), ensure_ascii=False)
        with self._lock:
            self._file.write(f"{line}\n")

    def close(self) -> None:
        self._file.close()


def operations(path: Path) -> list[Operation]:
    """Read a journal, in the order in which the operations ended."""
    with path.open(encoding="utf-8") as lines:
        return sorted((_operation(json.loads(line)) for line in lines), key=lambda operation: operation.ended)


def _operation(fields: dict[str, Any]) -> Operation:
    shows = fields.pop("shows")
    place = Place(**fields.pop("place"))
    return Operation(place=place, shows=Shown(**shows) if shows is not None else None, **fields)
