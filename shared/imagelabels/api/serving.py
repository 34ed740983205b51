"""Serves the API on this machine with waitress."""

from __future__ import annotations

from collections.abc import Callable

from waitress.server import create_server

from imagelabels.api.app import Api
from imagelabels.api.wsgi import LARGEST_BODY, Wsgi

THREADS = 8
"""So many requests are answered at the same time."""


def serve(api: Api, host: str, port: int, ready: Callable[[int], object]) -> None:
    """Answer requests until the process is interrupted. `ready` is told the port, which is a free one for port 0."""
    server = create_server(
        Wsgi(api), host=host, port=port, threads=THREADS, max_request_body_size=LARGEST_BODY, ident=None
    )
    try:
        ready(server.effective_port)
        server.run()
    finally:
        server.close()
