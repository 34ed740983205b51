"""The string that COS signs: https://cloud.tencent.com/document/product/436/7778."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote

ALGORITHM = "sha1"


def encoded(value: str) -> str:
    return quote(value.encode("utf-8", "surrogateescape"), safe="-_.~")


def names(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Values by name, both as they stand in what is signed.

    ValueError, which holds the name, if a name comes twice: a signature covers one value of it, and a handler might
    take the other. Upper and lower case are the same in a signed name.
    """
    found: dict[str, str] = {}
    for name, value in values:
        signed = encoded(name).lower()
        if signed in found:
            raise ValueError(signed)
        found[signed] = encoded(value)
    return found


def request(method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """`path` is decoded and begins with a slash; params and headers are the signed ones, as `names` gives them."""
    rows = [method.lower(), path, _row(params), _row(headers), ""]
    return "\n".join(rows).encode("utf-8", "surrogateescape")


def signature(secret: str, key_time: str, sign_time: str, request: bytes) -> str:
    key = hmac.digest(secret.encode(), key_time.encode(), "sha1").hex()
    text = f"{ALGORITHM}\n{sign_time}\n{hashlib.sha1(request, usedforsecurity=False).hexdigest()}\n"
    return hmac.digest(key.encode(), text.encode(), "sha1").hex()


def _row(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()))
