"""Long work over many pictures: several at once, how far it is, and Ctrl-C, which ends it between two pictures."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TypeVar

R = TypeVar("R")

WINDOW = 16
"""Pictures under way at most, so that a million paths are not a million answers in memory."""

MANY = 10
"""Pictures from which on a progress bar is worth the screen."""

OFTEN = 0.1
"""Seconds between two drawings of the bar."""

BAR = 20
"""Characters of the bar itself."""


class Progress:
    """A line that is drawn over itself, where stderr is a terminal; elsewhere nothing. It needs no more of the terminal
    than to go back to the line's beginning."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.done, self._total, self._clock = 0, total, clock
        self._began = self._drawn = clock()
        self._shown = total > MANY and sys.stderr.isatty()
        self._length = 0

    def step(self) -> None:
        """One more is done."""
        self.done += 1
        now = self._clock()
        if self._shown and (self._length == 0 or now - self._drawn >= OFTEN):
            self._drawn = now
            self._draw()

    def wipe(self) -> None:
        """Take the line away, with the ^C that the terminal may have written behind it."""
        if self._length:
            sys.stderr.write("\r" + " " * (_columns() - 1) + "\r")
            sys.stderr.flush()
            self._length = 0

    def text(self) -> str:
        """How many of how many are done, how many a second, and how long the rest will take at this rate."""
        passed = max(self._clock() - self._began, 1e-9)
        rate = self.done / passed
        left = round((self._total - self.done) / rate) if self.done else 0
        full = BAR * self.done // self._total
        bar = "#" * full + "." * (BAR - full)
        return f"[{bar}] {self.done}/{self._total}  {rate:.1f} photos/s  {left // 60}:{left % 60:02} left"

    def _draw(self) -> None:
        text = self.text()[: _columns() - 1]
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


@dataclass(slots=True)
class Stop:
    """Whether Ctrl-C was pressed."""

    asked: bool = False


@contextmanager
def on_ctrl_c(also: Iterable[signal.Signals] = ()) -> Iterator[Stop]:
    """Within it the first Ctrl-C only sets `asked`, so that nothing is cut off in the middle; a second one ends the
    program as ever. The same is true of the signals in `also`."""
    stop = Stop()
    # Only the main thread may set handlers, and a program that was told to ignore Ctrl-C goes on ignoring it.
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, *also)}
    heard = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

    def restore() -> None:
        for number, handler in heard.items():
            signal.signal(number, handler)

    def ask(signal_number: int, frame: FrameType | None) -> None:
        stop.asked = True
        restore()

    for number in heard:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        restore()


def in_order(act: Callable[[str], R], files: Iterable[str], workers: int, stop: Stop) -> Iterator[R]:
    """What `act` gives for each file, in the files' order, `workers` at work at a time. After Ctrl-C those that were
    begun still come."""
    under_way: deque[Future[R]] = deque()
    executor = ThreadPoolExecutor(workers, "picture")
    try:
        for file in files:
            if stop.asked:
                break
            under_way.append(executor.submit(act, file))
            if len(under_way) == WINDOW:
                yield under_way.popleft().result()
        while under_way:
            first = under_way.popleft()
            if not (stop.asked and first.cancel()):
                yield first.result()
    finally:
        executor.shutdown(cancel_futures=True)
