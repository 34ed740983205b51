"""What stands behind a request that got no answer."""

from __future__ import annotations

import requests
from urllib3 import exceptions as urllib3

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning

_UNSENDABLE = ("header value", "header name", "Header part", "codec can't encode")
"""Words of HTTP libraries about a header that cannot be sent. They quote its value, which may be a token."""


def meaning(error: BaseException) -> Meaning | None:
    """The meaning of an error of requests or urllib3, where it is one for which the cloud does not matter."""
    if isinstance(error, ValueError) and any(words in str(error) for words in _UNSENDABLE):
        return calls.UNSENDABLE
    reason = _reason(error)
    if isinstance(reason, urllib3.ProxyError) or isinstance(error, requests.exceptions.ProxyError):
        return calls.PROXY
    if isinstance(reason, urllib3.ConnectTimeoutError) and not isinstance(reason, urllib3.NewConnectionError):
        return calls.UNREACHED
    if isinstance(reason, urllib3.NewConnectionError):
        return calls.UNREACHABLE
    if isinstance(error, requests.ConnectionError) and "timed out" in str(error):
        return calls.TIMEOUT
    return None


def words(error: BaseException) -> str:
    """What the library says, where that tells a person something and cannot hold a secret."""
    return "" if meaning(error) not in (None, calls.TIMEOUT) else str(error)


def host(error: BaseException) -> str:
    """The host that was not reached, with its port where that is not the usual one."""
    pool = getattr(_tries(error), "pool", None)
    name, port = str(getattr(pool, "host", "")), getattr(pool, "port", None)
    return f"{name}:{port}" if port not in (None, 80, 443) else name


def _tries(error: BaseException) -> urllib3.MaxRetryError | None:
    """What urllib3 says after the last attempt to connect; requests wraps it."""
    inner = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else error
    return inner if isinstance(inner, urllib3.MaxRetryError) else None


def _reason(error: BaseException) -> BaseException | None:
    tries = _tries(error)
    return getattr(tries, "reason", None)
