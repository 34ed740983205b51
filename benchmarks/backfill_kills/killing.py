"""Runs the command in a process group of its own, and ends the group with SIGKILL at moments that a seed chooses."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.backfill_kills.emulated import BackfillEmulator
from benchmarks.backfill_kills.options import FUNCTIONS, Options
from demo.emulated import HERE

POLL = 0.05
"""Seconds between two looks at how far the command is."""

CLOSE = 0.0005
"""Seconds between two looks for the temporary file of a checkpoint, which is there for some milliseconds."""

SETTINGS = {"oss": {"IMAGELABELS_DETECTOR": "imm", "IMAGELABELS_IMM_PROJECT": "imagelabels"}, "cos": {}}


class Command:
    """The command with its files. Each `start` is another run."""

    def __init__(self, emulator: BackfillEmulator, folder: Path, options: Options, uri: str) -> None:
        self._emulator, self._options, self._uri = emulator, options, uri
        self.report, self.checkpoint = folder / "report.jsonl", folder / "checkpoint.json"
        self._errors = folder / "stderr"
        self.part = folder / f".{self.checkpoint.name}.part"
        self.runs = 0
        self._process: Any = None

    def start(self) -> None:
        words = ["backfill", self._uri, "--yes", "--report", str(self.report), "--format", "json"]
        words += ["--checkpoint", str(self.checkpoint), "--concurrency", str(self._options.concurrency)]
        if self._options.through is not None:
            words += ["--through", self._options.through, "--function", FUNCTIONS[self._options.through]]
        environ = os.environ | self._emulator.user_settings | SETTINGS[self._options.cloud]
        later = str(self.runs * self._options.later)
        self.runs += 1
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.backfill_kills.later", later, *words],
            cwd=HERE,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=self._errors.open("ab"),
            start_new_session=True,
        )

    @property
    def runs_now(self) -> bool:
        return bool(self._process.poll() is None)

    def kill(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def kill_within_a_write(self) -> bool:
        """Kill the group while it writes a checkpoint; False if it ended by itself before.

        The group is stopped where the temporary file is seen. If the file is still there then, the write is not over.
        """
        while self.runs_now:
            if self.part.exists():
                os.killpg(self._process.pid, signal.SIGSTOP)
                _wait_until_stopped(self._process.pid)
                if self.part.exists():
                    self.kill()
                    return True
                os.killpg(self._process.pid, signal.SIGCONT)
            time.sleep(CLOSE)
        return False

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end, and return the status, what was printed, and the end of what was complained of."""
        out, _ = self._process.communicate()
        return self._process.returncode, out.decode(), self._errors.read_text()[-2000:]

    def saved(self) -> dict[str, Any]:
        """Return the checkpoint; an empty one if none was written yet."""
        try:
            read: dict[str, Any] = json.loads(self.checkpoint.read_text())
        except FileNotFoundError:
            return {"position": "", "number": 1, "report_bytes": 0}
        return read

    def lines_to_write_again(self) -> int:
        """Return how many lines of the report the checkpoint does not know."""
        if not self.report.exists():
            return 0
        return self.report.read_bytes()[self.saved()["report_bytes"] :].count(b"\n")


def _wait_until_stopped(pid: int) -> None:
    """Wait until the process is stopped, or is over. The third field of this file is its state:
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state in "TtZX":
            return
        time.sleep(CLOSE)


class Moments:
    """The moments of the kills: so many calls were made, and then a little later."""

    def __init__(self, seed: int, kills: int, contents: int) -> None:
        self._chance = random.Random(seed)
        self._after = sorted(self._chance.randrange(contents) for _ in range(kills))
        within = set(self._chance.sample(range(kills), round(kills / 4))) if kills else set()
        self._within = [number in within for number in range(kills)]

    def __iter__(self) -> Any:
        return zip(self._after, self._within, strict=True)

    def wait(self, calls: Callable[[], int], after: int, command: Command) -> None:
        """Wait until so many calls were made, and then for less than two seconds."""
        while command.runs_now and calls() < after:
            time.sleep(POLL)
        time.sleep(self._chance.uniform(0, 2))
