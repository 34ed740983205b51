"""Checks the signatures of requests to OSS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from emulator.aliyun.oss import regions, signing
from emulator.aliyun.oss.errors import OssRefusal
from emulator.core.keyring import Keyring, same_secret
from emulator.core.parts import Key
from emulator.objectstore import post_policy, times
from emulator.objectstore.call import Call
from emulator.objectstore.post_policy import Policy
from emulator.objectstore.refusals import invalid, not_built

SKEW = 900
"""A request is refused if its date is wrong by more seconds than this:
https://www.alibabacloud.com/help/en/oss/support/0002-00000504."""
LONGEST = 604800
"""A V4 URL may be valid for at most so many seconds."""
SIGNED = frozenset({"AWSAccessKeyId", "OSSAccessKeyId", "Signature", "X-Amz-Signature", "x-oss-signature-version"})
"""A URL that has one of these parameters is signed."""
CREDENTIAL_REGION = "The signing region in credential is invalid."
S3_SCHEMES = ("AWS ", "AWS4-HMAC-SHA256 ")
"""The service also takes the signatures of clients for S3: https://help.aliyun.com/en/oss/developer-reference/compatibility-with-amazon-s3."""


FORM_V1 = ("ossaccesskeyid", "policy", "signature")
FORM_V4 = ("x-oss-signature-version", "x-oss-credential", "x-oss-date", "policy", "x-oss-signature")
FORM_FIELDS = frozenset({*FORM_V1, *FORM_V4})
"""A form that has one of these fields is signed. https://help.aliyun.com/en/oss/developer-reference/signature-version-1
and https://help.aliyun.com/en/oss/developer-reference/signature-version-4-recommend."""


