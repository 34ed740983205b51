"""What a failure of the COS SDK means to us: one table, and the one way to call the SDK.

The store's codes: https://www.tencentcloud.com/document/product/436/7730. No page lists those of detect-label, so its
answers go by status: https://www.tencentcloud.com/document/product/1045/33434 has those of image processing.
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
from imagelabels.domain.errors import Misconfigured, Rejected

_REQUEST = Meaning(Misconfigured, "forbidden", "refused: check TENCENTCLOUD_REGION and IMAGELABELS_ENDPOINT_COS")
_UNBOUND = Meaning(
    Misconfigured, "detector_unbound", "bind the bucket to Cloud Infinite and switch AI content recognition on"
)
_UNSIGNABLE = Meaning(Rejected, "unsignable_key", "the store does not take this key")

# From the most special to the most general: what stands behind the SDK's one error for all that is no answer.
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
    "InvalidAccessKeyId": calls.KEYS_EXPIRED,  # temporary ids are forgotten when they expire
    "RequestTimeTooSkewed": calls.CLOCK,
    "InvalidObjectState": calls.ARCHIVED,
    "InvalidObjectName": _UNSIGNABLE,
    "InvalidURI": _UNSIGNABLE,
    "KeyTooLong": _UNSIGNABLE,
}
_STATUSES = {400: _REQUEST, 401: calls.FORBIDDEN, 403: calls.FORBIDDEN, 404: calls.GONE, 405: calls.GONE}
_STATUSES |= {408: calls.TIMEOUT, 409: calls.STORE, 412: calls.GONE, 416: calls.GONE, 429: calls.THROTTLED}
_STATUSES |= {304: calls.GONE, 451: calls.PICTURE_REFUSED, 503: calls.THROTTLED}
_NOT_BOUND = re.compile(r"\bun(?:bound|opened)\b|not.{0,12}(?:bound|bind|open|activat|enabled)", re.IGNORECASE)


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Around every SDK call and the reading of its answer: raises ours instead of the SDK's errors."""
    try:
        yield
    except tuple(cls for cls, _ in _CLASSES) as error:
        ours = calls.raised(meaning(error, call), call, *_facts(error))
        if call.signed_url:
            # What requests says of a failed connection holds the whole URL; the SDK quotes it.
            error.args, error.__context__ = (), None
            if isinstance(error, CosException):
                error._message = ""
            raise ours from None
        raise ours from error


def meaning(error: Exception, call: Call) -> Meaning:
    """The table's word for an error that the SDK raises, or that reading its answer does."""
    if isinstance(error, CosServiceError):
        return _of_answer(error, call)
    # The SDK tells a broken connection by text alone; the error of requests is the one that it was handling.
    inner = error.__context__ if isinstance(error, CosClientError) and error.__context__ else error
    found = next((found for cls, found in _CLASSES if isinstance(inner, cls)), calls.SDK_REFUSED)
    if isinstance(inner, requests.ConnectionError) and "timed out" in str(inner):
        found = calls.TIMEOUT
    return calls.by_the_detector(found) if call.asks == "labels" else found


def _of_answer(error: CosServiceError, call: Call) -> Meaning:
    status, code, message = error.get_status_code(), _said(error, "code"), _said(error, "message")
    if code in _CODES:
        return _CODES[code]
    if status == 403 and "expired" in message.lower():
        return calls.SIGNATURE_EXPIRED if call.fenced else calls.CLOCK
    if call.asks == "tags" and status == 400:
        return calls.TAGS_REFUSED
    found = _STATUSES.get(status, _REQUEST if status < 400 else calls.STORE)
    if call.asks != "labels":
        return found
    if status < 500 and _NOT_BOUND.search(f"{code} {message}"):
        return _UNBOUND
    return calls.PICTURE_REFUSED if status == 400 else calls.by_the_detector(found)


def _facts(error: Exception) -> tuple[list[str], str]:
    """What may be told of an error whatever was asked, and the vendor's own words."""
    if not isinstance(error, CosServiceError):
        return [type(error.__context__ or error).__name__], str(error)
    request_id = _said(error, "requestid")
    facts = [type(error).__name__, str(error.get_status_code()), _said(error, "code")]
    return [*facts, f"request {request_id}" if request_id else ""], _said(error, "message")


def _said(error: CosServiceError, field: str) -> str:
    """The SDK's own getters fail where the answer has not all fields."""
    told = error.get_digest_msg()
    return str(told.get(field) or "") if hasattr(told, "get") else ""
