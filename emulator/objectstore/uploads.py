"""What an upload brings: its bytes on their way to a file, their announced MD5, the headers to be kept."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientPayloadError
from fastcrc import crc64

from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal, invalid, not_built

LARGEST = 5 * 1024**3
"""Bytes of one upload: https://help.aliyun.com/en/oss/developer-reference/putobject,
https://cloud.tencent.com/document/product/436/7749."""
KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
DEFAULT_TYPE = "application/octet-stream"


async def receive(call: Call, file: Path) -> tuple[int, bytes, int]:
    """The body, written to the file: its size, MD5 and CRC-64."""
    announced = call.header("content-length")
    if announced and int(announced) > LARGEST:
        raise _too_large(int(announced))
    size, md5, crc = 0, hashlib.md5(usedforsecurity=False), 0
    out = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        async for chunk in _body(call):
            size += len(chunk)
            if size > LARGEST:
                raise _too_large(size)
            md5.update(chunk)
            crc = crc64.xz(chunk, crc)
            left = memoryview(chunk)
            while left:
                left = left[os.write(out, left) :]
    finally:
        os.close(out)
    return size, md5.digest(), crc


async def _body(call: Call) -> AsyncIterator[bytes]:
    try:
        async for chunk in call.chunks():
            yield chunk
    except (ClientPayloadError, ConnectionError) as error:
        raise Refusal("IncompleteBody") from error


def content_md5(call: Call) -> bytes | None:
    """The MD5 that the client announces, if it does."""
    given = call.header("content-md5")
    if not given:
        return None
    try:
        digest = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise Refusal("InvalidDigest")
    return digest


def kept(call: Call, meta: str, default_type: str | None = DEFAULT_TYPE) -> dict[str, str]:
    """The headers that are given back with the object; the user's own ones begin with `meta`; names in lower case."""
    found = {k: v for k, v in call.headers.items() if k in KEPT or k.startswith(meta)}
    for name, value in found.items():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise invalid(name, "", f"The header {name} is not UTF-8.") from None
    return ({"content-type": default_type} if default_type else {}) | found


def own_acl(call: Call, header: str) -> dict[str, str]:
    """The object's own ACL, by its header, if it is given one. Only the owner has keys: no other ACL is built."""
    given = call.header(header)
    if given not in ("", "default", "private"):
        raise not_built(f"{header}: {given}")
    return {header: given} if given == "private" else {}


def _too_large(size: int) -> Refusal:
    return Refusal("EntityTooLarge", details={"MaxSizeAllowed": str(LARGEST), "ProposedSize": str(size)})
