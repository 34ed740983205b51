"""The line that tells how far a walk is."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from imagelabels.cli.walk_line import SELDOM, WalkLine, money
from tests.site import Terminal


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _walked(line: WalkLine, clock: Clock, seconds: int, rate: int, first: int = 0) -> Counter[str]:
    counts = Counter({"objects": first})
    for _ in range(seconds * rate):
        clock.now += 1 / rate
        counts["objects"] += 1
        counts["paid_calls"] += 1
        line.step(counts)
    return counts


def test_a_terminal_of_80_columns_would_show_half_of_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, err = Clock(), Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    line = WalkLine(10_000_000, "0.000142 USD", clock=clock)
    counts = _walked(line, clock, 20, 100, first=5_000_000)
    assert line.text(counts) == "5,002,000 of 10,000,000 objects, 100.0/s, 13:53:00 left, 2,000 paid calls, 0.2840 USD"
    assert all(len(shown) < 80 for shown in err.getvalue().split("\r"))
    line.wipe()
    assert err.getvalue().endswith("\r")


def test_a_log_would_get_a_line_for_each_object(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    line = WalkLine(clock=clock)
    _walked(line, clock, int(3 * SELDOM) + 1, 10)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert told[0] == "600 objects, 10.0/s, 600 paid calls"


def test_a_walk_that_goes_on_would_be_as_fast_as_if_it_had_begun_now(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    line = WalkLine(clock=clock)
    _walked(line, clock, int(SELDOM) + 1, 10, first=1_000_000)
    assert capsys.readouterr().err.startswith("1,000,600 objects, 10.0/s")


@pytest.mark.parametrize(
    ("calls", "price", "said"),
    [(1000, "0.000142 USD", "0.1420 USD"), (3, "0.0000001 CNY", "0.0000 CNY"), (5, None, "")],
)
def test_money_would_be_rounded_wrong(calls: int, price: str | None, said: str) -> None:
    assert money(calls, price) == said
