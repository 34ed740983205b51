"""Says in one table what a failure of the COS SDK means to us, and has the one way to call the SDK.

The store's codes: https://www.tencentcloud.com/document/product/436/7730. Those of data processing:
https://cloud.tencent.com/document/product/436/53983. Those of detect-label are not listed; its neighbours, as
https://www.tencentcloud.com/document/product/1045/73053, have some of the service behind them
(https://cloud.tencent.com/api/error-center?product=tiia), and use 400 for failures that are over in a minute. So a 4xx
whose code is not a known one is temporary.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

import requests
from qcloud_cos.cos_exception import CosClientError, CosException, CosServiceError

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import LabelingError, Misconfigured, Rejected
from imagelabels.providers.kit import network
from imagelabels.providers.kit.refusals import DAMAGED, FAILED, LARGE, UNREAD
from imagelabels.providers.kit.store import skew
from imagelabels.providers.tencent.credentials import NO_SUCH_KEY, WRONG_SECRET

_REQUEST = Meaning(Misconfigured, "forbidden", "refused: check TENCENTCLOUD_REGION and IMAGELABELS_ENDPOINT_COS")
_UNBOUND = Meaning(
    Misconfigured, "detector_unbound", "bind the bucket to Cloud Infinite and switch AI content recognition on"
)
_UNSIGNABLE = Meaning(Rejected, "unsignable_key", "the store does not take this key")

# The SDK has one error for all that is no answer. These stand behind it, from the most special to the most general.
_CLASSES: tuple[tuple[type[Exception], Meaning], ...] = (
    (requests.Timeout, calls.TIMEOUT),
    (requests.RequestException, calls.NETWORK),
    (CosException, calls.SDK_REFUSED),
    (ParseError, calls.ANSWER),
    (ValueError, calls.ANSWER),
)
_CODES = {
    "ExpiredToken": calls.KEYS_EXPIRED,
    "InvalidToken": calls.KEYS_EXPIRED,
    "InvalidSecurityToken": calls.KEYS_EXPIRED,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "SignatureDoesNotMatch": WRONG_SECRET,
    "RequestTimeTooSkewed": calls.CLOCK,
    "RequestTimeout": calls.TIMEOUT,
    "NoSuchBucket": calls.NO_BUCKET,
    "InvalidObjectState": calls.ARCHIVED,
    "InvalidObjectName": _UNSIGNABLE,
    "InvalidURI": _UNSIGNABLE,
    "KeyTooLong": _UNSIGNABLE,
}
_REQUEST_CODES = frozenset({"BadRequest", "InvalidArgument", "InvalidBucketName", "InvalidRequest", "NotImplemented"})
"""With these codes the request is wrong, unless the tags in it are."""
_TAG_CODES = frozenset(
    {"BadRequest", "InvalidArgument", "InvalidTag", "InvalidTagKey", "InvalidTagValue", "MalformedXML"}
)
# The code's last part decides: the service behind detect-label puts FailedOperation or another word before it.
# Unproven meaning-of-detect-label: detect-label refuses with the codes of its neighbours and of the service behind
#   them, and a 4xx with another code is temporary.
# Why: no page lists the codes of detect-label.
# Ask: GET a text file, a picture of 1x1 and one of 33 MB with ci-process=detect-label: status and code.
_DETECTOR_CODES = {
    "ImageDecodeFailed": DAMAGED,
    "EmptyImageError": DAMAGED,
    "ImageNotSupported": UNREAD,
    "UnsupportedImageFormat": UNREAD,
    "ImageTooLarge": LARGE,
    "ImageSizeExceed": LARGE,
    "TooLargeFileError": LARGE,
    "ImageTooSmall": calls.PICTURE_REFUSED,
    "ImageResolutionExceed": calls.PICTURE_REFUSED,
    "ImageResolutionInsufficient": calls.PICTURE_REFUSED,
    "ImageUnQualified": calls.PICTURE_REFUSED,
    "NoObjectDetected": calls.PICTURE_REFUSED,
    "InternalError": FAILED,
    "RequestTimeout": calls.TIMEOUT,
    "ResourceNotFound": calls.GONE,
    "ResourceAccessDenied": calls.FORBIDDEN,
    "CIRoleNotExist": _UNBOUND,
}
_STATUSES = {304: calls.GONE, 401: calls.FORBIDDEN, 403: calls.FORBIDDEN, 404: calls.GONE, 405: calls.GONE}
_STATUSES |= {408: calls.TIMEOUT, 409: calls.STORE, 412: calls.GONE, 416: calls.GONE, 429: calls.THROTTLED}
_STATUSES |= {451: calls.PICTURE_REFUSED, 503: calls.THROTTLED}
_NOT_BOUND = re.compile(r"\bun(?:bound|opened)\b|not.{0,12}(?:bound|bind|open|activat|enabled)", re.IGNORECASE)

_AHEAD, _BEHIND = 60.0, 900.0
"""This machine's clock may be so many seconds ahead or behind: the SDK lets a signature begin a minute ago, and the
store takes no request that is a quarter of an hour old."""


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Enclose every SDK call and the reading of its answer. It raises our errors instead of the SDK's."""
    try:
        yield
    except tuple(cls for cls, _ in _CLASSES) as error:
        if isinstance(cause := _cause(error), LabelingError):
            raise cause from None  # our own session's, which the SDK wraps like any other
        found = meaning(error, call)
        ours = _raised(found, error, call)
        if call.signed_url or found is calls.UNSENDABLE:
            # What requests says of a failed connection holds the whole URL, and of a header its value: the SDK quotes
            # both.
            error.args, error.__context__ = (), None
            if isinstance(error, CosException):
                error._message = ""
            raise ours from None
        raise ours from error


