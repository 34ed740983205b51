"""Defines what the server needs of a service, and what it tells the service about the host name of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

LABEL = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
LOCAL = re.compile(rf"(?:({LABEL})\.)?((?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{{1,5}})?)")
"""A label, such as the name of a bucket, and an address of this machine."""


@dataclass(frozen=True, slots=True)
class Host:
    """The Host header of a request, in lower case.

    A request to this machine has an `address`, which is a loopback name or address with its port, and it may have a
    `label` before that, as in photos.localhost:9000. A request to any other host name has neither.
    """

    name: str
    address: str = ""
    label: str = ""

    @classmethod
    def read(cls, header: str) -> Host:
        name = header.lower()
        local = LOCAL.fullmatch(name)
        return cls(name) if local is None else cls(name, local[2], local[1] or "")


class Service(Protocol):
    """One emulated service of a cloud."""

    @property
    def host_names(self) -> str:
        """The service's own host names as a person would write them, such as <bucket>.store.example, or nothing."""

    def owns(self, host_name: str) -> bool:
        """Tell whether a host name, in lower case, is one of the service's own."""

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Tell whether a request to an address of this machine is meant for this service.

        The server asks its services in the order of its list, and the first that says yes gets the request.
        """

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        """Answer a request. The service checks its signature, and it turns its own failures into answers."""
