"""Holds a function to its memory.

The service gives each instance a control group, which an emulator that does not run as root cannot make. A limit of the
address space (RLIMIT_AS) would be another thing: numpy and onnxruntime map far more than they use, and would fail on a
limit that they keep on the service. So the emulator looks at the resident memory of all processes of the instance while
a call is under way, and ends them when they hold too much. A call may be over before the emulator looks. Then the peak
that the process itself tells decides, so that the outcome does not depend on the speed of the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Coroutine
from typing import Any

PERIOD = 0.1
"""The emulator looks after so many seconds."""
MB = 1024 * 1024

Reply = tuple[dict[str, Any], bytes]


class OutOfMemory(Exception):
    """The instance holds, or has held, more memory than its function may. `used` is in bytes."""

    def __init__(self, used: int) -> None:
        super().__init__(f"{used} bytes are used")
        self.used = used


async def watched(call: Coroutine[None, None, Reply], group: int, megabytes: int) -> Reply:
    """Return the reply to a call of a process group, or raise OutOfMemory. Then the caller has to end the group.

    On a system without /proc nothing tells the memory, so that there is no limit.
    """
    task, limit = asyncio.ensure_future(call), megabytes * MB
    try:
        while not (await asyncio.wait({task}, timeout=PERIOD))[0]:
            if (used := group_memory(group, limit)) > limit:
                raise OutOfMemory(used)
    finally:
        task.cancel()
        await asyncio.wait({task})
    reply, body = task.result()
    if (peak := int(reply.get("memory", 0))) > limit:
        raise OutOfMemory(peak)
    return reply, body


def group_memory(group: int, limit: int) -> int:
    """Return how many bytes the processes of a group hold.

    Processes that were forked share pages, which their resident memory counts several times. The share of each process
    counts them once, but the kernel takes longer to find it, so that this is done only if it may decide.
    """
    pids = _GROUPS.members(group)
    resident = sum(_figure(f"/proc/{pid}/status", "VmRSS:") for pid in pids)
    if resident <= limit or len(pids) == 1:
        return resident
    return sum(_figure(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in pids) or resident


class Groups:
    """The process groups of a system. Many calls are watched at once, so that one look at all processes serves them."""

    def __init__(self, look: Callable[[], dict[int, list[int]]], clock: Callable[[], float] = time.monotonic) -> None:
        """`look` returns the processes of every group."""
        self._look, self._clock = look, clock
        self._looked = -PERIOD
        self._members: dict[int, list[int]] = {}

    def members(self, group: int) -> list[int]:
        """Return the processes of a group, as they were at most a PERIOD ago."""
        if (now := self._clock()) - self._looked >= PERIOD or group not in self._members:
            self._looked, self._members = now, self._look()
        return self._members.get(group, [])


def _by_group() -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if name.isdigit():
                    members.setdefault(os.getpgid(int(name)), []).append(int(name))
    return members


_GROUPS = Groups(_by_group)


def _figure(path: str, name: str) -> int:
    """Return a figure in bytes, or 0 if the process has gone or the system does not tell it."""
    with contextlib.suppress(OSError), open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return 0
