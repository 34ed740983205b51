"""Tells by which names a server that answers this machine alone may be asked.

A web page of a stranger can let its own name lead to 127.0.0.1 once the browser has loaded it (DNS rebinding). The
browser then shows it the answers of this server. Such a request names the site of the stranger in the header Host,
which scripts cannot change.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]+))(?::\d*)?", re.IGNORECASE)


def is_own(host: str) -> bool:
    """Return whether only this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_meant(header: str, site: str = "") -> bool:
    """Return whether the header Host names this machine, or the host of `site`, which somebody has named as the address
    of a proxy before the server. Ports do not matter."""
    parts = _HOST.fullmatch(header)
    if parts is None:
        return False
    name = (parts[1] or parts[2]).lower()
    return is_own(name) or name == urlsplit(site).hostname