class OssGate:
    """Lets signed requests through and refuses the others.

    The `region` is that of requests to a host name that names none.
    """

    def __init__(self, keyring: Keyring, region: str, clock: Callable[[], float]) -> None:
        self._keyring = keyring
        self._region = region
        self._clock = clock

    def signed(self, call: Call) -> bool:
        """Tell whether the request has anything of a signature, right or wrong."""
        return bool(call.header("authorization")) or any(name in SIGNED for name, _ in call.params)

    def check(self, call: Call) -> Key:
        """Return the key with which the request is signed. A Refusal unless it is known and valid now."""
        authorization, query = call.header("authorization"), call.query
        if authorization.startswith(signing.V4 + " "):
            return self._v4_header(call, authorization[len(signing.V4) + 1 :])
        if authorization.startswith("OSS "):
            return self._v1_header(call, authorization[len("OSS ") :])
        if authorization.startswith("OSS2 ") or query.get("x-oss-signature-version") == "OSS2":
            raise not_built("signature version 2")
        if authorization.startswith(S3_SCHEMES):
            raise not_built(f"signatures of the scheme {authorization.partition(' ')[0]}")
        if authorization.startswith("q-sign-algorithm="):
            message = "This request is signed for COS: sign it for the host name of COS, and send that as its Host."
            raise OssRefusal("InvalidArgument", message)
        if authorization:
            raise OssRefusal("InvalidArgument", "Authorization header is invalid.")
        if query.get("x-oss-signature-version") == signing.V4:
            return self._v4_url(call, query)
        if "X-Amz-Signature" in query or "AWSAccessKeyId" in query:
            raise not_built("URLs that are signed as for S3")
        if "Signature" in query or "OSSAccessKeyId" in query:
            return self._v1_url(call, query)
        raise OssRefusal("AccessDenied")

    # Unproven code-of-free-policy: A form whose policy does not give version, credential and date is refused with
    #   InvalidPolicyDocument.
    # Why: no page tells the code.
    # Ask: POST a form with a signature of version 4 and a policy without x-oss-date: status, code and EC.
    def check_form(self, fields: Mapping[str, str], modes: frozenset[str]) -> Policy | None:
        """Return the policy of an HTML form, or None if the form is not signed. A wrong signature is refused.

        In version 4 the policy must give the version, the credential and the date. So nobody can change these fields,
        which the signature does not cover.
        """
        if not any(fields.get(name) for name in FORM_FIELDS):
            return None
        names = FORM_V4 if "x-oss-signature-version" in fields or "x-oss-signature" in fields else FORM_V1
        missing = [name for name in names if not fields.get(name)]
        if missing:
            raise invalid(missing[0], "", f"The form has no field {missing[0]}.")
        text = fields["policy"].encode("utf-8", "surrogateescape")
        if names == FORM_V1:
            key = self._key(fields["ossaccesskeyid"], fields.get("x-oss-security-token", ""))
            _compare(signing.v1_signature(key.secret, text), fields["signature"], key, text)
            return post_policy.read(post_policy.decoded(fields["policy"]), modes)
        self._v4_form(fields, text)
        policy = post_policy.read(post_policy.decoded(fields["policy"]), modes)
        if free := set(FORM_V4[:3]) - policy.names():
            message = f"Invalid Policy: it has no condition on {sorted(free)[0]}."
            raise OssRefusal("InvalidPolicyDocument", message)
        return policy

    def _v4_form(self, fields: Mapping[str, str], text: bytes) -> None:
        if fields["x-oss-signature-version"] != signing.V4:
            version = fields["x-oss-signature-version"]
            raise not_built(f"forms with the signature version {version}")
        key_id, scope = fields["x-oss-credential"].partition("/")[::2]
        key = self._key(key_id, fields.get("x-oss-security-token", ""))
        begins = _dated(times.from_compact, fields["x-oss-date"])
        _check_region(_region(scope, times.day(begins), "in x-oss-credential"), self._region, CREDENTIAL_REGION)
        self._begun(begins)
        self._not_after(begins + LONGEST, "")
        _compare(signing.v4_signature(key.secret, scope, text), fields["x-oss-signature"], key, text)

    def _v1_header(self, call: Call, rest: str) -> Key:
        key_id, colon, signature = rest.strip().partition(":")
        if not colon:
            raise OssRefusal("InvalidArgument", "Authorization header is invalid.")
        key = self._caller(key_id, call.header("x-oss-security-token"))
        date = call.header("x-oss-date") or call.header("date")
        self._check_date(_dated(times.from_http, date))
        self._v1(call, key, signature, date)
        return key

    def _v1_url(self, call: Call, query: dict[str, str]) -> Key:
        missing = [name for name in ("OSSAccessKeyId", "Expires", "Signature") if name not in query]
        if missing:
            raise OssRefusal("AccessDenied", f"The signed URL has no {missing[0]}.", ec="")
        key = self._caller(query["OSSAccessKeyId"], query.get("security-token", ""))
        expires = query["Expires"]
        if not re.fullmatch(r"[0-9]{1,12}", expires):
            raise OssRefusal(
                "AccessDenied", f"Invalid date (should be seconds since epoch): {expires}", ec="0002-00000070"
            )
        self._not_after(int(expires), "0002-00000069")
        self._v1(call, key, query["Signature"], expires)
        return key

    def _v1(self, call: Call, key: Key, signature: str, date: str) -> None:
        *others, text = signing.v1_texts(call, date)
        if any(same_secret(signing.v1_signature(key.secret, other), signature) for other in others):
            return
        _compare(signing.v1_signature(key.secret, text), signature, key, text)

    def _v4_header(self, call: Call, rest: str) -> Key:
        fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        if not fields.get("Credential") or not fields.get("Signature"):
            raise OssRefusal("InvalidArgument", "Authorization header is invalid.")
        if call.header("x-oss-content-sha256") != signing.UNSIGNED:
            raise OssRefusal("InvalidArgument", "The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.")
        key_id, scope = fields["Credential"].partition("/")[::2]
        key = self._caller(key_id, call.header("x-oss-security-token"))
        date = call.header("x-oss-date")
        at = _dated(times.from_compact, date) if date else _dated(times.from_http, call.header("date"))
        self._check_date(at)
        region = regions.of_host(call) or self._region
        signed_for = _region(scope, times.day(at), "in Authorization header")
        _check_region(signed_for, region, "Invalid signing region in Authorization header.", "0002-00000226")
        # ossutil 1.7 and the vendor's SDK for Go send a Date header alone, and sign its text as it stands.
        self._v4(
            call, key, fields["Signature"], date or call.header("date"), scope, fields.get("AdditionalHeaders", "")
        )
        return key

    def _v4_url(self, call: Call, query: dict[str, str]) -> Key:
        names = ("x-oss-credential", "x-oss-date", "x-oss-expires", "x-oss-signature")
        missing = [name for name in names if name not in query]
        if missing:
            raise invalid(missing[0], "", f"The signed URL has no {missing[0]}.")
        key_id, scope = query["x-oss-credential"].partition("/")[::2]
        key = self._caller(key_id, query.get("x-oss-security-token", ""))
        begins, lasts = _dated(times.from_compact, query["x-oss-date"]), query["x-oss-expires"]
        if not re.fullmatch(r"[0-9]{1,6}", lasts) or not 1 <= int(lasts) <= LONGEST:
            raise invalid("x-oss-expires", lasts, f"x-oss-expires must be 1 to {LONGEST} seconds.")
        region = regions.of_host(call) or self._region
        _check_region(_region(scope, times.day(begins), "in x-oss-credential"), region, CREDENTIAL_REGION)
        self._begun(begins)
        self._not_after(begins + int(lasts), "")
        self._v4(
            call, key, query["x-oss-signature"], query["x-oss-date"], scope, query.get("x-oss-additional-headers", "")
        )
        return key

    def _v4(self, call: Call, key: Key, signature: str, date: str, scope: str, additional: str) -> None:
        request, *others = signing.v4_requests(call, sorted(name for name in additional.lower().split(";") if name))
        for other in others:
            if same_secret(signing.v4_signature(key.secret, scope, signing.v4_text(other, date, scope)), signature):
                return
        text = signing.v4_text(request, date, scope)
        _compare(signing.v4_signature(key.secret, scope, text), signature, key, text, request)

    def _caller(self, key_id: str, token: str) -> Key:
        """Return the key of a request, which may be that of another account."""
        other = self._keyring.other_account
        return other if other is not None and key_id == other.id and not token else self._key(key_id, token)

    def _key(self, key_id: str, token: str) -> Key:
        key = self._keyring.find(key_id)
        if key is None:
            raise OssRefusal("InvalidAccessKeyId", details={"OSSAccessKeyId": key_id})
        if key.expired(self._clock()):
            raise OssRefusal("SecurityTokenExpired")
        if bool(token) != bool(key.token):
            # A token that the key does not need is refused as well as a missing one:
            # https://help.aliyun.com/zh/oss/support/0002-00000002 and
            # https://www.alibabacloud.com/help/en/oss/the-the-oss-access-key-id-you-provided-does-not-exist-in-our-records-error-message-is-returned
            raise OssRefusal("InvalidAccessKeyId", ec="0002-00000002", details={"OSSAccessKeyId": key_id})
        if key.token and not same_secret(key.token, token):
            raise OssRefusal("InvalidSecurityToken")
        return key

    def _check_date(self, date: float) -> None:
        now = self._clock()
        if abs(now - date) > SKEW:
            raise OssRefusal(
                "RequestTimeTooSkewed", details={"RequestTime": times.iso(date), "ServerTime": times.iso(now)}
            )

    def _begun(self, begins: float) -> None:
        if begins - SKEW > self._clock():
            # The page 0002-00000235 gives the rule, not the code.
            raise OssRefusal("AccessDenied", "Request is not valid yet.", ec="0002-00000235")

    def _not_after(self, expires: float, ec: str) -> None:
        now = self._clock()
        if now > expires:
            details = {"Expires": times.iso(expires), "ServerTime": times.iso(now)}
            raise OssRefusal("AccessDenied", "Request has expired.", ec=ec, details=details)


