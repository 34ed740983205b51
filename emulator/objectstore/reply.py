"""One answer, and how it goes on the wire."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

BLOCK = 256 * 1024
"""Bytes read from a file at a time; a body up to this size goes out in one write with its headers."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """`length` bytes of an open file from `start`. Open, because an overwrite may unlink it meanwhile."""

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
    """`chunked`: sent without a length, as what the service makes on the fly; `gzipped`: compressed on the way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | FilePart = b""
    chunked: bool = False
    gzipped: bool = False


def document(body: bytes, **headers: str) -> Reply:
    """A 200 with an XML document."""
    return Reply(headers={"Content-Type": "application/xml", **headers}, body=body)


async def send(reply: Reply, request: web.Request) -> web.StreamResponse:
    """The response, sent already if it is a stream; the file of its body is closed."""
    try:
        return await _send(reply, request)
    finally:
        if isinstance(reply.body, FilePart):
            os.close(reply.body.file)


async def _send(reply: Reply, request: web.Request) -> web.StreamResponse:
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
    await stream.write_eof()
    return stream


def _keep_or_close(response: web.StreamResponse, request: web.Request) -> None:
    """A body that was announced and may never come would swallow the next request of this connection."""
    if request.method in ("GET", "HEAD") and not request.content.at_eof():
        response.force_close()


def _gzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()
