"""This module makes calls to the control planes of Alibaba Cloud with the vendor's SDKs, and says why one failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.runtime import RuntimeOptions

from imagelabels.deploy.progress import LEFT_OUT, CallFailed
from imagelabels.domain import calls
from imagelabels.providers.aliyun import openapi_errors
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET

_FORBIDDEN = frozenset({"AccessDenied", "Forbidden", "NoPermission"})
"""A code that begins so says that the keys lack a permission."""
_KEYS = {
    "IncompleteSignature": WRONG_SECRET,
    "InvalidAccessKeyId": NO_SUCH_KEY,
    "MissingAccessKeyId": NO_SUCH_KEY,
    "SignatureDoesNotMatch": WRONG_SECRET,
}
"""A code that begins so is about the keys. The service's own words on it repeat the signed request."""
CONNECTIONS = 2
"""A client keeps so many connections open."""


def runtime(seconds: float = 60.0) -> Any:
    """Return the time-outs of a call."""
    return RuntimeOptions(connect_timeout=5000, read_timeout=round(seconds * 1000))


@contextmanager
def calling(permission: str, endpoint: str) -> Iterator[None]:
    """Enclose a call. CallFailed names the vendor's code, and the permission if that is what the keys lack."""
    try:
        yield
    except AlibabaCloudException as error:
        raise CallFailed(error.code or "no code", _words(error, permission)) from None
    except (*openapi_errors.SDK_ERRORS, OSError):
        # The SDK's own words may quote the request.
        host = urlsplit(endpoint).netloc
        raise CallFailed("no answer", f"{host} gave none to {permission}: check the network and the region") from None


def answered(body: Any, permission: str, *members: tuple[str, type]) -> Any:
    """Return the body of an answer that has these members. A proxy may answer in the cloud's place, and the SDK reads
    everything that is JSON: CallFailed says that this is no answer."""
    if body is None or not all(isinstance(getattr(body, name), kind) for name, kind in members):
        raise CallFailed("no answer", f"what came back to {permission} is no answer of this API: is there a proxy?")
    return body


def _words(error: AlibabaCloudException, permission: str) -> str:
    code = (error.code or "").partition(".")[0]
    if code in _KEYS:
        return _KEYS[code].advice
    words = openapi_errors.words(error)
    if not calls.may_be_quoted(words):
        # What the gateway says of a wrong signature repeats the request, with the token in it.
        words = LEFT_OUT
    if code in _FORBIDDEN:
        words += f"; give these keys the permission {permission}"
    return words
