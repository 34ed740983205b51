"""Makes HTTP sessions for the vendors' clients: they take nothing from the environment, and send a request in one
piece."""

from __future__ import annotations

import logging
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from imagelabels.providers.kit.proxies import Proxies


def keep_signed_urls_out_of_logs(*parameters: str) -> None:
    """Drop the lines in which urllib3 writes a whole URL that has one of these parameters: it is a secret."""

    def is_harmless(record: logging.LogRecord) -> bool:
        return not any(name in record.getMessage() for name in parameters)

    for name in ("urllib3.connection", "urllib3.connectionpool"):
        logging.getLogger(name).addFilter(is_harmless)


class WholeConnection(HTTPConnection):
    """It sends the head of a request together with its body.

    A write of tags carries a signature that ends soon. A store may check it when it has read the head, and then wait
    for the body. A sender that is stopped between the two, or a network that loses the second packet, would let the
    write take effect long after the signature has ended. In one TLS record (16 KB) the store has both or neither.
    """

    _held: bytearray | None = None

    def request(self, *args: Any, **options: Any) -> None:
        self._held = bytearray()
        try:
            super().request(*args, **options)
            whole = bytes(self._held)
        finally:
            self._held = None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held += data


class SecureWholeConnection(WholeConnection, HTTPSConnection):
    """It does the same through TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = WholeConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureWholeConnection


_POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SecurePool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class HttpSession(requests.Session):
    """It keeps `connections` open per host. The environment (.netrc, proxies) would replace our signature or send
    loopback traffic elsewhere, so only `proxies` counts."""

    def __init__(self, proxies: Proxies, connections: int) -> None:
        super().__init__()
        self.trust_env = False
        self._through = proxies
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter(pool_connections=connections, pool_maxsize=connections))

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return super().send(request, **{**options, "proxies": self._through.of(request.url or "")})


class NoRedirects(HttpSession):
    """It follows no redirect, which would send the token elsewhere."""

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        return super().send(request, **{**options, "allow_redirects": False})
