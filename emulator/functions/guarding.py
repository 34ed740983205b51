"""Tells the guard, a process of its own, which processes of functions must not outlive the emulator."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from emulator.functions import guard


class Guard:
    """The guard's process, which is started for the first function and begins anew if somebody has ended it."""

    def __init__(self) -> None:
        self._groups: set[int] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start the guard unless it runs. A process that is started after this is soon watched."""
        if self._process is None or self._process.poll() is not None:
            self._start()

    def watch(self, group: int) -> None:
        """Let this process group end with the emulator."""
        self._groups.add(group)
        self._tell("+", [group])

    def forget(self, group: int) -> None:
        """Leave the group alone, which is gone: another process may get its number."""
        self._groups.discard(group)
        self._tell("-", [group])

    def close(self) -> None:
        """End the guard, which ends whatever it still watches."""
        if self._process is not None:
            self._process.communicate()

    def _tell(self, change: str, groups: Iterable[int]) -> None:
        self.begin()
        self._write(change, groups)

    def _write(self, change: str, groups: Iterable[int]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write("".join(f"{change}{group}\n" for group in groups).encode())
        except BrokenPipeError:  # It has just been ended, and the next call begins it anew.
            self._process.wait()

    def _start(self) -> None:
        """Start the guard, and tell it of all groups that an earlier one watched."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(guard.__file__).resolve())],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._write("+", self._groups)


GUARD = Guard()
"""The guard of this process."""
atexit.register(GUARD.close)
