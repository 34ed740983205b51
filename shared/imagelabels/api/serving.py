"""Serves the API on this machine with waitress."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from waitress.server import create_server

from imagelabels.api.app import LARGEST_BODY, Api
from imagelabels.api.hosts import is_meant, is_own
from imagelabels.api.wsgi import Wsgi

THREADS = 8
"""So many requests are answered at the same time."""

CONNECTIONS = 500
"""So many clients may be connected at the same time, and who comes then waits. A browser keeps up to six connections
open, for up to two minutes after it has asked something."""

LARGEST_STREAM = 96 * 1024 * 1024
"""A larger body is refused without a word of ours. Waitress keeps large bodies in a file until they are complete."""


def serve(
    api: Api, host: str, port: int, ready: Callable[[int], object], streamed: str | None = None, site: str = ""
) -> None:
    """Answer requests until the process is interrupted. `ready` is told the port, which is a free one for port 0. A
    body that is posted to the address `streamed` may be large. A host that only this machine reaches is answered under
    the names of this machine, `host` and that of `site`. OSError says why nobody can listen at the host."""
    most = LARGEST_STREAM if streamed is not None else LARGEST_BODY
    names = {host.lower(), urlsplit(site).hostname or ""}
    server = _listening(
        Wsgi(api, streamed, partial(is_meant, names=names)) if is_own(host) else Wsgi(api, streamed),
        host=host,
        port=port,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        max_request_body_size=most,
        ident=None,
        # A proxy with TLS tells by X-Forwarded-Proto that addresses begin with https://. Nobody gains by lying to us.
        clear_untrusted_proxy_headers=False,
    )
    try:
        places = getattr(server, "effective_listen", None)  # A name such as localhost may have several addresses.
        ready(places[0][1] if places else server.effective_port)
        server.run()
    finally:
        server.close()


def _listening(app: Wsgi, **options: Any) -> Any:
    try:
        return create_server(app, **options)
    except ValueError as error:
        raise OSError("no address is called so") from error
