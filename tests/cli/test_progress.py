"""Long work: its bar, and what Ctrl-C does to it."""

from __future__ import annotations

import signal
import sys
import threading

import pytest

from imagelabels.cli.progress import MANY, WINDOW, Progress, Stop, in_order, on_ctrl_c
from tests.site import Terminal


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_bar_says_how_many_how_fast_and_how_long_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, err = Clock(), Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    bar = Progress(3000, clock)
    for _ in range(300):
        clock.now += 0.04
        bar.step()
    assert bar.text() == "[##..................] 300/3000  25.0 photos/s  1:48 left"
    assert len(err.getvalue().split("\r")) < 150  # it is not drawn for every picture
    bar.wipe()
    assert err.getvalue().endswith("\r")
    assert "\x1b" not in err.getvalue()


def _line(written: str) -> str:
    """What stands in the terminal's line after this was written to it."""
    line: list[str] = []
    column = 0
    for char in written:
        if char == "\r":
            column = 0
            continue
        line[column : column + 1] = [char]
        column += 1
    return "".join(line).rstrip()


def test_nothing_of_the_bar_stays_on_the_screen_after_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    bar = Progress(3000)
    bar.step()
    err.write("^C")  # The terminal itself shows the keys.
    bar.wipe()
    assert _line(err.getvalue()) == ""


def test_little_work_and_no_terminal_have_no_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    err = Terminal()
    Progress(MANY + 1).step()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", err)
    Progress(MANY).step()
    assert err.getvalue() == ""
    Progress(MANY + 1).step()
    assert err.getvalue() != ""


def test_the_first_ctrl_c_lets_what_is_under_way_end_and_the_second_one_does_not_wait() -> None:
    before = signal.getsignal(signal.SIGINT)
    begun: list[str] = []

    def act(name: str) -> str:
        begun.append(name)
        return name

    with on_ctrl_c() as stop:
        done = []
        for name in in_order(act, map(str, range(1000)), 2, stop):
            done.append(name)
            if len(done) == 3:
                signal.raise_signal(signal.SIGINT)
        assert stop.asked
        assert done == sorted(begun, key=int)  # nothing that was done is lost
        assert 3 <= len(done) <= 3 + WINDOW
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_who_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with on_ctrl_c() as stop:
            signal.raise_signal(signal.SIGINT)
        assert not stop.asked
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_than_the_main_one_works_without_it() -> None:
    stops: list[Stop] = []

    def work() -> None:
        with on_ctrl_c() as stop:
            stops.append(stop)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert stops == [Stop(False)]


def test_an_error_comes_out_as_it_is() -> None:
    with pytest.raises(ValueError, match="picture 3"):
        list(in_order(_fails_at_3, map(str, range(1000)), 2, Stop()))


def _fails_at_3(name: str) -> str:
    if name == "3":
        raise ValueError("picture 3")
    return name
