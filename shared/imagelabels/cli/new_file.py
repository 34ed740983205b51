"""A file that a command writes as a whole: under its name there is the old content or the new one, never a part."""

from __future__ import annotations

import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from types import FrameType
from typing import BinaryIO

from imagelabels.domain.errors import Misconfigured

ENDS = (signal.SIGTERM, signal.SIGHUP)
"""These signals end a program at once, unless it has handlers for them."""


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to write into, which gets its name at the end of the block; whatever ends the block sooner removes
    it. A device or a pipe has no content to protect, and is written into.

    Misconfigured: the file cannot be written.
    """
    try:
        place = Path(os.path.realpath(path))
        if place.exists() and not place.is_file():
            with place.open("wb") as stream:
                yield stream
            return
        with _ending_in_order(), _part(place) as file:
            yield file
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror or error}") from error


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a terminal that is closed, end the program as Ctrl-C does. Otherwise they end it at
    once, and what was begun stays. A program that was told to ignore them goes on ignoring them."""
    is_main = threading.current_thread() is threading.main_thread()  # No other one may set handlers.
    numbers = [number for number in ENDS if is_main and signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:
    """End with the status by which a shell reports a program that this signal ended."""
    raise SystemExit(128 + number)


@contextmanager
def _part(place: Path) -> Iterator[BinaryIO]:
    part = place.with_name(f".{place.name}.{token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
        if place.exists():
            part.chmod(stat.S_IMODE(place.stat().st_mode))
        os.replace(part, place)
    except BaseException:  # Whatever ends the program in order leaves no part behind either.
        with suppress(OSError):
            part.unlink()
        raise
