"""The API as a process of `imagelabels serve`, and a client of it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from imagelabels.providers import sqlite
from tests.api.world import Answered, picture, seen
from tests.contract.samples import put

ROOT = Path(__file__).resolve().parents[2]
ENVIRON = {**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}"}


def filled(path: Path, count: int = 25) -> str:
    """Make an index with pictures and return its URL."""
    ledger = sqlite.open_ledger(path)
    for number in range(count):
        row = picture(f"oss://photos/{number:03}.jpg", seen("dog" if number % 2 else "cat", 0.5 + number / 100))
        put(ledger, row, f"e{number}")
    return f"sqlite:///{path}"


def command(*words: str) -> str:
    """Run `imagelabels` and return what it prints."""
    program = [sys.executable, "-m", "imagelabels", *words]
    return subprocess.run(program, env=ENVIRON, check=True, capture_output=True, text=True).stdout


@contextmanager
def served(url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `imagelabels serve` at a free port until the end of the block; it is ended as Ctrl-C ends it."""
    program = [sys.executable, "-m", "imagelabels", "serve", "--index", url, "--port", "0", *options]
    process = subprocess.Popen(program, env=ENVIRON, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        port = re.search(r":(\d+)/", line)
        assert port is not None, line + process.stderr.read()
        yield process, int(port[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


def get(
    port: int, target: str, headers: Mapping[str, str] | None = None, method: str = "GET", body: str = ""
) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request(method, target, body=body.encode() or None, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answered(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()
