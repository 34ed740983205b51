"""Who signed a request, whether Tablestore would believe it, and how its answers are signed in turn.

Signature versions 2 and 4 as the vendor's SDK makes them (tablestore/auth.py); both sign the path and all x-ots-
headers, and an answer's signature is HMAC-SHA1 in both, with the request's key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from emulator.aliyun.tablestore.refusal import invalid
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal

SKEW = 900
"""Seconds that a request's date may be off."""
SIGNATURES = ("x-ots-signature", "x-ots-signaturev4")
REQUIRED = ("x-ots-date", "x-ots-apiversion", "x-ots-accesskeyid", "x-ots-instancename", "x-ots-contentmd5")
DATE = "%Y-%m-%dT%H:%M:%S.%fZ"


class TablestoreGate:
    """Lets signed requests through and refuses the others. `region` is where the instances are."""

    def __init__(self, keyring: Keyring, region: str, clock: Callable[[], float]) -> None:
        self._keyring = keyring
        self._region = region
        self._clock = clock

    def check(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The key to sign the answer with; Refusal unless the request is signed with a key that is good now.

        Header names in lower case. Messages as https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes
        has them; those about tokens, regions and sign dates are invented.
        """
        for name in REQUIRED:
            if not headers.get(name):
                raise invalid(f"Missing header: {name}.")
        self._near(headers["x-ots-date"])
        key = self._key(headers["x-ots-accesskeyid"], headers.get("x-ots-ststoken", ""))
        text = f"{path}\nPOST\n\n{_listed(headers)}\n"
        if "x-ots-signdate" in headers:
            signing, name = self._derived(key, headers), "x-ots-signaturev4"
            ours = _hmac(signing, text + "ots", "sha256")
        else:
            signing, name = key.secret.encode(), "x-ots-signature"
            ours = _hmac(signing, text, "sha1")
        if not headers.get(name):
            raise invalid(f"Missing header: {name}.")
        if not same_secret(ours, headers[name]):
            raise _unbelieved("Signature mismatch.")
        if headers["x-ots-contentmd5"] != md5(body):
            raise _unbelieved("Mismatch between MD5 value of request body and x-ots-contentmd5 in header.")
        return signing

    def _near(self, date: str) -> None:
        try:
            moment = datetime.strptime(date, DATE).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise invalid(f"Invalid date in x-ots-date: {date}.") from None
        if abs(moment - self._clock()) > SKEW:
            raise _unbelieved(f"Mismatch between system time and x-ots-date: {date}.")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise _unbelieved("The AccessKeyID does not exist.")
        if key.expired(self._clock()):
            raise _unbelieved("The security token has expired.")
        if not same_secret(key.token or "", token):
            raise _unbelieved("The security token is invalid.")
        return key

    def _derived(self, key: Key, headers: Mapping[str, str]) -> bytes:
        day, region = headers["x-ots-signdate"], headers.get("x-ots-signregion", "")
        if region != self._region:
            raise _unbelieved(f"The sign region must be {self._region}.")
        now = datetime.fromtimestamp(self._clock(), timezone.utc)
        if day not in {f"{now + timedelta(days):%Y%m%d}" for days in (-1, 0, 1)}:
            raise _unbelieved("The sign date is not today.")
        chained = b"aliyun_v4" + key.secret.encode()
        for part in (day, region, "ots", "aliyun_v4_request"):
            chained = hmac.digest(chained, part.encode(), "sha256")
        return base64.b64encode(chained)


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def answer_signature(signing: bytes, path: str, headers: Mapping[str, str]) -> str:
    return _hmac(signing, f"{_listed(headers)}\n{path}", "sha1")


def _listed(headers: Mapping[str, str]) -> str:
    lines = (
        f"{name}:{value.strip()}"
        for name, value in headers.items()
        if name.startswith("x-ots-") and name not in SIGNATURES
    )
    return "\n".join(sorted(lines))


def _hmac(key: bytes, text: str, method: str) -> str:
    return base64.b64encode(hmac.digest(key, text.encode("utf-8", "surrogateescape"), method)).decode()


def _unbelieved(message: str) -> Refusal:
    return Refusal("OTSAuthFailed", message)
