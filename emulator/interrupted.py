"""Ends the program without a traceback if Ctrl-C comes while it still imports its modules.

`__main__` imports this module first, and calls `imported` when it has all of them.
"""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

STATUS = 130
"""A program that Ctrl-C has ended has this status, by the convention of shells."""


def _end(number: int, frame: FrameType | None) -> None:
    """End at once: nothing is open yet, and an exception could be swallowed by the module that is being imported."""
    os._exit(STATUS)


_IS_MAIN = threading.current_thread() is threading.main_thread()
_BEFORE = signal.signal(signal.SIGINT, _end) if _IS_MAIN else None


def imported() -> None:
    """Let Ctrl-C do what it did before."""
    if _IS_MAIN:
        signal.signal(signal.SIGINT, _BEFORE)
