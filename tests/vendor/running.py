"""Starts the emulator, and runs the tests of a suite against it, one file after the other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.vendor.suites import KEY, Suite

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STARTED_WITHIN = 60.0


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
        }
        with open(Path(data) / "log", "wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(process, port, Path(data) / "log")
            yield port
        finally:
            process.terminate()
            process.wait()


def run(suite: Suite, sources: Path, port: int, seconds: float, only: str, seed: str) -> Iterator[str]:
    """Run the suite's tests whose file has `only` in its name, and yield the lines that the plugin wrote."""
    folder = sources / suite.folder
    for file in sorted(folder.glob(suite.tests)):
        if only in file.name:
            yield from _run_file(suite, folder, file, {"port": port, "seconds": seconds, "seed": seed})


def _run_file(suite: Suite, folder: Path, file: Path, values: dict[str, object]) -> list[str]:
    """Run one file in a process of its own, because a crash or a hanging thread would take the others with it."""
    with tempfile.TemporaryDirectory(prefix="vendor-") as work:
        results = Path(work) / "results"
        results.touch()
        environment = {name: value.format(**values) for name, value in suite.environment.items()}
        environment |= {
            "VENDOR_PORT": str(values["port"]),
            "VENDOR_SECONDS": str(values["seconds"]),
            "VENDOR_SEED": str(values["seed"]),
            "VENDOR_RESULTS": str(results),
            "PYTHONPATH": os.pathsep.join([str(folder / path) for path in suite.imports] + [str(HERE)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        options = ["-p", "plugin", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}"]
        options += ["-q", "--tb=short", "--show-capture=no", *suite.options, str(file)]
        with open(folder / f"{file.stem}.log", "wb") as log:
            subprocess.run(
                [sys.executable, "-m", "pytest", *options],
                cwd=folder,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        return results.read_text(encoding="utf-8").splitlines()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_emulator/health"):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"vendor: the emulator did not start on port {port}:\n{log.read_text(encoding='utf-8')}")
