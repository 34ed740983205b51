"""Checks the signatures of requests to Simple Message Queue.

https://www.alibabacloud.com/help/en/mns/developer-reference/request-protocol-description
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from email.utils import parsedate_to_datetime

from emulator.core.http_request import HttpRequest
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal

SCHEME = "MNS "
SKEW = 900
"""A request is refused if its date is wrong by more seconds than this."""


class SmqGate:
    """Lets signed requests through and refuses the others."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring, self._clock = keyring, clock

    def check(self, request: HttpRequest, target: str) -> None:
        """Raise a Refusal unless the request is signed with a key that is known and valid now. The signature covers the
        `target`, which is the path with its parameters as the client wrote them."""
        authorization = request.header("authorization")
        if not authorization:
            raise Refusal("MissingAuthorizationHeader")
        key_id, colon, theirs = authorization.removeprefix(SCHEME).partition(":")
        if not authorization.startswith(SCHEME) or not colon:
            raise Refusal("InvalidAuthorizationHeader")
        key = self._key(key_id, request.header("security-token"))
        self._check_date(request.header("date"))
        if not same_secret(signature(key.secret, request, target), theirs):
            raise Refusal("SignatureDoesNotMatch")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise Refusal("InvalidAccessKeyId")
        # Unproven codes-of-smq-tokens: An expired or wrong security token is refused with AccessDenied.
        # Why: the page of the codes has none for tokens.
        # Ask: ReceiveMessage with an expired token, with that of another key, and without one: status and code of each.
        if key.expired(self._clock()):
            raise Refusal("AccessDenied", "The security token has expired.")
        if not same_secret(key.token or "", token):
            raise Refusal("AccessDenied", "The security token is not that of the access key.")
        return key

    def _check_date(self, date: str) -> None:
        if not date:
            raise Refusal("MissingDateHeader")
        try:
            at = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            raise Refusal("InvalidDateHeader") from None
        if abs(at - self._clock()) > SKEW:
            raise Refusal("TimeExpired")


def check_body(request: HttpRequest, body: bytes) -> None:
    """Raise a Refusal unless the body is the one that was signed.

    The page names RFC 1864, which is Base64 of the digest. The vendor's client sends Base64 of its hexadecimal form.
    """
    digest = request.header("content-md5")
    md5 = hashlib.md5(body, usedforsecurity=False)
    if digest and digest not in (_base64(md5.digest()), _base64(md5.hexdigest().encode())):
        raise Refusal("InvalidDegist")


def signature(secret: str, request: HttpRequest, target: str) -> str:
    named = sorted((name, value) for name, value in request.headers.items() if name.startswith("x-mns-"))
    lines = [request.method, *(request.header(name) for name in ("content-md5", "content-type", "date"))]
    text = "\n".join([*lines, *(f"{name}:{value}" for name, value in named), target])
    return _base64(hmac.new(secret.encode(), text.encode("utf-8", "surrogateescape"), hashlib.sha1).digest())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
