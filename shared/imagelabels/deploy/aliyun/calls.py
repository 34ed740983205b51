"""This module makes calls to the control planes of Alibaba Cloud with the vendor's SDKs, and says why one failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.exceptions import RetryError
from darabonba.runtime import RuntimeOptions
from Tea.exceptions import TeaException

from imagelabels.deploy.progress import CallFailed

_FORBIDDEN = frozenset({"AccessDenied", "Forbidden", "NoPermission"})
"""A code that begins so says that the keys lack a permission."""


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
    except (TeaException, RetryError, ValueError, OSError):
        # The SDK's own words may quote the request.
        host = urlsplit(endpoint).netloc
        raise CallFailed("no answer", f"{host} gave none to {permission}: check the network and Region") from None


def _words(error: AlibabaCloudException, permission: str) -> str:
    data = error.data if isinstance(error.data, dict) else {}
    words = str(data.get("Message") or error.message or "")
    if (error.code or "").partition(".")[0] in _FORBIDDEN:
        words += f"; give these keys the permission {permission}"
    return words
