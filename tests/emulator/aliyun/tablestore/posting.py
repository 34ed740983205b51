"""Sends requests that the SDK cannot make."""

from __future__ import annotations

from typing import Any

from tests.emulator.aliyun.tablestore.test_auth import signed
from tests.emulator.running import RunningTablestore


def posted(ots: RunningTablestore, name: str, body: bytes) -> tuple[int, Any]:
    """Return status and body for an operation whose request is in bytes."""
    status, _, answer = ots.raw("POST", f"/{name}", signed(f"/{name}", body), body)
    return status, answer
