"""Says in one table what a failure of the IMM SDK means to us, and has the one way to call the SDK.

IMM's codes: https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1. Those of the gateway before
it (keys, signature, date) are common to the vendor's APIs.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from functools import partial

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers.aliyun import openapi_errors
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.aliyun.refusals import UNBOUND, refused

_FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the role {permission} on the project")
_UNREADABLE = Meaning(
    Misconfigured,
    "forbidden",
    "IMM cannot read the bucket: it must be in the project's region, and the project's role needs oss:GetObject on it",
)
_NO_PROJECT = Meaning(
    Misconfigured, "detector_unbound", "check IMAGELABELS_IMM_PROJECT: the project must be in the bucket's region"
)
_REPEATED = Meaning(Unavailable, "detector_error", "the request was taken for a repeated one")

# A code is looked up by what stands before its first dot.
_CODES = {
    "InvalidTimeStamp": calls.CLOCK,
    "InvalidSecurityToken": calls.KEYS_EXPIRED,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "MissingAccessKeyId": NO_SUCH_KEY,
    "MissingSecurityToken": NO_SUCH_KEY,
    "IncompleteSignature": WRONG_SECRET,
    "SignatureDoesNotMatch": WRONG_SECRET,
    "RequestTimeout": calls.TIMEOUT,
    "SignatureNonceUsed": _REPEATED,
    "InvalidAction": calls.SDK_REFUSED,
    "InvalidVersion": calls.SDK_REFUSED,
    "AccessDenied": _FORBIDDEN,
    "Forbidden": _FORBIDDEN,
    "NoPermission": _FORBIDDEN,
    "NoSuchKey": calls.GONE,
}
# These are looked for in code and message of an answer from 400 to 499, before what refusals.py looks for.
_TEXTS = (
    (re.compile(r"NoSuchKey|(?:object|key|file)\b.{0,40}(?:not exist|not found)", re.IGNORECASE), calls.GONE),
    (
        re.compile(r"NoSuchBucket|\bbucket\b|\brole\b|CredentialConfig|file access forbidden", re.IGNORECASE),
        _UNREADABLE,
    ),
)
_STATUSES = {401: _FORBIDDEN, 403: _FORBIDDEN, 404: UNBOUND, 408: calls.TIMEOUT, 429: calls.THROTTLED}
_STATUSES |= {409: calls.STORE, 503: calls.THROTTLED}


def calling(call: Call, temporary: bool = False) -> AbstractContextManager[None]:
    """Enclose every SDK call. It raises our errors instead of the SDK's, which hold the request with its token.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    return openapi_errors.calling(call, partial(meaning, temporary=temporary))


def is_missing(error: AlibabaCloudException) -> bool:
    """Tell whether the service says that there is no such thing. A 404 may also say that it does not know the keys."""
    code = str(error.code or "").partition(".")[0]
    return code == "ResourceNotFound" or (error.status_code == 404 and code not in _CODES)


def meaning(error: Exception, temporary: bool = False) -> Meaning:
    """Look up what an error of the SDK means."""
    if isinstance(error, AlibabaCloudException) and error.status_code:
        found = _told(error.status_code, error.code or "", openapi_errors.words(error))
        found = calls.KEYS_EXPIRED if found is NO_SUCH_KEY and temporary else found
    else:
        found = openapi_errors.unanswered(error)
    return calls.by_the_detector(_NO_PROJECT if found is UNBOUND else found)


def _told(status: int, code: str, words: str) -> Meaning:
    """Look up what an answer of the service means."""
    if (known := _CODES.get(code.partition(".")[0])) is not None:
        return known
    if 400 <= status < 500:
        text = f"{code} {words}"
        if (found := next((found for pattern, found in _TEXTS if pattern.search(text)), None)) is not None:
            return found
    by_status = _STATUSES.get(status, calls.STORE if status >= 500 else calls.UNKNOWN)
    return refused(status, code, words) or by_status
