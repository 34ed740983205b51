"""The demo takes no other emulator for its own."""

from __future__ import annotations

from pathlib import Path

from demo.emulated import DemoEmulator
from tests.emulator.running import running_oss
from tests.ports import free_port


def test_an_emulator_that_took_the_port_just_before_would_be_taken_for_ours(tmp_path: Path) -> None:
    port = free_port()
    with running_oss(tmp_path / "others", port=port), DemoEmulator(port, tmp_path) as emulator:
        assert not emulator.ready()
