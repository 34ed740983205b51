"""The emulator's own clock, which a person or a test moves forward, and the work that falls due as it runs."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from aiohttp import web

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[Mapping[str, int]]]
"""Does what has fallen due, and returns how much of each kind it did."""

PERIOD = 8 * 3600
"""Due work is done at every multiple of so many seconds: midnight in UTC and midnight in China are among them."""
LOOK_AGAIN = 60.0
"""The clock looks after so many seconds of real time whether another period has begun."""
FURTHEST = 100 * 366 * 86400
"""The clock may run ahead of the real time by so many seconds."""


class Clock:
    """It gives seconds since the epoch: the real time and what it was moved forward. It never goes back.

    How far it was moved is kept in a file, so that no object has a time in the future after a restart.
    """

    def __init__(self, file: Path | None = None, real: Callable[[], float] = time.time) -> None:
        self._file, self.real = file, real
        self._work: dict[str, Work] = {}
        self.ahead = _kept(file) if file is not None else 0.0

    def __call__(self) -> float:
        return self.real() + self.ahead

    def add_work(self, name: str, work: Work) -> None:
        """Let `work` be done when the clock is moved, and at every period while the emulator runs."""
        self._work[name] = work

    def move(self, seconds: float) -> None:
        """Move the clock forward. ValueError if that is no way that it can go."""
        if not math.isfinite(seconds) or seconds < 0:
            raise ValueError("the clock goes forward only: seconds must be 0 or more")
        if self.ahead + seconds > FURTHEST:
            raise ValueError(f"the clock may run ahead by {FURTHEST} seconds, which are 100 years")
        self.ahead += seconds
        if self._file is not None:
            new = self._file.with_suffix(".new")
            new.write_text(repr(self.ahead))
            new.replace(self._file)

    async def do_work(self) -> dict[str, dict[str, int]]:
        """Do all that has fallen due, and return how much that was."""
        return {name: dict(await work()) for name, work in self._work.items()}

    async def run(self) -> None:
        """Do the work now, and again in every period, until this is cancelled."""
        done = -1
        while True:
            period = int(self() // PERIOD)
            if period != done:
                done = period
                try:
                    await self.do_work()
                except Exception:  # One failure must not end the work of all later periods.
                    log.exception("work that fell due at the beginning of a period failed")
            await asyncio.sleep(LOOK_AGAIN)


def _kept(file: Path) -> float:
    """Return how far the clock was moved before a restart. A file that does not say it counts as none."""
    try:
        ahead = float(file.read_text())
    except (FileNotFoundError, ValueError):
        return 0.0
    return ahead if 0 <= ahead <= FURTHEST else 0.0


def real_time(clock: Callable[[], float]) -> Callable[[], float]:
    """Return the clock by which signatures are judged.

    Clients sign with the real time, so a clock that was moved forward would refuse them all.
    """
    return clock.real if isinstance(clock, Clock) else clock


def routes(clock: Clock) -> Mapping[tuple[str, str], Callable[[web.Request], Awaitable[web.Response]]]:
    """Return GET clock, which tells the time, and POST clock, which takes {"seconds": 86400} or {"days": 1}."""

    def shown() -> dict[str, object]:
        now = datetime.fromtimestamp(clock(), timezone.utc)
        return {"now": f"{now:%Y-%m-%dT%H:%M:%SZ}", "ahead_seconds": clock.ahead}

    async def show(request: web.Request) -> web.Response:
        return web.json_response(shown())

    async def move(request: web.Request) -> web.Response:
        try:
            clock.move(_seconds(await request.read()))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({**shown(), "done": await clock.do_work()})

    return {("GET", "clock"): show, ("POST", "clock"): move}


def _seconds(body: bytes) -> float:
    """Read how far the clock is to be moved. ValueError if the body does not say it."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    units = {"seconds": 1, "days": 86400}
    if isinstance(value, dict) and len(value) == 1:
        ((unit, number),) = value.items()
        if unit in units and isinstance(number, int | float) and not isinstance(number, bool):
            try:
                return float(number) * units[unit]
            except OverflowError:
                return math.inf
    raise ValueError('the body must be like {"seconds": 3600} or {"days": 31}')
