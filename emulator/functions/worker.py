"""Runs inside the function's process: it loads the handler, then answers invocations over a socket.

This is a plain script for any Python from 3.10 on. It imports the standard library only, because the user chooses the
interpreter, which knows nothing of the emulator. It is started as `python -I -u -X utf8 worker.py <fd> <file.func>
[seconds]` in the code folder. The seconds are those by which its clock is ahead.
"""

from __future__ import annotations

import contextlib
import datetime
import faulthandler
import importlib
import json
import logging
import os
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

FRAME = struct.Struct(">II")
"""The beginning of every message: the lengths of its JSON head and of its body, which follow in this order."""

GRACE = 2.0
"""The function ends by itself so many seconds after its time-out, in case the emulator has gone."""


Handler = Callable[..., object]
"""A function that takes event and context, or a hook of the platform that takes the context alone."""


class Fields:
    """An object with these attributes.

    Its repr shows none of them: people print the context, and it has credentials.
    """

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


class LoggingContext(Fields):
    """The context of a runtime that has a logger. `logger` is None until the function asks for the logger."""

    def getLogger(self) -> logging.Logger:
        self.logger = logging.getLogger()
        return self.logger


def context_of(value: dict[str, Any]) -> object:
    """Turn the head's context into the object that a handler gets."""
    kind = LoggingContext if "logger" in value else Fields
    return kind(**{name: attributes(part) for name, part in value.items()})


def attributes(value: object) -> object:
    """Turn a dict into an object, and the dicts in it too."""
    if not isinstance(value, dict):
        return value
    return Fields(**{name: attributes(part) for name, part in value.items()})


def described(error: Exception) -> dict[str, object]:
    """Describe an error as in https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/error-handling-1-1."""
    ours = (__file__, "<frozen importlib")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(ours)]
    stack = [[f'File "{f.filename}"', f"line {f.lineno}", f"in {f.name}", f.line or ""] for f in frames]
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": stack}


def load(name: str, what: str = "handler") -> Handler:
    """Return the handler `file.func`, whose `file` may have slashes, as in `src/index.handler`.

    An error says `what` it is, such as an initializer.
    """
    path, _, func = name.rpartition(".")
    module = importlib.import_module(path.replace("/", "."))  # noqa: TID251 - the user names the module
    handler = getattr(module, func, None)
    if not callable(handler):
        raise AttributeError(f"{what} {name}: {module.__file__} has no function {func!r}")
    return handler  # type: ignore[no-any-return]


def encoded(result: object, plain: bool) -> bytes:
    """Return the result in JSON. If it is not to be `plain`, bytes stay as they are and text becomes UTF-8."""
    if plain:
        return json.dumps(result, ensure_ascii=False).encode()
    if isinstance(result, (bytes, bytearray)):
        return bytes(result)
    return (result if isinstance(result, str) else json.dumps(result)).encode()


def shift_clock(seconds: float) -> None:
    """Let the modules time and datetime tell a moment that is so many seconds ahead of the machine's clock.

    Programs that the function starts, and libraries that ask the system and not these modules, see the right clock.
    """
    clock, now, local, utc, form = time.clock_gettime, time.time, time.localtime, time.gmtime, time.strftime
    shifted: dict[str, Callable[..., object]] = {
        "time": lambda: now() + seconds,
        "time_ns": lambda: int((now() + seconds) * 1e9),
        "clock_gettime": lambda which: clock(which) + (seconds if which == time.CLOCK_REALTIME else 0.0),
        "clock_gettime_ns": lambda which: int(time.clock_gettime(which) * 1e9),
        "localtime": lambda moment=None: local(time.time() if moment is None else moment),
        "gmtime": lambda moment=None: utc(time.time() if moment is None else moment),
        "ctime": lambda moment=None: form("%a %b %e %H:%M:%S %Y", time.localtime(moment)),
        "asctime": lambda parts=None: form("%a %b %e %H:%M:%S %Y", time.localtime() if parts is None else parts),
        "strftime": lambda pattern, parts=None: form(pattern, time.localtime() if parts is None else parts),
    }
    for name, function in shifted.items():
        # Classes that keep one of these as an attribute count on it not to become a method, as a function would.
        setattr(time, name, staticmethod(function))
    shift_dates()


