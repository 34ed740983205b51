"""The log of a function: a file in the data folder and, with --verbose, the emulator's own error output."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

TAIL = 4096
"""A client may ask for so many of the last bytes of an invocation. The pages of both clouds on their APIs say 4 KB."""
WAIT = 5.0
"""The last line of an invocation may come so many seconds after its answer."""


class Tail:
    """The last bytes that an invocation writes. `end` is its last line."""

    def __init__(self, end: str) -> None:
        self.text = b""
        self._end = end
        self._ended = asyncio.Event()

    def add(self, line: str) -> None:
        self.text = (self.text + line.encode("utf-8", "replace") + b"\n")[-TAIL:]
        if line == self._end:
            self._ended.set()

    async def complete(self) -> None:
        """Wait for the last line, but not for long: a function that closes its output never writes it."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._ended.wait(), WAIT)


class FunctionLog:
    """The lines that the function writes, each with the time in UTC and the request to which it belongs."""

    def __init__(self, path: Path, verbose: bool = False) -> None:
        self._file = path.open("a", encoding="utf-8", errors="backslashreplace")
        self._verbose, self._name = verbose, path.stem
        self._tails: dict[str, Tail] = {}

    def write(self, request_id: str, line: str) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        self._file.write(f"{now} {request_id} {line}\n")
        self._file.flush()
        if self._verbose:
            print(f"{self._name} {request_id} {line}", file=sys.stderr, flush=True)

        if (tail := self._tails.get(request_id)) is not None:
            tail.add(line)

    @contextlib.contextmanager
    def tail(self, request_id: str, end: str) -> Iterator[Tail]:
        """Collect the last bytes of an invocation, whose last line is `end`, while the block runs."""
        tail = self._tails[request_id] = Tail(end)
        try:
            yield tail
        finally:
            del self._tails[request_id]

    def close(self) -> None:
        self._file.close()
