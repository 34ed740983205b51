"""What holds for every test, whatever started it."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

EMULATOR = Path(__file__).with_name("emulator")


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start.

    A shell ignores interrupts for what it starts in the background, and the programs of a process inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of the emulator starts a server: it is a story."""
    for item in items:
        if item.path.is_relative_to(EMULATOR):
            item.add_marker(pytest.mark.story)
