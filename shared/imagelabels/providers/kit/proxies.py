"""Chooses the proxy of a request: that of the environment on a person's machine, and none inside a function."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from imagelabels.domain.errors import Misconfigured

PLATFORMS = ("FC_FUNC_CODE_PATH", "USER_CODE_ROOT")
"""Function Compute and SCF set these variables for a function. There the stores are in the same network."""

_PROXY = re.compile(
    r"https?://(?:[^/?#\s]*@)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?/?", re.ASCII | re.IGNORECASE
)
"""HTTP libraries quote an address that they cannot read, and a password that is not encoded makes it one."""


@dataclass(frozen=True, slots=True)
class Proxies:
    """It has proxies by the scheme of the requests that go through them, and the hosts that are reached without one.

    They may contain a password, so they are never shown.
    """

    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)
    without: str = ""

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> Proxies:
        """Read HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY. The lower-case spelling wins, as with curl."""
        if any(name in environ for name in PLATFORMS):
            return cls()
        named = {scheme: _either(environ, f"{scheme}_proxy") for scheme in ("http", "https", "all")}
        return cls({scheme: proxy for scheme, proxy in named.items() if proxy}, _either(environ, "no_proxy"))

    def of(self, url: str) -> dict[str, str]:
        """Return the proxies for one address, as requests takes them: none for an address that is spoken to directly.

        An emulator on this machine is always spoken to directly. Misconfigured for a proxy of another kind than HTTP,
        and for an address that cannot be read.
        """
        parts = urlsplit(url)
        scheme = parts.scheme if parts.scheme in self.by_scheme else "all"
        proxy = self.by_scheme.get(scheme)
        if proxy is None or _is_here(parts.hostname or "") or self._bypasses(parts.netloc):
            return {}
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        address = _PROXY.fullmatch(proxy)
        if address is None or int(address["port"] or 0) > 65535:
            raise Misconfigured(
                f"{scheme.upper()}_PROXY must name an HTTP proxy, as http://proxy.example.com:3128 or "
                "http://user:password@proxy.example.com:3128, with # / and ? in the password as %23 %2F and %3F"
            )
        return {parts.scheme: proxy}

    def _bypasses(self, host: str) -> bool:
        import urllib.request  # slow to import, and seldom needed

        return bool(urllib.request.proxy_bypass_environment(host, {"no": self.without}))  # type: ignore[attr-defined]


DIRECT = Proxies()


def _either(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.upper()) or ""


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
