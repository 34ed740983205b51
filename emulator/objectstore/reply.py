"""One answer, and how it is sent."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from emulator.core import admission

BLOCK = 256 * 1024
"""So many bytes are read from a file at a time. A body up to this size is sent in one write with its headers."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of an open file: `length` bytes from `start` on. It is open because an overwrite may unlink the file."""

    file: int
    start: int
    length: int

    @classmethod
    def of(cls, path: Path, start: int, length: int) -> FilePart:
        return cls(os.open(path, os.O_RDONLY), start, length)

    def blocks(self) -> Iterator[bytes]:
        at, end = self.start, self.start + self.length
        while at < end:
            block = os.pread(self.file, min(BLOCK, end - at), at)
            if not block:
                raise OSError("the file is shorter than its row says")
            at += len(block)
            yield block


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one request.

    A `chunked` body is sent without its length, as services send what they make on the fly. A `gzipped` body is
    compressed while it is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FilePart = b""
    chunked: bool = False
    gzipped: bool = False


def document(body: bytes, **headers: str) -> Reply:
    """Return an answer of status 200 with an XML document."""
    return Reply(headers={"Content-Type": "application/xml", **headers}, body=body)


async def send(reply: Reply, request: web.Request) -> web.StreamResponse:
    """Send the answer if it is a stream, else return it to be sent. The file of its body is closed in either case."""
    try:
        match await admission.cut():
            case "after":
                return web.Response(status=reply.status)
            case "within":
                return await _send(reply, request, cut=True)
        return await _send(reply, request)
    finally:
        if isinstance(reply.body, FilePart):
            os.close(reply.body.file)


async def _send(reply: Reply, request: web.Request, cut: bool = False) -> web.StreamResponse:
    """Send the answer. One that is to be `cut`, and that is a stream, ends after its first block."""
    blocks = iter([reply.body]) if isinstance(reply.body, bytes) else reply.body.blocks()
    length = len(reply.body) if isinstance(reply.body, bytes) else reply.body.length
    if not reply.chunked and length <= BLOCK:
        response = web.Response(status=reply.status, headers=reply.headers, body=b"".join(blocks) or None)
        _keep_or_close(response, request)
        return response
    stream = web.StreamResponse(status=reply.status, headers=reply.headers)
    _keep_or_close(stream, request)
    if reply.gzipped:
        stream.headers["Content-Encoding"] = "gzip"
    if reply.chunked:
        stream.enable_chunked_encoding()
    else:
        stream.content_length = length
    await stream.prepare(request)
    for block in _gzip(blocks) if reply.gzipped else blocks:
        if block:
            await stream.write(block)
        if cut:
            if request.transport is not None:
                request.transport.close()
            return stream
    await stream.write_eof()
    return stream


def _keep_or_close(response: web.StreamResponse, request: web.Request) -> None:
    """Close the connection after a GET whose body has not come: a late body would swallow the next request."""
    if request.method in ("GET", "HEAD") and not request.content.at_eof():
        response.force_close()


def _gzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()
