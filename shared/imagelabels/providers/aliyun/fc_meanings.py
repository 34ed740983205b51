"""Says in one table what Function Compute means by a refusal. Versions 2.0 and 3.0 have the codes in common.

https://www.alibabacloud.com/help/en/functioncompute/error-codes
https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-errorcodes

Codes of keys and signatures may come from the gateway before the service too, which spells some of them otherwise.
"""

from __future__ import annotations

from imagelabels.domain import calls
from imagelabels.domain.calls import Meaning
from imagelabels.domain.errors import Misconfigured
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.kit import platform

PERMISSION = "fc:InvokeFunction"

READ = 900.0
"""An answer is waited for so many seconds: no time-out of a function that template.yml makes is longer."""

NAME = "[A-Za-z_][A-Za-z0-9_-]{0,127}"
"""A service and a function are called so."""

_NO_FUNCTION = Meaning(Misconfigured, "forbidden", "there is no such function: check its name and FC_REGION")
_REQUEST = Meaning(
    Misconfigured, "forbidden", "refused: check the function's name, FC_REGION and IMAGELABELS_ENDPOINT_FC"
)
_NOT_STARTED = Meaning(Misconfigured, "forbidden", "the function cannot be started: look at its log")

_CODES = {
    "AccessDenied": platform.FORBIDDEN,
    "Forbidden": platform.FORBIDDEN,
    "NoPermission": platform.FORBIDDEN,
    "SignatureNotMatch": WRONG_SECRET,
    "SignatureDoesNotMatch": WRONG_SECRET,
    "IncompleteSignature": WRONG_SECRET,
    "InvalidAccessKeyID": NO_SUCH_KEY,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "MissingAccessKeyId": NO_SUCH_KEY,
    "MissingSecurityToken": NO_SUCH_KEY,
    "InvalidSecurityToken": calls.KEYS_EXPIRED,
    "SecurityTokenExpired": calls.KEYS_EXPIRED,
    "InvalidTimeStamp": platform.CLOCK,
    "RequestTimeTooSkewed": platform.CLOCK,
    "ServiceNotFound": _NO_FUNCTION,
    "FunctionNotFound": _NO_FUNCTION,
    "AliasNotFound": _NO_FUNCTION,
    "VersionNotFound": _NO_FUNCTION,
    "EntityTooLarge": platform.TOO_LARGE,
    "ResourceExhausted": platform.THROTTLED,
    "ResourceThrottled": platform.THROTTLED,
    "Throttling": platform.THROTTLED,
    "InvalidArgument": _REQUEST,
    "MissingRequiredHeader": _REQUEST,
    "PathNotSupported": _REQUEST,
    "InternalServerError": platform.FAILED,
}
"""A code is looked up by what stands before its first dot."""

_STATUSES = {400: _REQUEST, 401: platform.FORBIDDEN, 403: platform.FORBIDDEN, 404: _NO_FUNCTION}
_STATUSES |= {408: platform.TIMEOUT, 412: _NOT_STARTED, 413: platform.TOO_LARGE, 429: platform.THROTTLED}
_STATUSES |= {499: platform.TIMEOUT, 503: platform.THROTTLED, 504: platform.TIMEOUT}


def meaning(status: int, code: str, words: str, temporary: bool) -> Meaning:
    """Look up what an answer of that status and code means, with the service's words.

    `temporary` says that the request was signed with keys that the service forgets when they have expired.
    """
    known = _CODES.get(code.partition(".")[0])
    # Unproven code-of-expired-token: Function Compute may refuse an expired token with the code of a missing
    #   permission.
    # Why: no page says with which code it is refused.
    # Ask: InvokeFunction with a security token that has expired: status, code and message.
    if temporary and (known is NO_SUCH_KEY or (known is platform.FORBIDDEN and "expired" in words)):
        return calls.KEYS_EXPIRED
    return known or _STATUSES.get(status, platform.FAILED if status >= 500 else platform.UNKNOWN)
