"""Who signed a request, and whether the gateway before IMM would believe it: ACS3-HMAC-SHA256.

https://help.aliyun.com/zh/model-studio/user-guide/roa-style-request-body-signature-mechanism
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timezone
from urllib.parse import quote

from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal

ALGORITHM = "ACS3-HMAC-SHA256"
SKEW = 900
"""Seconds that a request's date may be off."""


class Gate:
    """Lets signed requests through and refuses the others."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring, self._clock = keyring, clock

    def check(self, call: Call, body: bytes) -> None:
        """Refusal unless the request is signed with a key that is known and good now."""
        algorithm, _, rest = call.header("authorization").partition(" ")
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        if algorithm != ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
            raise Refusal("IncompleteSignature")
        key = self._key(fields["Credential"], call.header("x-acs-security-token"))
        self._near(call.header("x-acs-date"))
        signed = fields["SignedHeaders"].split(";")
        needed = {"host", *(name for name in call.headers if name.startswith("x-acs-"))}
        digest = hashlib.sha256(body).hexdigest()
        if not needed <= set(signed) or digest != call.header("x-acs-content-sha256"):
            raise Refusal("SignatureDoesNotMatch")
        ours = signature(key.secret, call, signed, digest)
        if not hmac.compare_digest(ours.encode(), fields["Signature"].encode("utf-8", "surrogateescape")):
            raise Refusal("SignatureDoesNotMatch")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise Refusal("InvalidAccessKeyId.NotFound")
        if key.expires is not None and key.expires <= self._clock():
            raise Refusal("InvalidSecurityToken.Expired")
        if key.token and not token:
            raise Refusal("MissingSecurityToken")
        if not hmac.compare_digest((key.token or "").encode(), token.encode("utf-8", "surrogateescape")):
            raise Refusal("InvalidSecurityToken.MismatchWithAccessKey")
        return key

    def _near(self, date: str) -> None:
        try:
            at = datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise Refusal("InvalidTimeStamp.Format") from None
        if abs(at - self._clock()) > SKEW:
            raise Refusal("InvalidTimeStamp.Expired")


def signature(secret: str, call: Call, signed: list[str], digest: str) -> str:
    """Of the parameters as they are in the URL, which may write a space as `+`: it is signed as %20."""
    query = "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in sorted(call.params))
    headers = "".join(f"{name}:{call.header(name).strip()}\n" for name in signed)
    request = "\n".join([call.method, "/", query, headers, ";".join(signed), digest])
    text = f"{ALGORITHM}\n{hashlib.sha256(request.encode('utf-8', 'surrogateescape')).hexdigest()}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="surrogateescape")
