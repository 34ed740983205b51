"""Serves the API to a WSGI server: https://peps.python.org/pep-3333/"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from imagelabels.api.app import Api, Event
from imagelabels.api.streaming import Streamed

LARGEST_BODY = 1024 * 1024
"""The body of a request has at most so many bytes."""

MOST_PARAMETERS = 1000
"""The address of a request has at most so many parameters."""

MISDIRECTED = (
    b"This server answers this machine alone: ask http://localhost or http://127.0.0.1 with its port. Behind a proxy of"
    b" another name, start it with `imagelabels serve --site https://NAME`.\n"
)

Start = Callable[[str, list[tuple[str, str]]], object]


class Wsgi:
    """The API as a WSGI application."""

    def __init__(
        self, api: Api, streamed: str | None = None, is_meant: Callable[[str], bool] = lambda host: True
    ) -> None:
        """A body that is posted to the address `streamed` may be large, and is read by who answers. `is_meant` says
        whether a request with this header Host is answered."""
        self._api = api
        self._streamed = streamed
        self._is_meant = is_meant

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        if environ.get("QUERY_STRING", "").count("&") >= MOST_PARAMETERS:
            start("400 Bad Request", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        if not self._is_meant(environ.get("HTTP_HOST", "")):
            start(
                "421 Misdirected Request", [("Content-Type", "text/plain"), ("Content-Length", f"{len(MISDIRECTED)}")]
            )
            return [MISDIRECTED]
        is_streamed = (environ["REQUEST_METHOD"], environ.get("PATH_INFO")) == ("POST", self._streamed)
        if not is_streamed and _length(environ) > LARGEST_BODY:
            start("413 Content Too Large", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return []
        answer = self._api.answer(event_of(environ, is_streamed))
        status = HTTPStatus(answer["statusCode"])
        body = answer["body"]
        headers = [(name, str(value)) for name, value in answer["headers"].items()]
        if isinstance(body, Streamed):
            start(f"{status.value} {status.phrase}", headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" else _parts(body)
        octets = base64.b64decode(body) if answer["isBase64Encoded"] else body.encode("utf-8", "replace")
        if status is not HTTPStatus.NOT_MODIFIED:
            headers.append(("Content-Length", f"{len(octets)}"))
        start(f"{status.value} {status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [octets]


def event_of(environ: Mapping[str, Any], is_streamed: bool = False) -> Event:
    """Return the request as an event. Values of a parameter that comes twice are joined by commas, as clouds do. The
    event of a body that is streamed has the stream and its length."""
    length, stream = _length(environ), environ["wsgi.input"]
    octets = b"" if is_streamed else stream.read(length)
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    query: dict[str, str] = {}
    for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": _headers(environ),
        "queryStringParameters": query,
        "requestContext": {
            "requestId": uuid4().hex,
            "stage": "$default",
            "http": {
                "method": _method(environ),
                "path": path,
                "sourceIp": environ.get("REMOTE_ADDR", ""),
            },
        },
        "body": base64.b64encode(octets).decode(),
        "isBase64Encoded": True,
        **({"stream": stream, "length": length} if is_streamed else {}),
    }


def _length(environ: Mapping[str, Any]) -> int:
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdigit() else 0


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    headers.setdefault("x-forwarded-proto", environ.get("wsgi.url_scheme", "http"))
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def _method(environ: Mapping[str, Any]) -> str:
    """Return the method. HEAD is answered like GET, without the body."""
    method = str(environ["REQUEST_METHOD"])
    return "GET" if method == "HEAD" else method


def _parts(body: Streamed) -> Iterator[bytes]:
    for part in body.parts:
        if part.body:
            yield part.body
