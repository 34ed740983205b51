"""Watches the list of calls, so that clients can act while a delivery works on their object."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from benchmarks.storm.journal import Place
from benchmarks.storm.round_trips import READ


class Watch:
    """Knows when a delivery last read the tags of each object. Its writes of the row and the tags are still to come."""

    def __init__(self) -> None:
        self._read: dict[Place, float] = {}
        self._news = threading.Condition()

    def see(self, calls: list[Mapping[str, Any]]) -> None:
        """Take calls from the list of the emulator."""
        reads = [call for call in calls if call["operation"] == READ and call["invocation"]]
        with self._news:
            for call in reads:
                self._read[Place(f"{call['service'].lower()}://{call['bucket']}", call["key"])] = call["began"]
            if reads:
                self._news.notify_all()

    def wait(self, place: Place, since: float, seconds: float) -> None:
        """Wait until a delivery has read the tags since that time, but not longer than so many seconds from now on."""
        until = time.monotonic() + seconds
        with self._news:
            while self._read.get(place, 0) < since and (left := until - time.monotonic()) > 0:
                self._news.wait(left)
