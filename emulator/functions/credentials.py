"""The temporary keys of one process of a function, which are renewed in time."""

from __future__ import annotations

import time
from collections.abc import Callable

from emulator.core.parts import Key, Worker

Issue = Callable[[float, Worker], Key]
"""Makes a temporary key that is valid for so many seconds, for a process of a function."""


class Credentials:
    """Gives the process the same key until half of its time is over, or until a fault has ended it."""

    def __init__(self, issue: Issue, seconds: float, function: str) -> None:
        self.worker = Worker(function)
        self.renewal = 0.0
        self._issue, self._seconds = issue, seconds
        self._key: Key | None = None

    def key(self) -> Key:
        now = time.time()
        if self._key is None or self.worker.key_ended or now >= self.renewal:
            self.worker.key_ended = False
            self._key = self._issue(self._seconds, self.worker)
            self.renewal = now + self._seconds / 2
        return self._key

    def invoked(self, request_id: str) -> None:
        """Note which invocation sends the requests from now on."""
        self.worker.request_id = request_id
        self.worker.counts.clear()
