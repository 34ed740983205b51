"""Who signed a request, and whether COS would believe it.

A client may leave headers out of its signature, x-cos-copy-source and host among them. The page on signatures demands
none of them, so a signed URL without them is good for any: https://cloud.tencent.com/document/product/436/7778.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping

from emulator.core.keyring import Keyring
from emulator.core.parts import Key
from emulator.objectstore.call import Call
from emulator.objectstore.refusal import Refusal, not_built
from emulator.tencent.cos import signing

FIELDS = (
    "q-sign-algorithm",
    "q-ak",
    "q-sign-time",
    "q-key-time",
    "q-header-list",
    "q-url-param-list",
    "q-signature",
)
TOKEN = "x-cos-security-token"
SPAN = re.compile(r"([0-9]{1,12});([0-9]{1,12})")


class Gate:
    """Lets signed requests through and refuses the others."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring = keyring
        self._clock = clock

    def check(self, call: Call) -> None:
        """Refusal unless the request is signed, in a header or in its URL, with a key that is known and good now."""
        given = _fields(call)
        missing = [name for name in FIELDS if name not in given]
        if missing:
            raise Refusal("AccessDenied", f"The signature has no {missing[0]}.")
        if given["q-sign-algorithm"] != signing.ALGORITHM:
            raise Refusal("AccessDenied", f"q-sign-algorithm must be {signing.ALGORITHM}.")
        key = self._key(given["q-ak"], call.header(TOKEN) or call.query.get(TOKEN, ""))
        for name in ("q-key-time", "q-sign-time"):
            self._within(name, given[name])
        try:
            came = signing.names(call.params)
        except ValueError as twice:
            raise Refusal("InvalidArgument", f"The parameter {twice} comes twice.") from None
        params = _listed("q-url-param-list", given, came)
        headers = _listed("q-header-list", given, signing.names(call.headers.items()))
        # The SDK signs the host of a URL without its port, and a Host header as it is sent.
        bare = headers | ({"host": signing.encoded(call.header("host").partition(":")[0])} if "host" in headers else {})
        for signed in (headers, bare):
            text = signing.request(call.method, f"/{call.key}", params, signed)
            ours = signing.signature(key.secret, given["q-key-time"], given["q-sign-time"], text)
            if hmac.compare_digest(ours.encode(), given["q-signature"].encode("utf-8", "surrogateescape")):
                return
        raise Refusal("SignatureDoesNotMatch")

    def _key(self, key_id: str, token: str) -> Key:
        """Codes for what is wrong with a token are invented; the status is the vendor's."""
        key = self._keyring.find(key_id)
        if key is None or (key.token and not token):
            raise Refusal("InvalidAccessKeyId")
        if key.expires is not None and key.expires <= self._clock():
            raise Refusal("ExpiredToken")
        if not hmac.compare_digest((key.token or "").encode(), token.encode("utf-8", "surrogateescape")):
            raise Refusal("AccessDenied", "The security token you provided is invalid.")
        return key

    def _within(self, name: str, span: str) -> None:
        form = SPAN.fullmatch(span)
        if form is None:
            raise Refusal("AccessDenied", f"{name} must be two moments in seconds, as 1700000000;1700000060.")
        if self._clock() < int(form[1]):
            raise Refusal("RequestTimeTooSkewed")
        if self._clock() > int(form[2]):
            raise Refusal("AccessDenied", "Request has expired.")


def _fields(call: Call) -> Mapping[str, str]:
    """The parts of the signature; Refusal if there is none."""
    header = call.header("authorization")
    if header.startswith(("AWS ", "AWS4-HMAC-SHA256 ")) or "X-Amz-Signature" in call.query:
        raise not_built("signatures as for S3")
    if header:
        return dict(part.partition("=")[::2] for part in header.split("&"))
    if "q-signature" not in call.query:
        raise Refusal("AccessDenied")
    return call.query


def _listed(field: str, given: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Of what came, that which the signature covers; all of it must have come."""
    names = [name.lower() for name in given[field].split(";") if name]
    missing = [name for name in names if name not in found]
    if missing:
        raise Refusal("SignatureDoesNotMatch", f"{field} names {missing[0]}, which the request does not have.")
    return {name: found[name] for name in names}
