"""Tells by which names a server that answers this machine alone may be asked.

A web page of a stranger can let its own name lead to 127.0.0.1 once the browser has loaded it (DNS rebinding). The
browser then shows it the answers of this server. Such a request names the site of the stranger in the header Host,
which scripts cannot change.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::\d*)?", re.IGNORECASE)


def is_own(host: str) -> bool:
    """Return whether only this machine reaches what listens at a host, which may be a name, or an address in any
    spelling, such as 127.1."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM) if host else []
    except (OSError, ValueError):
        return False
    return bool(found) and all(_is_loopback(str(place[0])) for *_, place in found)


def is_meant(header: str, names: Collection[str] = ()) -> bool:
    """Return whether the header Host names this machine, or one of the names in lower case: that which the server
    listens at, and that of a proxy before it. Nobody is asked where a name leads. Ports do not matter."""
    parts = _HOST.fullmatch(header)
    if parts is None:
        return False
    name = (parts[1] or parts[2]).lower()
    return name == "localhost" or name in names or _is_loopback(name)


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
