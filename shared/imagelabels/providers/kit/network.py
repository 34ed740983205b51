"""Finds out why a request got no answer."""

from __future__ import annotations

import requests
from urllib3 import exceptions as urllib3

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning

_UNSENDABLE = ("header value", "header name", "Header part", "codec can't encode")
"""HTTP libraries use these words of a header that cannot be sent. They quote its value, which may be a token."""


def meaning(error: BaseException) -> Meaning | None:
    """Look up what an error of requests or urllib3 means; None for one whose meaning depends on the cloud."""
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
    """Return what the library says; nothing where that tells a person nothing, or may hold a secret."""
    return "" if meaning(error) not in (None, calls.TIMEOUT) else str(error)


def host(error: BaseException) -> str:
    """Return the host that was not reached, with its port unless that is the usual one."""
    pool = getattr(_tries(error), "pool", None)
    name, port = str(getattr(pool, "host", "")), getattr(pool, "port", None)
    return f"{name}:{port}" if port not in (None, 80, 443) else name


def _tries(error: BaseException) -> urllib3.MaxRetryError | None:
    """Return what urllib3 raises after the last attempt to connect, which requests wraps."""
    inner = error.args[0] if isinstance(error, requests.ConnectionError) and error.args else error
    return inner if isinstance(inner, urllib3.MaxRetryError) else None


def _reason(error: BaseException) -> BaseException | None:
    tries = _tries(error)
    return getattr(tries, "reason", None)
