"""Checks the signatures of requests to COS.

A client may leave headers out of its signature, x-cos-copy-source and host among them. The page on signatures demands
none of them, so a signed URL without them is valid for any value of them: https://cloud.tencent.com/document/product/436/7778.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.core.refusal import Refusal
from emulator.objectstore import post_policy
from emulator.objectstore.call import Call
from emulator.objectstore.post_policy import Policy
from emulator.objectstore.refusals import not_built
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
SIGNED = frozenset({*FIELDS, "X-Amz-Signature"})
"""A URL that has one of these parameters is signed."""
TOKEN = "x-cos-security-token"
SPAN = re.compile(r"([0-9]{1,12});([0-9]{1,12})")


FORM_FIELDS = ("q-sign-algorithm", "q-ak", "q-key-time", "policy", "q-signature")
"""A form that has one of these fields is signed: https://cloud.tencent.com/document/product/436/14690."""


class CosGate:
    """Lets signed requests through and refuses the others."""

    def __init__(self, keyring: Keyring, clock: Callable[[], float]) -> None:
        self._keyring = keyring
        self._clock = clock

    def signed(self, call: Call) -> bool:
        """Tell whether the request has anything of a signature, right or wrong."""
        return bool(call.header("authorization")) or any(name in SIGNED for name, _ in call.params)

    def check(self, call: Call) -> None:
        """Raise a Refusal unless the request is signed, in a header or in its URL, with a key that is valid now."""
        fields = _fields(call)
        missing = [name for name in FIELDS if name not in fields]
        if missing:
            raise Refusal("AccessDenied", f"The signature has no {missing[0]}.")
        if fields["q-sign-algorithm"] != signing.ALGORITHM:
            raise Refusal("AccessDenied", f"q-sign-algorithm must be {signing.ALGORITHM}.")
        key = self._key(fields["q-ak"], call.header(TOKEN) or call.query.get(TOKEN, ""))
        for name in ("q-key-time", "q-sign-time"):
            self._check_span(name, fields[name])
        try:
            received = signing.names(call.params)
        except ValueError as name_twice:
            raise Refusal("InvalidArgument", f"The parameter {name_twice} comes twice.") from None
        params = _listed("q-url-param-list", fields, received)
        headers = _listed("q-header-list", fields, signing.names(call.headers.items()))
        # The SDK signs the host of a URL without its port, and a Host header as it is sent.
        bare = headers | ({"host": signing.encoded(call.header("host").partition(":")[0])} if "host" in headers else {})
        for signed in (headers, bare):
            text = signing.request(call.method, f"/{call.key}", params, signed)
            ours = signing.signature(key.secret, fields["q-key-time"], fields["q-sign-time"], text)
            if same_secret(ours, fields["q-signature"]):
                return
        raise Refusal("SignatureDoesNotMatch")

    def check_form(self, fields: Mapping[str, str], modes: frozenset[str]) -> Policy | None:
        """Return the policy of an HTML form, or None if the form is not signed. A wrong signature is refused."""
        if not any(fields.get(name) for name in FORM_FIELDS):
            return None
        missing = [name for name in FORM_FIELDS if not fields.get(name)]
        if missing:
            raise Refusal("AccessDenied", f"The form has no field {missing[0]}.")
        if fields["q-sign-algorithm"] != signing.ALGORITHM:
            raise Refusal("AccessDenied", f"q-sign-algorithm must be {signing.ALGORITHM}.")
        key = self._key(fields["q-ak"], fields.get(TOKEN, ""))
        self._check_span("q-key-time", fields["q-key-time"])
        text = post_policy.decoded(fields["policy"])
        if not same_secret(signing.form_signature(key.secret, fields["q-key-time"], text), fields["q-signature"]):
            raise Refusal("SignatureDoesNotMatch")
        return post_policy.read(text, modes)

    # Unproven codes-of-cos-tokens: A missing token is refused with InvalidAccessKeyId, and a wrong one with
    #   AccessDenied.
    # Why: the pages have the status 403 and not the codes.
    # Ask: HEAD and GET an object with a permanent key and a made-up x-cos-security-token: status and code.
    def _key(self, key_id: str, token: str) -> Key:
        """Return the key of a request."""
        key = self._keyring.find(key_id)
        if key is None or (key.token and not token):
            raise Refusal("InvalidAccessKeyId")
        if key.expired(self._clock()):
            raise Refusal("ExpiredToken")
        if not same_secret(key.token or "", token):
            raise Refusal("AccessDenied", "The security token you provided is invalid.")
        return key

    def _check_span(self, name: str, span: str) -> None:
        form = SPAN.fullmatch(span)
        if form is None:
            raise Refusal("AccessDenied", f"{name} must be two moments in seconds, as 1700000000;1700000060.")
        if self._clock() < int(form[1]):
            raise Refusal("RequestTimeTooSkewed")
        if self._clock() > int(form[2]):
            raise Refusal("AccessDenied", "Request has expired.")


def _fields(call: Call) -> Mapping[str, str]:
    """Return the parts of the signature. A request without a signature is refused."""
    header = call.header("authorization")
    if header.startswith(("AWS ", "AWS4-HMAC-SHA256 ")) or "X-Amz-Signature" in call.query:
        raise not_built("signatures as for S3")
    if header:
        return dict(part.partition("=")[::2] for part in header.split("&"))
    if "q-signature" not in call.query:
        raise Refusal("AccessDenied")
    return call.query


def _listed(field: str, fields: Mapping[str, str], received: Mapping[str, str]) -> dict[str, str]:
    """Return the names and values that the signature covers. The request must have all of them."""
    names = [name.lower() for name in fields[field].split(";") if name]
    missing = [name for name in names if name not in received]
    if missing:
        raise Refusal("SignatureDoesNotMatch", f"{field} names {missing[0]}, which the request does not have.")
    return {name: received[name] for name in names}
