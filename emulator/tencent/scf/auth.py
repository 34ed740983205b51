"""Checks signatures of the form TC3-HMAC-SHA256, with which clients sign requests to the API of Tencent Cloud.

https://cloud.tencent.com/document/api/1278/46714
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timezone
from typing import NamedTuple

from emulator.core.http_request import HttpRequest
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal

ALGORITHM = "TC3-HMAC-SHA256"
SKEW = 300
"""A request is refused if its time is wrong by more seconds than this, which the page on common error codes has."""
SERVICE = "scf"


class Signature(NamedTuple):
    """What the header Authorization says, and the key that it names."""

    key: Key
    scope: str
    signed: list[str]
    value: str


class Tc3Gate:
    """Lets signed requests through and refuses the others. `clock` gives seconds since the epoch."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring, self._clock = keyring, clock

    def check_head(self, received: HttpRequest) -> Signature:
        """Return the signature, which covers the body. Raise a Refusal if it cannot be right, whatever the body is."""
        algorithm, _, rest = received.header("authorization").partition(" ")
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        if algorithm != ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
            raise Refusal("AuthFailure.InvalidAuthorization")
        key_id, _, scope = fields["Credential"].partition("/")
        key = self._key(key_id, received.header("x-tc-token"))
        day = self._day(received.header("x-tc-timestamp"))
        signed = fields["SignedHeaders"].split(";")
        if scope != f"{day}/{SERVICE}/tc3_request" or not {"content-type", "host"} <= set(signed):
            raise Refusal("AuthFailure.SignatureFailure")
        return Signature(key, scope, signed, fields["Signature"])

    def check_body(self, received: HttpRequest, theirs: Signature, body: bytes) -> None:
        """Raise a Refusal unless the request was signed with this body."""
        if not same_secret(signature(received, theirs, body), theirs.value):
            raise Refusal("AuthFailure.SignatureFailure")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise Refusal("AuthFailure.SecretIdNotFound")
        if key.expired(self._clock()) or not same_secret(key.token or "", token):
            raise Refusal("AuthFailure.TokenFailure")
        return key

    def _day(self, timestamp: str) -> str:
        if not timestamp:
            raise Refusal("MissingParameter", "The header X-TC-Timestamp is missing.")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10):
            raise Refusal("InvalidParameter", "The header X-TC-Timestamp is not a number of seconds.")
        if abs(int(timestamp) - self._clock()) > SKEW:
            raise Refusal("AuthFailure.SignatureExpire")
        return datetime.fromtimestamp(int(timestamp), timezone.utc).strftime("%Y-%m-%d")


def signature(received: HttpRequest, theirs: Signature, body: bytes) -> str:
    """Return the signature that the request should have. The client may leave its body out of it."""
    if received.header("x-tc-content-sha256") == "UNSIGNED-PAYLOAD":
        body = b"UNSIGNED-PAYLOAD"
    headers = "".join(f"{name}:{received.header(name).strip().lower()}\n" for name in theirs.signed)
    request = [received.method, "/", "", headers, ";".join(theirs.signed), hashlib.sha256(body).hexdigest()]
    digest = hashlib.sha256("\n".join(request).encode("utf-8", "surrogateescape")).hexdigest()
    secret = f"TC3{theirs.key.secret}".encode()
    for part in theirs.scope.split("/"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    text = "\n".join([ALGORITHM, received.header("x-tc-timestamp"), theirs.scope, digest])
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
