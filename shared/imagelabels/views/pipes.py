"""Lets a program work without standard streams, and end without a traceback when its output cannot be written.

It cannot if nobody reads it any more, as behind `head`, or if the disk is full.
"""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress

from imagelabels.views.layout import say
from imagelabels.views.printing import escaped

PIPE_CLOSED = 141
"""128 + SIGPIPE is the exit status for a program whose output nobody reads any more."""

NOT_WRITTEN = 1
"""The exit status of a program that could not write all of its output."""

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""These errors say that a disk takes nothing more: it is full or broken, or a quota is used up."""


def piped(main: Callable[[], int | None]) -> int | str | None:
    """Run a program, and return its exit status."""
    open_what_is_closed()
    try:
        try:
            status: int | str | None = main()
        except SystemExit as ended:  # argparse ends so, also behind a help text.
            status = ended.code
        sys.stdout.flush()
        return status
    except BrokenPipeError as error:
        return reader_gone(error)
    except OSError as error:
        return not_written(error)


def open_what_is_closed() -> None:
    """Open the standard streams that a program was started without, as by `>&-`. What is written there goes nowhere.

    Python leaves None in their place: https://docs.python.org/3/library/sys.html#sys.__stdout__
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))


def reader_gone(error: BrokenPipeError) -> int:
    """Return the exit status of a program whose reader has gone. The error of another pipe is raised again."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if _is_closed(stream.fileno())]
    if not streams:
        raise error
    for stream in streams:
        _discard(stream.fileno())
    return PIPE_CLOSED


def not_written(error: OSError, begin: str = "") -> int:
    """Say that nothing more can be written, and return the exit status. Any other error is raised again."""
    if error.errno not in FULL:
        raise error
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _discard(stream.fileno())
    where = f" to {escaped(str(error.filename))}" if error.filename else ""
    with suppress(OSError):
        say(f"nothing more can be written{where}: {error.strerror}", begin=begin)
    return NOT_WRITTEN


def _discard(descriptor: int) -> None:
    """Let what is still to be written go nowhere, because Python flushes once more at its end:
    https://docs.python.org/3/library/signal.html#note-on-sigpipe"""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _is_closed(descriptor: int) -> bool:
    """Return whether the other end of a pipe or of a socket is closed. Node.js gives programs sockets for pipes."""
    asked = select.poll()
    asked.register(descriptor, 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in asked.poll(0))
