"""Says in one table what a failure of the SCF SDK means to us, and has the one way to call the SDK.

The codes: https://cloud.tencent.com/document/api/583/17238. What the platform says of a function's run is read in
results.py.
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
UNPAID = Meaning(Misconfigured, "forbidden", "the account's balance is used up")

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
    "InsufficientBalance": UNPAID,
    "ResourceUnavailable.InsufficientBalance": UNPAID,
    "RequestSizeLimitExceeded": platform.TOO_LARGE,
    "RequestTooLarge": platform.TOO_LARGE,
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
"""A code that is not here counts as what stands behind its last dot, and then as what stands before its first one. The
SDK itself says ServerNetworkError of an answer that does not come from the API, as that of a gateway."""

# The SDK has one error for everything. These stand behind it if there is no answer, and any other if it cannot be read.
_CLASSES: tuple[tuple[type[BaseException], Meaning], ...] = (
    (requests.Timeout, calls.TIMEOUT),
    (requests.exceptions.ChunkedEncodingError, calls.ANSWER),
    (requests.exceptions.ContentDecodingError, calls.ANSWER),
    (requests.RequestException, calls.NETWORK),
)
SDK_ERRORS = (TencentCloudSDKException,)


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
        ours = _raised(meaning(error, temporary), error, call)
        # Ours still leads to the SDK's error, which holds the answer, and to the one behind it, which may hold it too.
        error.message, error.args, error.__cause__, error.__context__ = None, (), None, None
        raise ours from None


def meaning(error: TencentCloudSDKException, temporary: bool = False) -> Meaning:
    """Look up what an error of the SDK means."""
    inner = error.__context__
    if inner is not None:
        by_class = next((found for cls, found in _CLASSES if isinstance(inner, cls)), calls.ANSWER)
        return platform.by_the_platform(network.meaning(inner) or by_class)
    code = str(error.get_code() or "")
    spellings = (code, code.rpartition(".")[2], code.partition(".")[0])
    found = next((_CODES[word] for word in spellings if word in _CODES), platform.UNKNOWN)
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
