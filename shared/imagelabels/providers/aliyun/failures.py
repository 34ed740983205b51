"""What a failure of the OSS SDK means to us: one table, and the one way to call the SDK.

The store's codes: https://www.alibabacloud.com/help/en/oss/user-guide/http-403-error-code and its neighbours; what
image processing says of a picture or a project is read in refusals.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree.ElementTree import ParseError

import requests
from oss2 import exceptions as oss

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import Misconfigured, Rejected
from imagelabels.providers.aliyun.refusals import refused

_REQUEST = Meaning(Misconfigured, "forbidden", "refused: check FC_REGION and IMAGELABELS_ENDPOINT_OSS for this bucket")
_REDIRECT = Meaning(Misconfigured, "forbidden", "redirected: check IMAGELABELS_ENDPOINT_OSS for this bucket")

# The SDK's own errors that no answer of the server stands behind. Those with an answer go by code, then by status.
_CLASSES: dict[type[Exception], Meaning] = {
    oss.ClientError: calls.SDK_REFUSED,
    oss.InconsistentError: calls.ANSWER,
    oss.OpenApiFormatError: calls.ANSWER,
    oss.SelectOperationClientError: calls.ANSWER,
    oss.RequestError: calls.NETWORK,
    requests.Timeout: calls.TIMEOUT,
    requests.TooManyRedirects: _REDIRECT,
    requests.RequestException: calls.NETWORK,
    ParseError: calls.ANSWER,
    RuntimeError: calls.ANSWER,
    ValueError: calls.ANSWER,
}
_CODES = {
    "SecurityTokenExpired": calls.KEYS_EXPIRED,
    "InvalidSecurityToken": calls.KEYS_EXPIRED,
    "AccessKeyIdAndSecurityTokenNotMatch": calls.KEYS_EXPIRED,
    "RequestTimeTooSkewed": calls.CLOCK,
    "InvalidObjectState": calls.ARCHIVED,
    "InvalidObjectName": Meaning(Rejected, "unsignable_key", "the store does not take this key"),
    "InvalidTargetType": Meaning(Rejected, "symlink", "a link to a link"),
    "SelectOperationFailed": calls.STORE,
}
_STATUSES = {301: _REDIRECT, 302: _REDIRECT, 307: _REDIRECT, 308: _REDIRECT, 304: calls.GONE}
_STATUSES |= {
    400: _REQUEST,
    401: calls.FORBIDDEN,
    403: calls.FORBIDDEN,
    404: calls.GONE,
    405: calls.GONE,
    408: calls.TIMEOUT,
}
_STATUSES |= {
    409: calls.STORE,
    412: calls.GONE,
    416: calls.GONE,
    429: calls.THROTTLED,
    500: calls.STORE,
    501: _REQUEST,
    503: calls.THROTTLED,
}

SDK_ERRORS = (oss.OssError, *(cls for cls in _CLASSES if not issubclass(cls, oss.OssError)))
_SAFE_DETAILS = ("Code", "Message", "RequestId", "EC")


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Around every SDK call and the reading of its answer: raises ours instead of the SDK's errors."""
    try:
        yield
    except SDK_ERRORS as error:
        found = meaning(error, call) or calls.STORE
        ours = _raised(found, error, call)
        _strip(error, call)
        if call.signed_url:
            raise ours from None
        raise ours from error


def meaning(error: Exception, call: Call) -> Meaning | None:
    """The table's word for an error of the SDK; None if nobody has decided about it yet."""
    if isinstance(error, oss.OssError) and getattr(error, "status", -1) > 0:
        return _told(error, call)
    # oss2 wraps what requests raises while sending, not what it raises while the answer is being read.
    inner = getattr(error, "exception", None) or error
    if isinstance(inner, requests.ConnectionError) and "timed out" in str(inner):
        found: Meaning | None = calls.TIMEOUT
    else:
        lines = (*type(inner).__mro__, *type(error).__mro__)
        found = next((_CLASSES[cls] for cls in lines if cls in _CLASSES), None)
    return calls.by_the_detector(found) if found and call.asks == "labels" else found


def _told(error: Any, call: Call) -> Meaning | None:
    """The meaning of an answer of the server."""
    status, code, message = error.status, str(error.code or ""), str(getattr(error, "message", "") or "")
    if code.startswith("Imm "):
        # IMM behind OSS: the code is "Imm Client", and the message begins with IMM's own code.
        code = message.partition(",")[0].strip()
    if status == 403 and call.signed_url and "expired" in message and code not in _CODES:
        return calls.SIGNATURE_EXPIRED
    if code == "InvalidAccessKeyId" and str(error.details.get("OSSAccessKeyId")).startswith("STS."):
        return calls.KEYS_EXPIRED  # https://help.aliyun.com/zh/oss/support/0002-00000002
    if status == 403 and "specified endpoint" in message:
        return _REDIRECT
    if code in _CODES:
        return _CODES[code]
    found = _STATUSES.get(status, calls.STORE if status >= 500 else None)
    if call.asks == "tags" and status == 400:
        return calls.TAGS_REFUSED
    if call.asks == "labels":
        return refused(status, code, message) or (calls.by_the_detector(found) if found else None)
    if call.asks == "copy" and status < 500:
        return refused(status, code, message) or found
    return found


def _raised(found: Meaning, error: Exception, call: Call) -> Exception:
    facts = [type(error).__name__]
    if isinstance(error, oss.OssError) and error.status > 0:
        request_id = getattr(error, "request_id", "")
        facts += [str(error.status), error.code or "", f"request {request_id}" if request_id else ""]
        return calls.raised(found, call, facts, error.message or "")
    return calls.raised(found, call, facts, getattr(error, "body", "") or str(error))


def _strip(error: Any, call: Call) -> None:
    """Take out what must not be logged: a signature error quotes the request with token and signature, a failed
    connection the signed URL."""
    if isinstance(error, oss.OssError):
        error.details = {name: error.details[name] for name in _SAFE_DETAILS if name in getattr(error, "details", {})}
        error.args = ()
        if call.signed_url or error.status > 0:
            error.body = ""
    if call.signed_url:
        error.args, error.__context__, error.__cause__ = (), None, None
        if isinstance(error, oss.RequestError):
            error.exception = None
