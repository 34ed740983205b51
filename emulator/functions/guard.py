"""Ends the processes of functions when the emulator has ended, in whatever way.

This is a plain script, which runs in a process of its own. It reads lines from a pipe: "+PID" for a process group that
begins, and "-PID" for one that is gone. The pipe ends with the emulator, also if that was killed. Then all groups are
killed, which ends programs of custom runtimes, what they have started, and processes that are stopped.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        change, group = line[:1], int(line[1:])
        if change == b"+":
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
