"""This benchmark starts the emulator with both clouds, and compares that with importing moto's server.

The time of the processor is told beside that of the clock, because it hardly depends on what else the machine does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 9
OURS = ("-m", "emulator", "up", "--port", "0", "--bucket", "photos", "--cos-bucket", "photos-1250000000")
MOTO = ("-c", "import moto.server; print('imported', flush=True); input()")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds by the clock and of the processor until a line is printed, and the memory at that moment."""

    clock: float
    processor: float
    megabytes: float


def report() -> Iterator[str]:
    """Yield the one line of the report."""
    rounds = []
    for _ in range(ROUNDS + 1):  # the first round fills the system's caches
        with tempfile.TemporaryDirectory() as data:
            rounds.append((_started([*OURS, "--data", data]), _started(MOTO)))
    ours, moto = zip(*rounds[1:], strict=True)
    ratio = statistics.median(mine.processor / other.processor for mine, other in rounds[1:])
    yield f"emulator, start until ready: {_told(ours)}; import of moto.server {_told(moto)}, ratio {ratio:.2f}"


def _told(starts: Sequence[Start]) -> str:
    clock, processor, megabytes = (
        statistics.median(getattr(start, name) for start in starts) for name in ("clock", "processor", "megabytes")
    )
    return f"{processor:.2f} s of the processor, {clock:.2f} s by the clock, then {megabytes:.0f} MB"


def _started(command: Sequence[str]) -> Start:
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        if not process.stdout.readline():
            raise RuntimeError(f"{' '.join(command)} did not start; see its output above")
        clock = time.perf_counter() - began
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        process.terminate()
    (resident,) = [int(line.split()[1]) for line in status if line.startswith("VmRSS:")]
    return Start(clock, (int(fields[11]) + int(fields[12])) / TICKS, resident / 1024)
