"""Pipes to a process, and its output line by line.

These pipes are not those of asyncio's subprocesses. To wait for the end of such a subprocess means to wait for its
pipes too, and programs that it has left behind may hold them open (https://github.com/python/cpython/issues/119710).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

LONGEST = 64 * 1024
"""A line may have so many bytes. A longer one is cut, so that a process that never ends a line fills no memory."""


async def incoming(limit: int = LONGEST) -> tuple[asyncio.StreamReader, asyncio.ReadTransport, int]:
    """Return what the process writes, the transport to close in the end, and the file descriptor for the process."""
    reader = asyncio.StreamReader(limit)
    ours, theirs = os.pipe()
    pipe = open(ours, "rb", buffering=0)  # noqa: SIM115 - the transport closes it
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader, transport, theirs


async def outgoing() -> tuple[asyncio.WriteTransport, int]:
    """Return the transport that writes to the process, and the file descriptor for the process."""
    theirs, ours = os.pipe()
    pipe = open(ours, "wb", buffering=0)  # noqa: SIM115 - the transport closes it
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, pipe)
    return transport, theirs


async def lines(output: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield each line without its end, until the output is closed. Bytes that are not UTF-8 are replaced."""
    rest = b""
    while chunk := await output.read(LONGEST):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST:
            whole.append(rest)
            rest = b""
        for line in whole:
            yield line.decode("utf-8", "replace")
    if rest:
        yield rest.decode("utf-8", "replace")
