"""Bounds how many wrong tokens and secrets of feeds an address may try, in each instance of the function or server."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from imagelabels.api.limits import MOST_CALLERS, RateLimit


class Guesses:
    """Allows each address so many wrong secrets a minute.

    Many people may share an address, such as that of a proxy. So whoever came in from there lately is not kept out by
    the guesses of others, although the secret is looked up for every request all the same.
    """

    def __init__(self, per_minute: int, now: Callable[[], float]) -> None:
        """`now` is a clock in seconds that never goes back."""
        self._wrong = RateLimit(per_minute, now)
        self._lock = Lock()
        self._known: OrderedDict[str, None] = OrderedDict()

    def wait(self, address: str, secret: str) -> float:
        """Return 0 if the secret may be looked up, else in how many seconds it may be."""
        with self._lock:
            is_known = _visitor(address, secret) in self._known
        return 0.0 if is_known else self._wrong.wait(address, counted=False)

    def was_wrong(self, address: str, secret: str) -> None:
        """Count a wrong secret."""
        with self._lock:
            self._known.pop(_visitor(address, secret), None)
        self._wrong.wait(address)

    def was_right(self, address: str, secret: str) -> None:
        """Remember who came in. The one who has not come for the longest time is forgotten first."""
        visitor = _visitor(address, secret)
        with self._lock:
            self._known.pop(visitor, None)
            self._known[visitor] = None
            if len(self._known) > MOST_CALLERS:
                self._known.popitem(last=False)


def _visitor(address: str, secret: str) -> str:
    """Name an address with a secret, so that the secret itself is not kept."""
    return hashlib.sha256(f"{address} {secret}".encode("utf-8", "surrogatepass")).hexdigest()
