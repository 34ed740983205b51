"""The log of a function: a file in the data folder and, with --verbose, the emulator's own error output."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path


class FunctionLog:
    """The lines that the function writes, each with the time in UTC and the request to which it belongs."""

    def __init__(self, path: Path, verbose: bool = False) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._verbose = verbose

    def write(self, request_id: str, line: str) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        self._file.write(f"{now} {request_id} {line}\n")
        self._file.flush()
        if self._verbose:
            print(f"{request_id} {line}", file=sys.stderr, flush=True)

    def close(self) -> None:
        self._file.close()