def shift_dates() -> None:
    """Let the classes of the module datetime take the present moment from the module time."""
    real = {"date": datetime.date, "datetime": datetime.datetime}

    class Kind(type):
        """Takes values of the real classes, which libraries in C make, for values of the ones here."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real[cls.__name__])

        def __subclasscheck__(cls, kind: type) -> bool:
            return issubclass(kind, real[cls.__name__])

    class ShiftedDate(datetime.date, metaclass=Kind):
        @classmethod
        def today(cls) -> ShiftedDate:
            return cls.fromtimestamp(time.time())

    class ShiftedDatetime(datetime.datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> ShiftedDatetime:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def utcnow(cls) -> ShiftedDatetime:
            return cls.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls) -> ShiftedDatetime:
            return cls.now()

    for name, kind in {"date": ShiftedDate, "datetime": ShiftedDatetime}.items():
        kind.__module__, kind.__name__, kind.__qualname__ = "datetime", name, name
        setattr(datetime, name, kind)


def send(channel: socket.socket, head: dict[str, object], body: bytes = b"") -> None:
    text = json.dumps(head).encode()
    channel.sendall(FRAME.pack(len(text), len(body)) + text + body)


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Return the next message, or None when the emulator has gone."""
    start = stream.read(FRAME.size)
    if len(start) < FRAME.size:
        return None
    head, body = FRAME.unpack(start)
    return json.loads(stream.read(head)), stream.read(body)


def answer(handler: Handler, head: dict[str, Any], event: bytes) -> tuple[dict[str, Any], bytes]:
    """Call the handler, or the hook that the head names, and return the head and the body of the reply."""
    # The variables have the same key as the context, so that a function finds a valid one in either place.
    os.environ.update(head["variables"])
    plain: bool = head["plain"]
    faulthandler.dump_traceback_later(head["timeout"] + GRACE, exit=True, file=2)
    try:
        if "hook" in head:
            load(head["hook"], head["what"])(context_of(head["context"]))
            return {"error": None}, b""
        arguments = (json.loads(event), head["context"]) if plain else (event, context_of(head["context"]))
        return {"error": None}, encoded(handler(*arguments), plain)
    except Exception as error:
        return {"error": described(error)}, b""
    finally:
        faulthandler.cancel_dump_traceback_later()


def note(line: str) -> None:
    """Write a line of the platform between those of the function, which may have closed or replaced its streams."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())


def used_memory(process: int | str = "self") -> int:
    """Return the most memory that a process has used so far, in bytes, or 1 on a system that does not tell it.

    The figure of getrusage would begin with that of the emulator, from which this process was forked.
    """
    with contextlib.suppress(OSError), open(f"/proc/{process}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 1


def serve(fd: int, name: str) -> None:
    channel = socket.socket(fileno=fd)
    sys.path[:0] = [os.getcwd(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    try:
        handler = load(name)
    except Exception as error:
        send(channel, {"error": described(error)})
        return
    send(channel, {"error": None})
    with channel.makefile("rb") as stream:
        while (message := receive(stream)) is not None:
            head, event = message
            # The services write such lines around an invocation. They also tell the emulator whose output follows.
            note(head["begins"])
            reply = answer(handler, head, event)
            note(head["ends"])
            send(channel, {**reply[0], "memory": used_memory()}, reply[1])


if __name__ == "__main__":
    if len(sys.argv) > 3:
        shift_clock(float(sys.argv[3]))
    serve(int(sys.argv[1]), sys.argv[2])
    os._exit(0)  # threads that the function has left behind must not keep the process alive
