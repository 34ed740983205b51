"""One request as the handlers see it: nothing decoded twice, nothing lost."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus
from xml.etree.ElementTree import Element

from aiohttp import web

from emulator.objectstore import xml
from emulator.objectstore.refusal import Refusal

MAX_DOCUMENT = 2 * 1024 * 1024
"""Bytes of an XML body: https://help.aliyun.com/en/oss/developer-reference/deletemultipleobjects."""

READ_AT_ONCE = 65536
"""Bytes of an XML body up to which it is read while other requests wait; a longer one is read in a thread."""


@dataclass(frozen=True, slots=True)
class Call:
    """`key` is empty for a bucket, `bucket` too for the service. What is not UTF-8 is in them as surrogates."""

    method: str
    bucket: str
    key: str
    params: tuple[tuple[str, str], ...]
    """Decoded, in the order they came in."""
    headers: Mapping[str, str]
    """Names in lower case."""
    endpoint: str
    """Host and port by which the client reaches the service, without a bucket."""
    remote: str
    request: web.Request
    request_id: str = field(default_factory=lambda: secrets.token_hex(12).upper())

    @property
    def query(self) -> dict[str, str]:
        return dict(self.params)

    def header(self, name: str) -> str:
        """Its value, or an empty string."""
        return self.headers.get(name, "")

    def chunks(self) -> AsyncIterator[bytes]:
        return self.request.content.iter_any()

    async def document(self, root: str) -> Element:
        """The body, as XML with that root element; its Content-MD5 must be right if there is one."""
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > MAX_DOCUMENT:
                raise Refusal("MalformedXML", f"The XML body is larger than {MAX_DOCUMENT} bytes.")
        given = self.header("content-md5")
        if given and given != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
            raise Refusal("InvalidDigest")
        try:
            if len(body) > READ_AT_ONCE:
                return await asyncio.to_thread(xml.parse, bytes(body), root)
            return xml.parse(bytes(body), root)
        except ValueError as error:
            raise Refusal("MalformedXML") from error


def read(request: web.Request, host_bucket: str, endpoint: str) -> Call:
    """The call in a request; `host_bucket` if the host name brought a bucket, else the path begins with it.

    The path is taken raw: the SDK writes the slashes of a key as %2F, and a decoder on the way could merge or split it.
    """
    path, params = split(request.raw_path)
    bucket, _, key = (host_bucket, "", path[1:]) if host_bucket else path[1:].partition("/")
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return Call(
        method=request.method,
        bucket=bucket,
        key=key,
        params=params,
        headers=headers,
        endpoint=endpoint,
        remote=request.remote or "",
        request=request,
    )


def split(target: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Path and parameters of a request target, decoded."""
    path, _, query = target.partition("?")
    if not path.startswith("/"):
        raise Refusal("InvalidArgument", "The request target must be a path.")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return unquote(path, errors="surrogateescape"), tuple(
        (unquote_plus(name, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape"))
        for name, _, value in pairs
    )
