"""Says in one table what a failure of the Tablestore SDK means to us, and which failures are worth another attempt.

https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes. A code that is not there is temporary.
"""

from __future__ import annotations

import urllib3.exceptions
from google.protobuf.message import DecodeError
from tablestore import OTSClientError, OTSServiceError
from tablestore.error import OTSError

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.aliyun.endpoints import hint
from imagelabels.providers.kit import network

CONDITION = "OTSConditionCheckFail"
"""This code is no failure but the answer to a conditional write: another worker was first."""

THROTTLED = Meaning(Unavailable, "throttled", "too many requests")
TIMEOUT = Meaning(Unavailable, "timeout", "the index did not answer in time")
FAILED = Meaning(Unavailable, "index_error", "the index failed")
NETWORK = Meaning(Unavailable, "index_error", "the connection to the index failed")
ANSWER = Meaning(Unavailable, "index_error", "the index's answer was cut or cannot be read")
UNREACHABLE = Meaning(Unavailable, "index_error", calls.UNREACHABLE.advice)
PROXY = Meaning(Unavailable, "index_error", calls.PROXY.advice)
REFUSES = Meaning(Unavailable, "index_error", "the index refused the request, and its code is not a known one")
CLOCK = Meaning(Unavailable, "index_error", "this machine's clock is more than 15 minutes off the index's")
FORBIDDEN = Meaning(Misconfigured, "forbidden", "forbidden: give the role {permission} on the instance")
UNKNOWN = Meaning(
    Misconfigured,
    "forbidden",
    "refused: check the instance's name and region, and the access key (ALIBABA_CLOUD_ACCESS_KEY_ID), which may be "
    "disabled",
)
MISSING = Meaning(Misconfigured, "forbidden", "no such table or search index: run `imagelabels index create`")
UNLIKE = Meaning(
    Misconfigured,
    "forbidden",
    "the tables or the search index are not as this version makes them: run `imagelabels index migrate`",
)
FULL = Meaning(Misconfigured, "forbidden", "the instance is full, or not paid for")

REFUSED = (THROTTLED,)
"""The service did nothing: every call may be made again."""

UNSURE = (TIMEOUT, FAILED, NETWORK, ANSWER, UNREACHABLE, calls.UNREACHED, PROXY)
"""The service may have done it: a call may be made again if a second time does no harm."""

_CODES = {
    "OTSServerBusy": THROTTLED,
    "OTSNotEnoughCapacityUnit": THROTTLED,
    "OTSCapacityUnitExhausted": THROTTLED,
    "OTSOperationThrottled": THROTTLED,
    "OTSRowOperationConflict": THROTTLED,
    "OTSOperationConflict": THROTTLED,
    "OTSTableNotReady": THROTTLED,
    "OTSPartitionUnavailable": THROTTLED,
    "OTSServerUnavailable": FAILED,
    "OTSInternalServerError": FAILED,
    "OTSTimeout": TIMEOUT,
    "OTSRequestTimeout": TIMEOUT,
    "OTSQuotaExhausted": FULL,
    "OTSNoPermissionAccess": FORBIDDEN,
    "OTSAuthFailed": UNKNOWN,
    "OTSObjectNotExist": MISSING,
    "OTSParameterInvalid": UNLIKE,
    "OTSInvalidPK": UNLIKE,
    "OTSOutOfColumnCountLimit": UNLIKE,
    "OTSOutOfRowSizeLimit": UNLIKE,
    "OTSMetaNotMatch": UNLIKE,
    "OTSObjectAlreadyExist": UNLIKE,
    "OTSRequestBodyTooLarge": UNLIKE,
    "OTSMethodNotAllowed": UNLIKE,
}
_STATUSES = {403: FORBIDDEN, 404: MISSING, 408: TIMEOUT, 429: THROTTLED, 503: THROTTLED, 504: TIMEOUT}
_TEXTS = (
    ("x-ots-date", CLOCK),
    ("system time is more than", CLOCK),
    ("token", calls.KEYS_EXPIRED),
    ("AccessKeyID does not exist", NO_SUCH_KEY),
    ("Signature mismatch", WRONG_SECRET),
    ("privilege", FORBIDDEN),
    ("denied by instance ACL", FORBIDDEN),
    ("Too frequent", THROTTLED),
)
"""Only the message tells what OTSAuthFailed, OTSQuotaExhausted and the SDK's own errors mean."""

# These are the SDK's own errors without an answer of the service.
_CLASSES: dict[type[Exception], Meaning] = {
    urllib3.exceptions.NewConnectionError: NETWORK,
    urllib3.exceptions.TimeoutError: TIMEOUT,
    urllib3.exceptions.HTTPError: NETWORK,
    DecodeError: ANSWER,
    ValueError: ANSWER,
    OTSClientError: ANSWER,
    OTSError: FAILED,
}
SDK_ERRORS = tuple(_CLASSES)

_INDEX = {calls.TIMEOUT: TIMEOUT, calls.UNREACHABLE: UNREACHABLE, calls.PROXY: PROXY}
"""These failures of a connection are told of the index, not of the store."""


def meaning(error: Exception, temporary: bool = False) -> Meaning | None:
    """Look up what an error of the SDK means; None if nobody has decided about it yet.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    if isinstance(error, OTSServiceError):
        found = told(error.code, str(error.message), int(error.http_status or 0))
        return calls.KEYS_EXPIRED if found is NO_SUCH_KEY and temporary else found
    if isinstance(error, OTSClientError):
        return _by_text(str(error)) or (FAILED if (error.http_status or 0) >= 500 else ANSWER)
    if (known := network.meaning(error)) is not None:
        return _INDEX.get(known, known)
    return next((_CLASSES[cls] for cls in type(_cause(error)).__mro__ if cls in _CLASSES), None)


def _cause(error: Exception) -> Exception:
    """Return what went wrong at the last of urllib3's own attempts to connect, which urllib3 wraps."""
    inner = getattr(error, "reason", None) if isinstance(error, urllib3.exceptions.MaxRetryError) else None
    return inner if isinstance(inner, urllib3.exceptions.HTTPError) else error


def told(code: str, message: str, status: int = 0) -> Meaning:
    """Look up what an answer of the service means, or what it says about one row of a batch."""
    if code in ("OTSAuthFailed", "OTSQuotaExhausted") and (found := _by_text(message)) is not None:
        return found
    if code in _CODES:
        return _CODES[code]
    known = None if code.startswith("OTS") and status < 500 else _STATUSES.get(status)
    return known or (FAILED if status >= 500 else REFUSES)


def raised(found: Meaning, call: Call, error: Exception) -> Exception:
    """Return the error of ours to raise."""
    host, words = network.host(error), network.words(error)
    error = _cause(error)
    facts = [type(error).__name__]
    if isinstance(error, OTSServiceError):
        facts += [str(error.http_status), error.code, f"request {error.request_id}" if error.request_id else ""]
        words = str(error.message)
    return calls.raised(found, call, facts, words, host, hint(host))


def strip(error: Exception) -> None:
    """Take out of the SDK's error what must not be logged: words that repeat the request's keys."""
    if isinstance(error, OTSServiceError) and not calls.may_be_quoted(str(error.message)):
        error.message = ""
        error.args = ()


def _by_text(message: str) -> Meaning | None:
    return next((found for text, found in _TEXTS if text in message), None)
