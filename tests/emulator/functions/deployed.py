"""Helpers for tests that deploy functions."""

from __future__ import annotations

import json
import os
import secrets
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.core.parts import Key, Worker
from emulator.functions.function import Answer, Function
from emulator.functions.log import FunctionLog
from emulator.functions.platform import Platform
from emulator.functions.runtime import Runtime


def code(folder: Path, source: str, file: str = "index.py") -> Path:
    """Create a code folder with one module."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(textwrap.dedent(source), encoding="utf-8")
    return folder


def issue(seconds: float, worker: Worker) -> Key:
    """Return a temporary key with a new token."""
    return Key("STS.test", "secret", secrets.token_hex(8))


@asynccontextmanager
async def running(
    tmp_path: Path, source: str, platform: Platform | None = None, **options: Any
) -> AsyncIterator[Runtime]:
    """Run a function of that source, on Function Compute by default. `options` are those of Function and of Runtime."""
    own = {name: options.pop(name) for name in ("issue", "credentials_seconds", "concurrency") if name in options}
    function = Function(code=code(tmp_path / "code", source), handler="index.handler", **options)
    log = FunctionLog(tmp_path / "function.log")
    runtime = Runtime(function, platform or FunctionCompute(), own.pop("issue", issue), log, **own)
    try:
        yield runtime
    finally:
        await runtime.stop()
        log.close()


def result(answer: Answer) -> Any:
    """Return the result of the function, which must not have failed."""
    assert answer.error_type is None, answer.body
    return json.loads(answer.body)


def error(answer: Answer) -> Any:
    """Return the error of the function, which must have failed."""
    assert answer.error_type == "UnhandledInvocationError"
    return json.loads(answer.body)


def gone(pid: int) -> bool:
    """Whether no process has that id, not even one that has ended and waits for its parent."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
