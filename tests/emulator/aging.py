"""An emulator whose clock a test moves through its control path, by days or up to a moment."""

from __future__ import annotations

import json
import time
from typing import Any

from emulator.core.clock import Clock
from tests.emulator.running import RunningServer

DAY = 86400


class Days:
    """A clock whose real time stands still, at the moment at which the test began. Clients sign with that time."""

    def __init__(self) -> None:
        begins = float(int(time.time()))
        self.clock = Clock(real=lambda: begins)

    @property
    def now(self) -> float:
        return self.clock()

    def due(self, days: int, midnight: int = 0) -> float:
        """Return when an action is due that counts so many days from now."""
        return (self.now - midnight + DAY - 1) // DAY * DAY + midnight + days * DAY

    def go_to(self, running: RunningServer, moment: float) -> dict[str, int]:
        """Move the clock to this moment. Return what the lifecycle did then in the store that is tested."""
        done = move(running, {"seconds": moment - self.now})["done"]
        (counts,) = (counts for name, counts in done.items() if not name.endswith("inventories"))
        return dict(counts)

    def later(self, running: RunningServer, days: float) -> dict[str, int]:
        return self.go_to(running, self.now + days * DAY)


def move(running: RunningServer, body: Any) -> dict[str, Any]:
    """Move the emulator's clock as the control path takes it, and return its answer."""
    status, _, answer = running.raw("POST", "/_emulator/clock", body=json.dumps(body).encode())
    told: dict[str, Any] = json.loads(answer)
    return {**told, "status": status}
