"""This benchmark compares the embedded detector with eager PyTorch, and measures its memory and its first label."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.photos import SIZES
from benchmarks.printed import printed

ROOT = Path(__file__).resolve().parent.parent
TORCH = Path(sys.prefix) / "bench"
"""`make bench` puts PyTorch here, which is not a dependency of ours."""
ROUNDS, COLD_STARTS = 5, 5
TIMES = {"web": 12, "camera": 3}
"""A round labels the photos of each size this many times."""
SIDES = {
    "ours": ("ours", False),
    "PyTorch eager, same decoding": ("torch", False),
    "PyTorch eager, whole decoding": ("torch", True),
}


def report() -> Iterator[str]:
    """Yield each line of the report as soon as it is known."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photos"
        subprocess.run([sys.executable, "-m", "benchmarks.photos", folder], cwd=ROOT, env=_environ(), check=True)
        for size in SIZES:
            yield from _comparison(folder / size, size)
        if not _has_torch():
            yield "detector: a comparison needs PyTorch; `make bench` installs it into .venv/bench if it can"
        yield from _process(folder)


def _has_torch() -> bool:
    return (TORCH / "torch").is_dir() and (TORCH / "efficientnet_lite_pytorch").is_dir()


def _comparison(folder: Path, size: str) -> Iterator[str]:
    """Let all sides take turns in every round, so that a busy machine slows all of them equally."""
    files = list(folder.iterdir())
    width, height = SIZES[size]
    pictures = f"{width} x {height} JPEG, {sum(file.stat().st_size for file in files) / len(files) / 1000:.0f} kB"
    sides = {name: side for name, side in SIDES.items() if side[0] == "ours" or _has_torch()}
    rates: dict[str, list[float]] = {name: [] for name in sides}
    classes: dict[str, list[str]] = {}
    with ExitStack() as stack:
        processes = {kind: stack.enter_context(_side(kind)) for kind in {kind for kind, _ in sides.values()}}
        for warm in (False, *[True] * ROUNDS):
            for name, (kind, whole) in sides.items():
                question = {"folder": str(folder), "times": TIMES[size] if warm else 1, "whole": whole}
                answer = _ask(processes[kind], question)
                classes[name] = answer["classes"]
                if warm:
                    rates[name].append(answer["pictures"] / answer["seconds"])
    yield f"detector, {pictures}: ours {_spread(rates['ours'])} pictures/s (2 at a time)"
    for name in list(sides)[1:]:
        ratio = statistics.median(mine / theirs for mine, theirs in zip(rates["ours"], rates[name], strict=True))
        pairs = [pair for pair in zip(classes["ours"], classes[name], strict=True) if pair[0]]
        yield (
            f"detector, {pictures}: {name} {_spread(rates[name])} pictures/s: ours is {ratio:.1f} times as fast,"
            f" with the same class for {sum(mine == theirs for mine, theirs in pairs)} of {len(pairs)} photos"
        )


@contextmanager
def _side(kind: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.labelling", kind]
    with subprocess.Popen(
        command, cwd=ROOT, env=_environ(kind), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield process  # leaving the block closes the input, so the process ends


def _ask(process: subprocess.Popen[str], question: dict[str, Any]) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(question) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the process that labels pictures ended; see its output above")
    answer: dict[str, Any] = json.loads(line)
    return answer


def _process(folder: Path) -> Iterator[str]:
    """Measure whole processes of `imagelabels detect`, with the files in the system's cache."""
    first = [_detect(folder / "web" / "chelsea.jpg") for _ in range(COLD_STARTS)]
    yield (
        f"first label: {_spread([seconds for seconds, _ in first], '.2f')} s from the start of a process to its end,"
        f" {statistics.median(memory for _, memory in first):.0f} MB resident at most"
    )
    for size, (width, height) in SIZES.items():
        many = [_detect(folder / size)[1] for _ in range(COLD_STARTS)]
        count = len(list((folder / size).iterdir()))
        yield f"memory: {_spread(many)} MB resident at most, {count} photos of {width} x {height} in a process"


def _detect(path: Path) -> tuple[float, float]:
    """Return the seconds that a process took, and the largest number of MB that it held.

    The system begins to count before the new program is loaded. So the process that starts it must be smaller, and
    numpy and PyTorch are imported in other processes.
    """
    command = [sys.executable, "-m", "imagelabels", "detect", "--format", "json", str(path)]
    began = time.perf_counter()
    process = subprocess.Popen(command, env=_environ(), stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"imagelabels detect ended with {process.returncode}; see its output above")
    return seconds, used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def _spread(values: list[float], form: str = ".0f") -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _environ(kind: str = "") -> dict[str, str]:
    """Return the environment. Only PyTorch's process gets its folder, which holds other versions of our packages."""
    places = [ROOT / "shared", ROOT, *([TORCH] if kind == "torch" else [])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}


if __name__ == "__main__":
    sys.exit(printed(report))
