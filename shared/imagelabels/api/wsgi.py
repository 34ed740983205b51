"""Serves the API to a WSGI server: https://peps.python.org/pep-3333/"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from itertools import chain
from threading import Semaphore
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from imagelabels.api.app import LARGEST_BODY, Answer, Api, Event, refused, too_large
from imagelabels.api.problems import LATER, Problem
from imagelabels.api.streaming import Part, Streamed

MOST_PARAMETERS = 1000
"""The address of a request has at most so many parameters."""

MOST_STREAMS = 4
"""So many long answers are sent at the same time. Each keeps a thread for as long as its client takes to read it, and
there must be threads left for others."""

TOO_MANY_STREAMS = "too many long answers are being sent to others: ask again later, or for fewer pictures"

MISDIRECTED = (
    "this server answers this machine alone: ask http://localhost or http://127.0.0.1 with its port. Behind a proxy of "
    "another name, start it with `imagelabels serve --site https://NAME`"
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
        self._streams = Semaphore(MOST_STREAMS)

    def __call__(self, environ: Mapping[str, Any], start: Start) -> Iterable[bytes]:
        is_streamed = (environ["REQUEST_METHOD"], environ.get("PATH_INFO")) == ("POST", self._streamed)
        problem = self._refusal(environ, is_streamed)
        if problem is None:
            answer = self._api.answer(event_of(environ, is_streamed))
        else:
            answer = self._api.refusal(event_of({**environ, "QUERY_STRING": ""}, is_streamed=True), problem)
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        if isinstance(answer["body"], Streamed):
            first = next(answer["body"].parts)
            if first.next is not None:
                return self._in_parts(answer, chain([first], answer["body"].parts), is_head, start)
            return _whole(answer, first.body, is_head, start)
        return _whole(answer, _octets(answer), is_head, start)

    def _in_parts(self, answer: Answer, parts: Iterator[Part], is_head: bool, start: Start) -> Iterable[bytes]:
        """Send a long answer, or say that too many are being sent."""
        if is_head:
            start(*_head(answer))
            return []
        if not self._streams.acquire(blocking=False):
            busy = refused(Problem(503, "busy", TOO_MANY_STREAMS, {"Retry-After": f"{LATER}"}))
            return _whole(busy, _octets(busy), is_head, start)
        start(*_head(answer))
        return _Parts(parts, self._streams.release)

    def _refusal(self, environ: Mapping[str, Any], is_streamed: bool) -> Problem | None:
        """Return why a request is not even read."""
        if environ.get("QUERY_STRING", "").count("&") >= MOST_PARAMETERS:
            return Problem(400, "bad_parameter", f"an address has at most {MOST_PARAMETERS:,} parameters")
        if not self._is_meant(environ.get("HTTP_HOST", "")):
            return Problem(421, "misdirected", MISDIRECTED)
        if not is_streamed and _length(environ) > LARGEST_BODY:
            return too_large()
        return None


class _Parts:
    """The parts of a long answer, of which each is made when it is asked for. `release` is called when the server is
    done with them, also if it never asks for one."""

    def __init__(self, parts: Iterator[Part], release: Callable[[], object]) -> None:
        self._parts, self._release = parts, release

    def __iter__(self) -> Iterator[bytes]:
        return (part.body for part in self._parts if part.body)

    def close(self) -> None:
        """End the answer. A server calls this once (PEP 3333)."""
        self._release()


def _whole(answer: Answer, octets: bytes, is_head: bool, start: Start) -> list[bytes]:
    status, headers = _head(answer)
    if answer["statusCode"] != HTTPStatus.NOT_MODIFIED:
        headers.append(("Content-Length", f"{len(octets)}"))
    start(status, headers)
    return [] if is_head else [octets]


def _octets(answer: Answer) -> bytes:
    body: str = answer["body"]
    return base64.b64decode(body) if answer["isBase64Encoded"] else body.encode("utf-8", "replace")


def _head(answer: Answer) -> tuple[str, list[tuple[str, str]]]:
    status = HTTPStatus(answer["statusCode"])
    return f"{status.value} {status.phrase}", [(name, str(value)) for name, value in answer["headers"].items()]


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
