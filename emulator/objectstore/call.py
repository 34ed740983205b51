"""One request to an object store: which bucket and object it is about, and its XML document."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from aiohttp import web

from emulator.core.http_request import HttpRequest, headers_of, read_body, split
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.objectstore import xml

MAX_DOCUMENT = 2 * 1024 * 1024
"""An XML body may have so many bytes: https://help.aliyun.com/en/oss/developer-reference/deletemultipleobjects."""

READ_AT_ONCE = 65536
"""An XML body of up to so many bytes is read while other requests wait. A longer one is read in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(HttpRequest):
    """A request to an object store. `key` is empty for a bucket, and `bucket` is empty too for the whole service."""

    bucket: str
    key: str
    endpoint: str
    """Host and port at which the client reaches the service, without a bucket."""

    @property
    def host(self) -> str:
        """The host name that belongs to the bucket, or that of the service."""
        return f"{self.bucket}.{self.endpoint}" if self.bucket else self.endpoint

    def chunks(self) -> AsyncIterator[bytes]:
        return self.request.content.iter_any()

    async def document(self, root: str, most_tags: int = xml.MOST_TAGS) -> Element:
        """Return the body, which must be XML with that root element. If it has a Content-MD5, that must be right.

        A document of more than `most_tags` tags is refused.
        """
        too_large = Refusal("MalformedXML", f"The XML body is larger than {MAX_DOCUMENT} bytes.")
        body = await read_body(self.request, MAX_DOCUMENT, too_large, Refusal("IncompleteBody"))
        announced = self.header("content-md5")
        if announced and announced != base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode():
            raise Refusal("InvalidDigest")
        try:
            if len(body) > READ_AT_ONCE:
                return await asyncio.to_thread(xml.parse, body, root, most_tags)
            return xml.parse(body, root, most_tags)
        except ValueError as error:
            raise Refusal("MalformedXML") from error


def subject(call: Call, everywhere: Collection[str]) -> str:
    """Return what the call is about, as photos/a.jpg?acl.

    The values of its parameters are left out, and so are parameters that every operation has: these hold signatures.
    """
    names = [name for name, _ in call.params if name not in everywhere]
    return "/".join(part for part in (call.bucket, call.key) if part) + (f"?{'&'.join(names)}" if names else "")


def read(request: web.Request, host: Host, own_host: re.Pattern[str]) -> Call:
    """Return the call in a request. Its bucket stands in the host name or at the beginning of the path.

    `own_host` is the form of the service's own host names, whose groups are the bucket and the endpoint. The path is
    taken as it came: clients write the slashes of a key as %2F, and a decoder on the way could merge or split it.
    """
    own = own_host.fullmatch(host.name)
    bucket, endpoint = (own[1] or "", own[2]) if own is not None else (host.label, host.address)
    path, params = split(request.raw_path)
    key = path[1:]
    if not bucket:
        bucket, _, key = key.partition("/")
    return Call(
        method=request.method,
        bucket=bucket,
        key=key,
        params=params,
        headers=headers_of(request),
        endpoint=endpoint,
        remote=request.remote or "",
        request=request,
    )
