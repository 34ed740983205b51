"""Ends the program without a traceback when its output cannot be written: nobody reads it any more, or the disk is
full."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress

PIPE_CLOSED = 141
"""128 + SIGPIPE is the exit status for a program whose output nobody reads any more."""

NOT_WRITTEN = 1
"""The exit status of a program that could not write all of its output."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""These errors say that a disk takes nothing more: it is full or broken, or a quota is used up."""


def written(run: Callable[[], int]) -> int:
    """Run the program, and return its exit status."""
    _open_what_is_closed()
    try:
        try:
            return run()
        finally:  # argparse ends the program behind a help text
            sys.stdout.flush()
    except BrokenPipeError:  # Nobody reads what is printed, such as the port on which the emulator listens.
        _discard_rest()
        return PIPE_CLOSED
    except OSError as error:
        if error.errno not in FULL:
            raise
        _discard_rest()
        where = f" to {error.filename}" if error.filename else ""
        with suppress(OSError):
            print(f"emulator: nothing more can be written{where}: {error.strerror}", file=sys.stderr, flush=True)
        return NOT_WRITTEN


def _open_what_is_closed() -> None:
    """Give a stream to a program that was started without one, as by `>&-`. Otherwise the next file or connection would
    get its number: https://docs.python.org/3/library/sys.html#sys.__stdout__"""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))


def _discard_rest() -> None:
    """Let what is still to be written go nowhere, because Python flushes once more at its end:
    https://docs.python.org/3/library/signal.html#note-on-sigpipe"""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
