"""Tells how far a walk is: one line that is drawn over itself on a terminal, and elsewhere a line a minute."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from imagelabels.views.layout import columns

OFTEN, SELDOM = 0.2, 60.0
"""Seconds between two drawings on a terminal, and between two lines elsewhere."""

RECENT = 30.0
"""The rate is that of about so many seconds."""


class WalkLine:
    """The line. It goes to stderr, so that stdout holds results alone."""

    def __init__(
        self,
        total: int | None = None,
        price: str | None = None,
        noun: str = "objects",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`total` is the number of objects, if it is known. `price` is that of a paid call, such as 0.000142 USD."""
        self._total, self._price, self._noun, self._clock = total, price, noun, clock
        self._wide = columns(sys.stderr)
        self._began = self._drawn = clock()
        self._first: int | None = None
        self._length = 0
        self._mark = (self._began, 0)
        self._rate = 0.0

    def step(self, counts: Counter[str], read: int = 0) -> None:
        """Show the counts now, if the last time is long enough ago."""
        now, done = self._clock(), counts["objects"]
        if self._first is None:
            self._first = done - 1
            self._mark = (self._began, self._first)
        if now - self._drawn >= (SELDOM if self._wide is None else OFTEN):
            self._drawn = now
            self._measure(now, done)
            self._show(self.text(counts))

    def text(self, counts: Counter[str]) -> str:
        """Return how many are done, how many a second, how long the rest will take, and what was paid."""
        done = counts["objects"]
        many = f"{done:,}" if self._total is None else f"{done:,} of {self._total:,}"
        parts = [f"{many} {self._noun}", f"{self._rate:,.1f}/s"]
        if self._total is not None and self._rate:
            parts.append(f"{_time(max(self._total - done, 0) / self._rate)} left")
        if counts["paid_calls"]:
            parts.append(f"{counts['paid_calls']:,} paid calls")
            if cost := money(counts["paid_calls"], self._price):
                parts.append(cost)
        return ", ".join(parts)

    def wipe(self) -> None:
        """Take the line away, so that a message can stand there."""
        if self._length:
            sys.stderr.write("\r" + " " * self._length + "\r")
            sys.stderr.flush()
            self._length = 0

    def _measure(self, now: float, done: int) -> None:
        since, before = self._mark
        if now > since:
            self._rate = (done - before) / (now - since)
        if now - since > RECENT:
            self._mark = (now - RECENT / 2, done - round(self._rate * RECENT / 2))

    def _show(self, text: str) -> None:
        if self._wide is None:
            print(text, file=sys.stderr, flush=True)
            return
        text = text[: self._wide - 1]
        sys.stderr.write("\r" + text.ljust(self._length))
        sys.stderr.flush()
        self._length = len(text)


def money(calls: int, price: str | None) -> str:
    """Return what the calls cost, to four places; nothing where nobody said what one costs."""
    if price is None:
        return ""
    amount, currency = price.split(" ")
    return f"{(Decimal(amount) * calls).quantize(Decimal('0.0001')):f} {currency}"


def _time(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
