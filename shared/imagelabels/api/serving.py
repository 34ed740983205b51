"""Serves the API on this machine with waitress."""

from __future__ import annotations

from collections.abc import Callable

from waitress.server import create_server

from imagelabels.api.app import Api
from imagelabels.api.wsgi import LARGEST_BODY, Wsgi

THREADS = 8
"""So many requests are answered at the same time."""

LARGEST_STREAM = 96 * 1024 * 1024
"""A larger body is refused without a word of ours. Waitress keeps large bodies in a file until they are complete."""


def serve(api: Api, host: str, port: int, ready: Callable[[int], object], streamed: str | None = None) -> None:
    """Answer requests until the process is interrupted. `ready` is told the port, which is a free one for port 0. A
    body that is posted to the address `streamed` may be large."""
    most = LARGEST_STREAM if streamed is not None else LARGEST_BODY
    server = create_server(
        Wsgi(api, streamed), host=host, port=port, threads=THREADS, max_request_body_size=most, ident=None
    )
    try:
        ready(server.effective_port)
        server.run()
    finally:
        server.close()
