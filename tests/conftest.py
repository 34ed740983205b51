"""These settings hold for every test, however it is started."""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator
from pathlib import Path
from uuid import uuid4

import pytest

SERVED = [Path(__file__).with_name(name) for name in ("emulator", "conformance")]


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start.

    A shell lets programs that it starts in the background ignore interrupts, and their child processes inherit this.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector away from the modules and tests that are collected: none of them becomes garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of the emulator, and of the program that is compared with it, as a story: it starts a server."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in SERVED):
            item.add_marker(pytest.mark.story)


@pytest.fixture(autouse=True)
def _no_checkpoints_of_others(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each test a folder of its own for checkpoints: no run goes on with that of another test, or of the user."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "state" / uuid4().hex))
