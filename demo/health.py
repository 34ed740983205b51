"""Tells whether an emulator answers that was started in a separate process."""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException

PATIENCE = 5.0
"""Whoever listens on the port has so many seconds for each part of its answer."""


def answers(port: int, process: int) -> bool:
    """Tell whether the emulator that runs as this process answers on this port. Another program may have taken the port
    just before it."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_emulator/health", timeout=PATIENCE) as answer:
            health = json.load(answer)
    except (OSError, ValueError, HTTPException):
        return False
    return isinstance(health, dict) and health.get("process") == process