def _compare(ours: str, theirs: str, key: Key, text: bytes, request: bytes | None = None) -> None:
    """Raise the Refusal of a wrong signature, which shows the client the text that it should have signed."""
    if same_secret(ours, theirs):
        return
    details = {
        "OSSAccessKeyId": key.id,
        "SignatureProvided": theirs,
        "StringToSign": text.decode("utf-8", "replace"),
        "StringToSignBytes": text.hex(" ").upper(),
    }
    if request is not None:
        details["CanonicalRequest"] = request.decode("utf-8", "replace")
    raise OssRefusal("SignatureDoesNotMatch", details=details)


def _dated(read: Callable[[str], float], value: str) -> float:
    try:
        return read(value)
    except ValueError:
        raise OssRefusal("AccessDenied", "OSS authentication requires a valid Date.", ec="0002-00000505") from None


def _check_region(signed_for: str, region: str, message: str, ec: str | None = None) -> None:
    """Refuse a signature for another region. The answer names the right one alone, and the log names both."""
    if signed_for != region:
        note = f"the request is signed for {signed_for}, and the region is {region}"
        raise OssRefusal("InvalidArgument", message, ec=ec, details={"Region": region}, note=note)


def _region(scope: str, day: str, where: str) -> str:
    """Return the region that a scope names. Other mistakes in it are refused. `day` is like 20261121."""
    parts = scope.split("/")
    if len(parts) != 4 or parts[2:] != ["oss", signing.TERMINATOR]:
        raise OssRefusal("InvalidArgument", f"Invalid signing scope {where}.")
    if parts[0] != day:
        raise OssRefusal("InvalidArgument", f"Invalid signing date {where}.")
    return parts[1]
