"""Prints now and then how far a storm has come, so that whoever waits for hours sees that it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY = 30.0
"""A line is printed after so many seconds."""


@contextmanager
def told(state: Callable[[], str], every: float = EVERY) -> Iterator[None]:
    """Print the seconds since the beginning and the state, again and again while the block runs."""
    done, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not done.wait(every):
            try:
                now = state()
            except OSError as error:
                now = f"the emulator does not answer ({error})"
            print(f"{time.monotonic() - began:5.0f} s: {now}", flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
