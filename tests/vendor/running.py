"""Starts the emulator, and runs the tests of a suite against it, one file after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.health import answers
from tests.ports import free_port
from tests.vendor.suites import KEY, PAYER, Suite

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STARTED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """One test, and one file with all of its tests, is ended after so many seconds."""

    test: float
    file: float


@contextmanager
def emulator(port: int) -> Iterator[int]:
    """Run the emulator in a folder of its own, and yield its port. 0 chooses a free one."""
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="vendor-") as data:
        command = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", data]
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "EMULATOR_ACCESS_KEY_ID": KEY,
            "EMULATOR_ACCESS_KEY_SECRET": KEY,
            "EMULATOR_OTHER_KEY_ID": PAYER,
            "EMULATOR_OTHER_KEY_SECRET": PAYER,
        }
        log = Path(data) / "log"
        with _process(command, ROOT, environment, log) as process:
            _wait(process, port, log)
            yield port


def files_of(suite: Suite, sources: Path, only: Sequence[str]) -> list[Path]:
    """Return the suite's test files, or those that have one of the texts in their name."""
    files = sorted((sources / suite.folder).glob(suite.tests))
    return [file for file in files if not only or any(text in file.name for text in only)]


def results_of(suite: Suite, sources: Path, file: Path, folder: Path) -> Path:
    """Return where the results of a test file are. Files of the same name in two folders have two names here."""
    return folder / (".".join(file.relative_to(sources / suite.folder).with_suffix("").parts) + ".jsonl")


@dataclass(frozen=True, slots=True)
class Run:
    """What all files of a suite have in common. `folder` holds the suite, and `seed` is of what its tests draw."""

    folder: Path
    port: int
    seed: str
    limits: Limits


def run_file(suite: Suite, run: Run, file: Path, results: Path) -> None:
    """Run one file in a process of its own, because a crash or a hanging thread would take the others with it.

    The plugin writes the outcome of each test as soon as it is known. The file `results` gets its name only when the
    process has ended and has found tests, so it is there if the file need not run again.
    """
    unfinished, log = results.with_suffix(".unfinished"), results.with_suffix(".log")
    results.unlink(missing_ok=True)
    unfinished.write_bytes(b"")
    environment = {name: value.format(port=run.port) for name, value in suite.environment.items()}
    environment |= {
        "VENDOR_PORT": str(run.port),
        "VENDOR_SECONDS": str(run.limits.test),
        "VENDOR_SEED": run.seed,
        "VENDOR_RESULTS": str(unfinished),
        "PYTHONPATH": os.pathsep.join([str(run.folder / path) for path in suite.imports] + [str(HERE)]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    options = ["-p", "plugin", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={run.folder}"]
    options += ["-q", "--tb=native", "--show-capture=no", *suite.options, str(file)]
    command = [sys.executable, "-m", "pytest", *options]
    with _process(command, run.folder, {**os.environ, **environment}, log) as process:
        try:
            process.wait(run.limits.file)
        except subprocess.TimeoutExpired:
            print(f"{file.name} was ended after {run.limits.file:g} s", file=sys.stderr)
    if unfinished.stat().st_size:
        unfinished.replace(results)


@contextmanager
def _process(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process whose output goes to a file. At the end it is gone, with every process that it has started."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and its children, which are in a process group of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(10)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break
    process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if answers(port, process.pid):
            return
        time.sleep(0.1)
    raise SystemExit(f"vendor: the emulator did not start on port {port}:\n{log.read_text(encoding='utf-8')}")
