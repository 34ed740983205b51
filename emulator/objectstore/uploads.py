"""Reads what an upload brings: its bytes, their announced MD5, and the headers that are kept with the object."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientPayloadError
from fastcrc import crc64

from emulator.core.refusal import Refusal
from emulator.objectstore.call import Call
from emulator.objectstore.refusals import invalid

LARGEST = 5 * 1024**3
"""An upload may have so many bytes: https://help.aliyun.com/en/oss/developer-reference/putobject,
https://cloud.tencent.com/document/product/436/7749."""
KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
DEFAULT_TYPE = "application/octet-stream"


async def receive(call: Call, file: Path, crc: int = 0) -> tuple[int, bytes, int]:
    """Write the body to the file, and return its size, its MD5 and its CRC-64.

    A body that does not have the MD5 that the client announces is refused. `crc` is the CRC-64 of what stands before
    the body in the object.
    """
    expected = content_md5(call)
    announced = call.header("content-length")
    if announced and int(announced) > LARGEST:
        raise too_large(int(announced))
    size, md5 = 0, hashlib.md5(usedforsecurity=False)
    out = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    try:
        async for chunk in _body(call):
            size += len(chunk)
            if size > LARGEST:
                raise too_large(size)
            md5.update(chunk)
            crc = crc64.xz(chunk, crc)
            left = memoryview(chunk)
            while left:
                left = left[os.write(out, left) :]
    finally:
        os.close(out)
    if expected is not None and expected != md5.digest():
        raise Refusal("InvalidDigest", "The Content-MD5 you specified did not match what we received.")
    return size, md5.digest(), crc


async def _body(call: Call) -> AsyncIterator[bytes]:
    try:
        async for chunk in call.chunks():
            yield chunk
    except (ClientPayloadError, ConnectionError) as error:
        raise Refusal("IncompleteBody") from error


def content_md5(call: Call) -> bytes | None:
    """Return the MD5 that the client announces, or None if it announces none."""
    header = call.header("content-md5")
    if not header:
        return None
    try:
        digest = base64.b64decode(header, validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise Refusal("InvalidDigest")
    return digest


def kept_headers(call: Call, metadata: str, default_type: str | None = DEFAULT_TYPE) -> dict[str, str]:
    """Return the headers that are kept with the object, by their names in lower case.

    The headers in which users keep metadata of their own begin with `metadata`.
    """
    headers = {name: value for name, value in call.headers.items() if name in KEPT or name.startswith(metadata)}
    for name, value in headers.items():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise invalid(name, "", f"The header {name} is not UTF-8.") from None
    return ({"content-type": default_type} if default_type else {}) | headers


def too_large(size: int) -> Refusal:
    return Refusal("EntityTooLarge", details={"MaxSizeAllowed": str(LARGEST), "ProposedSize": str(size)})
