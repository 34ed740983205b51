"""The text that clients of COS sign: https://cloud.tencent.com/document/product/436/7778."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from urllib.parse import quote

ALGORITHM = "sha1"


def encoded(value: str) -> str:
    return quote(value.encode("utf-8", "surrogateescape"), safe="-_.~")


def names(values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values by name, both in the form in which they are signed.

    A name that comes twice raises a ValueError with the name: a signature covers one of its values, and an operation
    might take the other. Upper and lower case are the same in a signed name.
    """
    encoded_values: dict[str, str] = {}
    for name, value in values:
        signed = encoded(name).lower()
        if signed in encoded_values:
            raise ValueError(signed)
        encoded_values[signed] = encoded(value)
    return encoded_values


def request(method: str, path: str, params: Mapping[str, str], headers: Mapping[str, str]) -> bytes:
    """Return the canonical request.

    `path` is decoded. `params` and `headers` are those that are signed, in the form of `names`.
    """
    rows = [method.lower(), path, _row(params), _row(headers), ""]
    return "\n".join(rows).encode("utf-8", "surrogateescape")


def signature(secret: str, key_time: str, sign_time: str, request: bytes) -> str:
    key = hmac.digest(secret.encode(), key_time.encode(), "sha1").hex()
    text = f"{ALGORITHM}\n{sign_time}\n{hashlib.sha1(request, usedforsecurity=False).hexdigest()}\n"
    return hmac.digest(key.encode(), text.encode(), "sha1").hex()


def form_signature(secret: str, key_time: str, policy: bytes) -> str:
    """Return the signature of the policy of an HTML form, which is not in base64 here."""
    key = hmac.digest(secret.encode(), key_time.encode("utf-8", "surrogateescape"), "sha1").hex()
    text = hashlib.sha1(policy, usedforsecurity=False).hexdigest()
    return hmac.digest(key.encode(), text.encode(), "sha1").hex()


def _row(values: Mapping[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()))
