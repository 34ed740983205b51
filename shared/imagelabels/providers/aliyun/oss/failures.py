"""Says in one table what a failure of the OSS SDK means to us, and has the one way to call the SDK.

The store's codes: https://www.alibabacloud.com/help/en/oss/user-guide/http-status-code-400 and its neighbours; what
image processing says of a picture or a project is read in refusals.py. A 4xx whose code is on no such page is
temporary: OSS has a 400 that is (RequestTimeout), and only what is known for sure may be final.
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
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.aliyun.endpoints import hint
from imagelabels.providers.aliyun.refusals import refused
from imagelabels.providers.kit import network
from imagelabels.providers.kit.store import skew

_REQUEST = Meaning(Misconfigured, "forbidden", "refused: check FC_REGION and IMAGELABELS_ENDPOINT_OSS for this bucket")
_REDIRECT = Meaning(Misconfigured, "forbidden", "redirected: check IMAGELABELS_ENDPOINT_OSS for this bucket")

# These are the SDK's own errors without an answer of the server. Those with an answer go by code, then by status.
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
    "SignatureDoesNotMatch": WRONG_SECRET,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "RequestTimeTooSkewed": calls.CLOCK,
    # https://help.aliyun.com/zh/oss/support/0017-00000704: nothing came within the time that OSS waits for it.
    "RequestTimeout": calls.TIMEOUT,
    "NoSuchBucket": calls.NO_BUCKET,
    "InvalidObjectState": calls.ARCHIVED,
    "InvalidObjectName": Meaning(Rejected, "unsignable_key", "the store does not take this key"),
    "InvalidTargetType": Meaning(Rejected, "symlink", "a link to a link"),
    "InvalidBucketName": _REQUEST,
    "SelectOperationFailed": calls.STORE,
}
_REQUEST_CODES = frozenset({"InvalidArgument", "InvalidRequest", "MissingArgument", "NotImplemented"})
"""With these codes the request is wrong, as with another region's signature, unless its tags or its picture are."""
_TAG_CODES = frozenset({"InvalidTag", "InvalidTaggingKey", "InvalidTaggingValue", "MalformedXML"})
"""These codes refuse the tags: https://help.aliyun.com/en/oss/developer-reference/putobjecttagging"""
_STATUSES = {301: _REDIRECT, 302: _REDIRECT, 307: _REDIRECT, 308: _REDIRECT, 304: calls.GONE, 401: calls.FORBIDDEN}
_STATUSES |= {403: calls.FORBIDDEN, 404: calls.GONE, 405: calls.GONE, 408: calls.TIMEOUT, 409: calls.STORE}
_STATUSES |= {412: calls.GONE, 416: calls.GONE, 429: calls.THROTTLED, 501: _REQUEST, 503: calls.THROTTLED}
_SKEW = 900.0
"""The store takes no request whose time is so many seconds off: https://www.alibabacloud.com/help/en/oss/support/0002-00000504"""

SDK_ERRORS = (oss.OssError, *(cls for cls in _CLASSES if not issubclass(cls, oss.OssError)))
_SAFE_DETAILS = ("Code", "Message", "RequestId", "EC")


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """Enclose every SDK call and the reading of its answer. It raises our errors instead of the SDK's."""
    try:
        yield
    except SDK_ERRORS as error:
        found = meaning(error, call) or calls.STORE
        ours = _raised(found, error, call)
        _strip(error, call)
        if call.signed_url or found is calls.UNSENDABLE:
            raise ours from None
        raise ours from error


def meaning(error: Exception, call: Call) -> Meaning | None:
    """Look up what an error of the SDK means; None if nobody has decided about it yet."""
    if isinstance(error, oss.OssError) and getattr(error, "status", -1) > 0:
        return _told(error, call)
    inner = _cause(error)
    found = network.meaning(inner)
    if found is None:
        lines = (*type(inner).__mro__, *type(error).__mro__)
        found = next((_CLASSES[cls] for cls in lines if cls in _CLASSES), None)
    return calls.by_the_detector(found) if found and call.asks == "labels" else found


def _cause(error: Any) -> Exception:
    """Return the error of requests. oss2 wraps what requests raises while sending, but not while an answer is read."""
    cause: Exception = getattr(error, "exception", None) or error
    return cause


def _told(error: Any, call: Call) -> Meaning:
    """Look up what an answer of the server means."""
    status, code, message = error.status, str(error.code or ""), str(getattr(error, "message", "") or "")
    if code.startswith("Imm "):
        # IMM behind OSS: the code is "Imm Client", and the message begins with IMM's own code.
        code = message.partition(",")[0].strip()
    if (known := _known(error, status, code, message, call)) is not None:
        return known
    processed = call.asks == "labels" or (call.asks == "copy" and status < 500)
    if processed and (known := refused(status, code, message)) is not None:
        return known
    if call.asks == "tags" and status == 400 and (code in _TAG_CODES or _about_tags(error)):
        return calls.TAGS_REFUSED
    if code in _REQUEST_CODES and call.asks in ("store", "tags"):
        return _REQUEST
    found = _STATUSES.get(status, calls.STORE if status >= 500 else calls.UNKNOWN)
    if found is calls.FORBIDDEN and abs(skew(error.headers.get("date"))) > _SKEW:
        return calls.CLOCK
    return calls.by_the_detector(found) if call.asks == "labels" else found


def _known(error: Any, status: int, code: str, message: str, call: Call) -> Meaning | None:
    """Look up what an answer says about keys and address, which does not depend on what was asked for."""
    if code == "InvalidAccessKeyId" and str(error.details.get("OSSAccessKeyId")).startswith("STS."):
        return calls.KEYS_EXPIRED  # https://help.aliyun.com/zh/oss/support/0002-00000002
    if code in _CODES:
        return _CODES[code]
    if status == 403 and call.signed_url and "expired" in message:
        return calls.SIGNATURE_EXPIRED
    return _REDIRECT if status == 403 and "specified endpoint" in message else None


def _about_tags(error: Any) -> bool:
    """Tell whether the error number is one of those that are all about object tags, whichever code comes with them:
    https://www.alibabacloud.com/help/en/oss/support/0010-00000219"""
    return str(getattr(error, "details", {}).get("EC", "")).startswith("0010-")


def _raised(found: Meaning, error: Exception, call: Call) -> Exception:
    facts = [type(error).__name__]
    if isinstance(error, oss.OssError) and error.status > 0:
        request_id = getattr(error, "request_id", "")
        facts += [str(error.status), error.code or "", f"request {request_id}" if request_id else ""]
        return calls.raised(found, call, facts, error.message or "")
    inner = _cause(error)
    host = network.host(inner)
    facts = [type(inner).__name__]
    return calls.raised(found, call, facts, network.words(inner), host, hint(host))


def _strip(error: Any, call: Call) -> None:
    """Take out what must not be logged. A signature error quotes the request with token and signature, a failed
    connection the signed URL, and a header that cannot be sent its value."""
    secret = call.signed_url or network.meaning(_cause(error)) is calls.UNSENDABLE
    if isinstance(error, oss.OssError):
        error.details = {name: error.details[name] for name in _SAFE_DETAILS if name in getattr(error, "details", {})}
        error.args = ()
        if error.status > 0 and not calls.may_be_quoted(error.details.get("Message") or ""):
            error.message = error.details["Message"] = ""
        if secret or error.status > 0:
            error.body = ""
    if secret:
        error.args, error.__context__, error.__cause__ = (), None, None
        if isinstance(error, oss.RequestError):
            error.exception = None
