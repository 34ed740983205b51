"""Whom the end of a process ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass

from emulator.core.groups import kill_group

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(3600)"]


@dataclass(frozen=True)
class Ended:
    """A process that has ended, and whose number may belong to another."""

    pid: int
    returncode: int = 0


def test_a_stranger_who_has_the_number_of_a_process_that_ended_long_ago_would_be_killed() -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as stranger:
        kill_group(Ended(stranger.pid))
        try:
            assert stranger.poll() is None
        finally:
            stranger.terminate()
    assert stranger.returncode == -signal.SIGTERM


def test_a_process_would_outlive_its_group() -> None:
    with subprocess.Popen(SLEEP, start_new_session=True) as process:
        kill_group(process)
    assert process.returncode == -signal.SIGKILL


def test_what_a_process_has_started_would_outlive_it() -> None:
    # The pipe ends when the last process is gone that has its other end open.
    ours, theirs = os.pipe()
    source = f"import subprocess; subprocess.Popen({SLEEP}, pass_fds=({theirs},))"
    command = [sys.executable, "-c", source]
    with subprocess.Popen(command, start_new_session=True, pass_fds=(theirs,)) as process:
        os.close(theirs)
    kill_group(process)
    assert os.read(ours, 1) == b""
    os.close(ours)


def test_the_end_of_a_group_that_is_gone_would_be_a_fault() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], start_new_session=True) as process:
        pass
    kill_group(process)
