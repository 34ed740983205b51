"""Tells which network addresses the service may connect to on behalf of somebody who names a receiver.

A name in an address may lead anywhere: into the network of the functions, or to the service that hands out their keys.
So only addresses of the public internet are allowed, as the registries of IANA list them:
https://www.iana.org/assignments/iana-ipv4-special-registry and
https://www.iana.org/assignments/iana-ipv6-special-registry
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_SPECIAL_4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",  # Alibaba Cloud hands out keys at 100.100.100.200.
            "127.0.0.0/8",
            "169.254.0.0/16",  # Most clouds hand out keys at an address in here.
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)

_PUBLIC_6 = IPv6Network("2000::/3")
"""All addresses outside of this network are special: those that stand for IPv4 addresses (::ffff:0:0/96, and NAT64's
64:ff9b::/96), loopback, private networks, links, multicast."""

_SPECIAL_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # Teredo and other protocols; a Teredo address holds an IPv4 address.
            "2001:db8::/32",
            "2002::/16",  # 6to4: the next four bytes are an IPv4 address.
            "3fff::/20",
        ),
    )
)

_OWN_4 = tuple(map(IPv4Network, ("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_OWN_6 = tuple(map(IPv6Network, ("::1/128", "fc00::/7")))
"""One's own machine and private networks."""


def numeric(host: str) -> str | None:
    """Return the numeric address that a host in a URL is without any question to a name server; None if it is a name.

    An IPv4 address may also be written as one number, in hexadecimal or octal numbers, or with fewer than four parts:
    the system reads 2130706433, 0x7f.1 and 0177.0.0.1 as 127.0.0.1 (https://man7.org/linux/man-pages/man3/inet.3.html).
    A dot behind it changes nothing. `localhost` and the names below it are always this machine
    (https://www.rfc-editor.org/rfc/rfc6761#section-6.3).
    """
    host = host.removesuffix(".")
    if f".{host.lower()}".endswith(".localhost"):
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None


def is_allowed(address: str, anywhere: bool = False) -> bool:
    """Return whether a numeric address may be connected to. `anywhere` also allows one's own machine and private
    networks, but never an address of a link, where clouds hand out keys."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _SPECIAL_4) or (anywhere and any(ip in own for own in _OWN_4))
    is_public = ip in _PUBLIC_6 and not any(ip in network for network in _SPECIAL_6)
    return is_public or (anywhere and any(ip in own for own in _OWN_6))
