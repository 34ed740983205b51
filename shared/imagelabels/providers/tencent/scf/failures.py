"""Says in one table what a failure of the SCF SDK means to us, and has the one way to call the SDK.

The codes of all of the vendor's services: https://cloud.tencent.com/document/api/583/17238. Those of the function's own
run: https://cloud.tencent.com/document/product/583/42611
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.providers.kit import network, platform
from imagelabels.providers.tencent.credentials import NO_SUCH_KEY, WRONG_SECRET

_NO_FUNCTION = Meaning(Misconfigured, "forbidden", "there is no such function: check its name and TENCENTCLOUD_REGION")
_REQUEST = Meaning(Misconfigured, "forbidden", "refused: check the function's name and TENCENTCLOUD_REGION")
_UNPAID = Meaning(Misconfigured, "forbidden", "the account's balance is used up")

_CODES = {
    "AuthFailure": platform.FORBIDDEN,
    "AuthFailure.InvalidSecretId": NO_SUCH_KEY,
    "AuthFailure.SecretIdNotFound": NO_SUCH_KEY,
    "AuthFailure.SignatureFailure": WRONG_SECRET,
    "AuthFailure.SignatureExpire": platform.CLOCK,
    "AuthFailure.TokenFailure": calls.KEYS_EXPIRED,
    "UnauthorizedOperation": platform.FORBIDDEN,
    "OperationDenied": platform.FORBIDDEN,
    "ResourceNotFound": _NO_FUNCTION,
    "InvalidParameter": _REQUEST,
    "InvalidParameterValue": _REQUEST,
    "MissingParameter": _REQUEST,
    "UnknownParameter": _REQUEST,
    "InvalidAction": _REQUEST,
    "NoSuchVersion": _REQUEST,
    "UnsupportedRegion": _REQUEST,
    "UnsupportedProtocol": _REQUEST,
    "UnsupportedOperation": _REQUEST,
    "InsufficientBalance": _UNPAID,
    "ResourceUnavailable.InsufficientBalance": _UNPAID,
    "RequestSizeLimitExceeded": platform.TOO_LARGE,
    "RequestTooLarge": platform.TOO_LARGE,
    "InvalidParameterValue.RequestTooLarge": platform.TOO_LARGE,
    "RequestLimitExceeded": platform.THROTTLED,
    "LimitExceeded": platform.THROTTLED,
    "ResourceLimit": platform.THROTTLED,
    "ResourceInsufficient": platform.THROTTLED,
    "ResourceUnavailable": platform.FAILED,
    "FailedOperation": platform.FAILED,
    "InternalError": platform.FAILED,
    "ServiceUnavailable": platform.FAILED,
    "ServerNetworkError": platform.FAILED,
}
"""A code that is not here counts as what stands before its first dot. The SDK itself says ServerNetworkError of an
answer that does not come from the API, as that of a gateway."""

# The SDK has one error for everything. These stand behind it if there is no answer, or none that it can read.
_CLASSES: tuple[tuple[type[BaseException], Meaning], ...] = (
    (requests.Timeout, calls.TIMEOUT),
    (requests.exceptions.ChunkedEncodingError, calls.ANSWER),
    (requests.exceptions.ContentDecodingError, calls.ANSWER),
    (requests.RequestException, calls.NETWORK),
    (ValueError, calls.ANSWER),
    (LookupError, calls.ANSWER),
    (TypeError, calls.ANSWER),
)
SDK_ERRORS = (TencentCloudSDKException,)

STATUSES = {
    401: platform.FORBIDDEN,
    406: platform.TOO_LARGE,
    410: _UNPAID,
    429: platform.THROTTLED,
    432: platform.THROTTLED,
    500: platform.FAILED,
}
"""The platform reports these failures of its own as if the function had run: it gives them a status beside the
message."""


@contextmanager
def calling(call: Call, temporary: bool = False) -> Iterator[None]:
    """Enclose every SDK call. It raises our errors instead of the SDK's.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    try:
        yield
    except SDK_ERRORS as error:
        if isinstance(error.__context__, LabelingError):
            raise error.__context__ from None  # our own session's, which the SDK wraps like any other
        raise _raised(meaning(error, temporary), error, call) from None


def meaning(error: TencentCloudSDKException, temporary: bool = False) -> Meaning:
    """Look up what an error of the SDK means."""
    inner = error.__context__
    if inner is not None:
        by_class = next((found for cls, found in _CLASSES if isinstance(inner, cls)), calls.SDK_REFUSED)
        return platform.by_the_platform(network.meaning(inner) or by_class)
    code = str(error.get_code() or "")
    found = _CODES.get(code) or _CODES.get(code.partition(".")[0], platform.UNKNOWN)
    return calls.KEYS_EXPIRED if found is NO_SUCH_KEY and temporary else found


def _raised(found: Meaning, error: TencentCloudSDKException, call: Call) -> Exception:
    inner = error.__context__
    if inner is None:
        request_id = error.get_request_id()
        words = error.get_message()
        facts = [type(error).__name__, str(error.get_code() or ""), f"request {request_id}" if request_id else ""]
        return calls.raised(found, call, facts, words if isinstance(words, str) else "")
    hint = "; check TENCENTCLOUD_REGION, IMAGELABELS_ENDPOINT_SCF and the network"
    return calls.raised(found, call, [type(inner).__name__], network.words(inner), network.host(inner), hint)
