"""Runs the steps of a client's script one after the other, and prints a line for each: "ok NAME" or "FAIL NAME why"."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY = os.environ.get("CLIENTS_KEY", "emulator")
FOLDER = Path(os.environ.get("CLIENTS_FOLDER", "."))
PORT = int(os.environ.get("CLIENTS_PORT", "9000"))
ONLY = os.environ.get("CLIENTS_ONLY", "")
MOST_SHOWN = 600
"""A reason is cut after so many characters."""

Work = Callable[[], None]


class Failed(Exception):
    """A step did not do what it should. The message says what."""


@dataclass
class Steps:
    """The steps of a script, in their order. A prefix distinguishes the same steps of two runs."""

    prefix: str = ""
    all: list[tuple[str, Work]] = field(default_factory=list)

    def __call__(self, name: str) -> Callable[[Work], Work]:
        def add(work: Work) -> Work:
            self.all.append((self.prefix + name, work))
            return work

        return add

    def run(self) -> bool:
        """Run all steps, also after one that failed. Return whether none failed."""
        outcomes = [self._run(name, work) for name, work in self.all if ONLY in name]
        return all(outcomes)

    def _run(self, name: str, work: Work) -> bool:
        try:
            work()
        except Exception as error:
            reason = " ".join(str(error).split())[:MOST_SHOWN]
            print(f"FAIL {name} {type(error).__name__} {reason}", flush=True)
            return False
        print(f"ok {name}", flush=True)
        return True


@dataclass(frozen=True)
class Program:
    """A command-line tool, and the options that all its commands get."""

    start: tuple[str, ...]
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, fails: bool = False, answer: str = "") -> str:
        """Run a command, and return what it printed. Failed if it fails, or with `fails` if it does not."""
        command = [*self.start, *map(str, arguments), *self.options]
        done = subprocess.run(
            command,
            cwd=FOLDER,
            env=os.environ | self.environment,
            input=answer,
            text=True,
            capture_output=True,
            check=False,
        )
        printed = done.stdout + done.stderr
        if (done.returncode != 0) is not fails:
            raise Failed(f"{' '.join(map(str, arguments))} ended with {done.returncode}: {printed}")
        return printed


def expect(real: object, expected: object) -> None:
    if real != expected:
        raise Failed(f"{real!r} is not {expected!r}")


def expect_in(text: str, *parts: str) -> None:
    for part in parts:
        if part not in text:
            raise Failed(f"{part!r} is not in {text!r}")


def bytes_of(size: int) -> bytes:
    """Return `size` bytes that are the same in each run and do not repeat soon."""
    return b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))[:size]


def file(name: str, data: bytes) -> Path:
    """Write the bytes to a file in the folder of this run."""
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def fetched(
    address: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
) -> bytes:
    """Send a request without a client, and return the body of its answer."""
    request = urllib.request.Request(address, body, headers or {}, method=method)
    with urllib.request.urlopen(request) as response:
        data: bytes = response.read()
        return data


def invoked_once(function: str, upload: Callable[[], object]) -> None:
    """Upload, wait until the events are handled, and fail unless the function was invoked exactly once."""
    before = _control(f"functions/{function}")["invocations"]
    upload()
    while _control(f"functions/{function}/queue")["pending"]:
        time.sleep(0.05)
    expect(_control(f"functions/{function}")["invocations"] - before, 1)


def _control(path: str) -> Any:
    return json.loads(fetched(f"http://127.0.0.1:{PORT}/_emulator/{path}"))
