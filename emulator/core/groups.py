"""Ends a process that was started as the leader of a group, with everything in its group."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Protocol


class Leader(Protocol):
    """A process that we have started. Its group has its number."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None: ...


def kill_group(leader: Leader) -> None:
    """Kill the process and everything in its group, but no stranger.

    The system gives away the number of a process that has ended once nothing of its group is left. So if our process
    has ended, but there is one of its number, then the group of that number is not ours.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if leader.returncode is None or not _exists(leader.pid):
            os.killpg(leader.pid, signal.SIGKILL)


def _exists(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
