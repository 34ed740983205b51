"""Checks the signatures of requests to Tablestore, and signs its answers.

Signatures of versions 2 and 4 are those that the vendor's SDK makes (tablestore/auth.py). Both sign the path and all
x-ots- headers. In both the signature of an answer is an HMAC-SHA1 with the key of the request.
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
"""A request is refused if its date is wrong by more seconds than this."""
SIGNATURES = ("x-ots-signature", "x-ots-signaturev4")
# Unproven messages-of-tokens: The messages of OTSAuthFailed about tokens, regions and the dates of signatures.
# Why: the page of the codes has none for them.
# Ask: ListTable with a wrong token, with a signature of version 4 for another region, and with one of yesterday's
#   date: the messages.
REQUIRED = ("x-ots-date", "x-ots-apiversion", "x-ots-accesskeyid", "x-ots-instancename", "x-ots-contentmd5")
DATE = "%Y-%m-%dT%H:%M:%S.%fZ"


class TablestoreGate:
    """Lets signed requests through and refuses the others. All instances are in the `region`."""

    def __init__(self, keyring: Keyring, region: str, clock: Callable[[], float]) -> None:
        self._keyring = keyring
        self._region = region
        self._clock = clock

    def check(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """Return the key that signs the answer.

        Raise a Refusal unless the request is signed with a key that is valid now.

        The names of the headers are in lower case. Messages are those of
        https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes.
        """
        for name in REQUIRED:
            if not headers.get(name):
                raise invalid(f"Missing header: {name}.")
        self._check_date(headers["x-ots-date"])
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
            raise _auth_failed("Signature mismatch.")
        if headers["x-ots-contentmd5"] != md5(body):
            raise _auth_failed("Mismatch between MD5 value of request body and x-ots-contentmd5 in header.")
        return signing

    def _check_date(self, date: str) -> None:
        try:
            moment = datetime.strptime(date, DATE).replace(tzinfo=timezone.utc).timestamp()
        except ValueError:
            raise invalid(f"Invalid date in x-ots-date: {date}.") from None
        if abs(moment - self._clock()) > SKEW:
            raise _auth_failed(f"Mismatch between system time and x-ots-date: {date}.")

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise _auth_failed("The AccessKeyID does not exist.")
        if key.expired(self._clock()):
            raise _auth_failed("The security token has expired.")
        if not same_secret(key.token or "", token):
            raise _auth_failed("The security token is invalid.")
        return key

    def _derived(self, key: Key, headers: Mapping[str, str]) -> bytes:
        day, region = headers["x-ots-signdate"], headers.get("x-ots-signregion", "")
        if region != self._region:
            raise _auth_failed(f"The sign region must be {self._region}.")
        now = datetime.fromtimestamp(self._clock(), timezone.utc)
        if day not in {f"{now + timedelta(days):%Y%m%d}" for days in (-1, 0, 1)}:
            raise _auth_failed("The sign date is not today.")
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


def _auth_failed(message: str) -> Refusal:
    return Refusal("OTSAuthFailed", message)