def meaning(error: Exception, call: Call) -> Meaning:
    """Look up what an error means that the SDK raises, or that reading its answer raises."""
    if isinstance(error, CosServiceError):
        return _of_answer(error, call)
    inner = _cause(error)
    by_class = next((found for cls, found in _CLASSES if isinstance(inner, cls)), calls.SDK_REFUSED)
    found = network.meaning(inner) or by_class
    return calls.by_the_detector(found) if call.asks == "labels" else found


def _cause(error: Exception) -> BaseException:
    """Return the error of requests. The SDK tells a broken connection by text alone, while it handles that error."""
    return error.__context__ if isinstance(error, CosClientError) and error.__context__ else error


def _of_answer(error: CosServiceError, call: Call) -> Meaning:
    status, code, message = error.get_status_code(), _said(error, "code"), _said(error, "message")
    if (known := _known(error, status, code, message, call)) is not None:
        return known
    if call.asks == "tags" and status == 400 and code in _TAG_CODES:
        return calls.TAGS_REFUSED
    if call.asks == "labels" and (known := _of_detector(status, code, message)) is not None:
        return known
    wrong = status < 400 or (code in _REQUEST_CODES and call.asks != "labels")
    default = _REQUEST if wrong else calls.STORE if status >= 500 else calls.UNKNOWN
    found = _STATUSES.get(status, default)
    if found is calls.FORBIDDEN and not -_BEHIND <= skew(_said(error, "date")) <= _AHEAD:
        return calls.CLOCK
    return calls.by_the_detector(found) if call.asks == "labels" else found


def _known(error: CosServiceError, status: int, code: str, message: str, call: Call) -> Meaning | None:
    """Look up what an answer says about keys and time, which does not depend on what was asked for."""
    if code == "InvalidAccessKeyId" and _said(error, "temporary"):
        return calls.KEYS_EXPIRED  # the service forgets such an id when it has expired
    if code in _CODES:
        return _CODES[code]
    if status == 403 and "expired" in message.lower():
        return calls.SIGNATURE_EXPIRED if call.fenced else calls.CLOCK
    return None


def _of_detector(status: int, code: str, message: str) -> Meaning | None:
    """Look up what an answer says about the picture or the binding; None if it says nothing of either.

    A refusal of a picture is kept for its content, so only a known code is one.
    """
    if status >= 500:
        return None
    return _UNBOUND if _NOT_BOUND.search(f"{code} {message}") else _DETECTOR_CODES.get(code.rpartition(".")[2])


def _raised(found: Meaning, error: Exception, call: Call) -> Exception:
    """Return our error, with the facts that may always be told and the vendor's own words."""
    if isinstance(error, CosServiceError):
        request_id = _said(error, "requestid")
        facts = [type(error).__name__, str(error.get_status_code()), _said(error, "code")]
        facts.append(f"request {request_id}" if request_id else "")
        return calls.raised(found, call, facts, _said(error, "message"))
    inner = _cause(error)
    words = str(error) if network.words(inner) else ""
    hint = "; check TENCENTCLOUD_REGION, the bucket's name and the network"
    return calls.raised(found, call, [type(inner).__name__], words, network.host(inner), hint)


def _said(error: CosServiceError, field: str) -> str:
    """Read a field of the error. The SDK's own getters fail if the answer lacks some fields."""
    told = error.get_digest_msg()
    return str(told.get(field) or "") if hasattr(told, "get") else ""
