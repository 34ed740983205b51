"""One answer, and how it goes on the wire."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aiohttp import web

BLOCK = 256 * 1024
"""Bytes read from a file at a time; a body up to this size goes out in one write with its headers."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """`length` bytes of an open file from where it stands. Open, because an overwrite may unlink it meanwhile."""

    file: BinaryIO
    length: int

    @classmethod
    def of(cls, path: Path, start: int, length: int) -> FilePart:
        file = path.open("rb", buffering=0)
        if start:
            file.seek(start)
        return cls(file, length)

    def blocks(self) -> Iterator[bytes]:
        with self.file:
            left = self.length
            while left > 0:
                block = self.file.read(min(BLOCK, left))
                if not block:
                    raise OSError("the file is shorter than its row says")
                left -= len(block)
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
    blocks = iter([reply.body]) if isinstance(reply.body, bytes) else reply.body.blocks()
    length = len(reply.body) if isinstance(reply.body, bytes) else reply.body.length
    whole = not reply.chunked and length <= BLOCK
    response = (
        web.Response(status=reply.status, headers=reply.headers, body=b"".join(blocks) or None)
        if whole
        else web.StreamResponse(status=reply.status, headers=reply.headers)
    )
    if request.method in ("GET", "HEAD") and not request.content.at_eof():
        # A body that was announced and may never come would swallow the next request of this connection.
        response.force_close()
    if whole:
        return response
    if reply.gzipped:
        response.headers["Content-Encoding"] = "gzip"
    if reply.chunked:
        response.enable_chunked_encoding()
    else:
        response.content_length = length
    await response.prepare(request)
    for block in _gzip(blocks) if reply.gzipped else blocks:
        if block:
            await response.write(block)
    await response.write_eof()
    return response


def _gzip(blocks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()
