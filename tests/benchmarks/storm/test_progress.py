"""These tests read what a long storm prints while it runs."""

from __future__ import annotations

import threading

import pytest

from benchmarks.storm.progress import told


def test_whoever_waits_for_a_long_storm_would_not_see_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    answers, all_told = iter(["9 are left", OSError("busy"), "8 are left"]), threading.Event()

    def state() -> str:
        answer = next(answers, None)
        if answer is None:
            all_told.set()
            return "0 are left"
        if isinstance(answer, OSError):
            raise answer
        return str(answer)

    with told(state, every=0.001):
        all_told.wait()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" s: ")[2] for line in lines[:3]] == [
        "9 are left",
        "the emulator does not answer (busy)",
        "8 are left",
    ]
