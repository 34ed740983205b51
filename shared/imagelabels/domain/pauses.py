"""Pauses between attempts: each is twice as long as the one before, so that a busy service gets more and more room."""

from __future__ import annotations

from collections.abc import Iterator


def growing(first: float, longest: float) -> Iterator[float]:
    """Yield seconds without an end: `first`, twice that, and so on, but never more than `longest`."""
    pause = first
    while True:
        yield pause
        pause = min(2 * pause, longest)
