"""Checks signatures of the form ACS3-HMAC-SHA256, with which clients sign requests to several services.

https://help.aliyun.com/zh/model-studio/user-guide/roa-style-request-body-signature-mechanism
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Collection
from datetime import datetime, timezone
from urllib.parse import quote

from emulator.core.http_request import HttpRequest
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal

ALGORITHM = "ACS3-HMAC-SHA256"
SKEW = 900
"""A request is refused if its date is wrong by more seconds than this."""
API_HEADERS = ("host", "x-acs-content-sha256")
"""The signature of a call of an API covers these headers."""


class AcsGate:
    """Lets signed requests through and refuses the others, with the codes of the gateway in front of most services."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring, self._clock = keyring, clock

    def check(self, request: HttpRequest, path: str = "/", needed: Collection[str] = API_HEADERS) -> None:
        """Raise a Refusal unless the head of the request is signed with a key that is known and valid now.

        `path` is the path as the client wrote it. The signature has to cover the `needed` headers and all x-acs-*. The
        head may have a digest of the body, which `check_body` compares.
        """
        algorithm, _, rest = request.header("authorization").partition(" ")
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        if algorithm != ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
            raise Refusal("IncompleteSignature")
        key = self._key(fields["Credential"], request.header("x-acs-security-token"))
        self._check_date(request.header("x-acs-date"))
        signed = fields["SignedHeaders"].split(";")
        present = {name for name in request.headers if name.startswith("x-acs-")}
        if not present.union(needed) <= set(signed):
            raise Refusal("SignatureDoesNotMatch")
        ours = signature(key.secret, request, path, signed)
        if not same_secret(ours, fields["Signature"]):
            raise Refusal("SignatureDoesNotMatch")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise Refusal("InvalidAccessKeyId.NotFound", details={"AccessKeyId": key_id})
        if key.expired(self._clock()):
            raise Refusal("InvalidSecurityToken.Expired")
        if key.token and not token:
            raise Refusal("MissingSecurityToken")
        if not same_secret(key.token or "", token):
            raise Refusal("InvalidSecurityToken.MismatchWithAccessKey")
        return key

    def _check_date(self, date: str) -> None:
        try:
            at = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format") from None
        if abs(at - self._clock()) > SKEW:
            raise Refusal("InvalidTimeStamp.Expired")


def check_body(request: HttpRequest, body: bytes) -> None:
    """Raise a Refusal unless the body is the one that was signed."""
    if hashlib.sha256(body).hexdigest() != request.header("x-acs-content-sha256"):
        raise Refusal("SignatureDoesNotMatch")


def signature(secret: str, request: HttpRequest, path: str, signed: list[str]) -> str:
    """Return the signature of a request. A space in a parameter is signed as %20, even if the URL writes it as `+`."""
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(request.params))
    headers = "".join(f"{name}:{request.header(name).strip()}\n" for name in signed)
    digest = request.header("x-acs-content-sha256")
    canonical = "\n".join([request.method, path, query, headers, ";".join(signed), digest])
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode('utf-8', 'surrogateescape')).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="surrogateescape")
