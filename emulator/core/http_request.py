"""One HTTP request as the services see it: every part is decoded exactly once, and nothing of it is lost."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, unquote_plus

from aiohttp import ClientPayloadError, web

from emulator.core.refusal import Refusal

Params = tuple[tuple[str, str], ...]
"""The parameters of a request, decoded, in the order in which they came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request whose address has been taken apart. Bytes that are not UTF-8 are in its texts as surrogates."""

    method: str
    params: Params
    headers: Mapping[str, str]
    """The names are in lower case."""
    remote: str
    """The client's IP address."""
    request: web.Request
    request_id: str = field(default_factory=lambda: secrets.token_hex(12).upper())

    @property
    def query(self) -> dict[str, str]:
        """The parameters by name. Of a parameter that comes twice the last value counts."""
        return dict(self.params)

    def header(self, name: str) -> str:
        """The value of a header, which is an empty string where the request does not have the header."""
        return self.headers.get(name, "")


def split(target: str) -> tuple[str, Params]:
    """Return the decoded path and the parameters of a request target."""
    path, _, query = target.partition("?")
    if not path.startswith("/"):
        raise Refusal("InvalidArgument", "The request target must be a path.")
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return unquote(path, errors="surrogateescape"), tuple(
        (unquote_plus(name, errors="surrogateescape"), unquote_plus(value, errors="surrogateescape"))
        for name, _, value in pairs
    )


def headers_of(request: web.Request) -> dict[str, str]:
    """Return the headers by their names in lower case. The values of a header that comes twice are joined by commas."""
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        lower = name.lower()
        headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
    return headers


def received(request: web.Request, request_id: str) -> tuple[str, HttpRequest]:
    """Return the decoded path of a request, and the request itself."""
    path, params = split(request.raw_path)
    return path, HttpRequest(
        method=request.method,
        params=params,
        headers=headers_of(request),
        remote=request.remote or "",
        request=request,
        request_id=request_id,
    )


async def read_body(request: web.Request, largest: int, too_large: Refusal, incomplete: Refusal) -> bytes:
    """Return the body of a request. One that is longer than `largest` bytes is refused before it is read whole.

    A client that hangs up before the end of its body is `incomplete`.
    """
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > largest:
                raise too_large
    except (ClientPayloadError, ConnectionError):
        raise incomplete from None
    return bytes(body)
