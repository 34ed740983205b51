"""Says what a failure of the SDK for Function Compute 2.0 means to us, and has the one way to call the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from fc2.fc_exceptions import FcError

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.providers.aliyun import fc_meanings
from imagelabels.providers.aliyun.endpoints import hint
from imagelabels.providers.kit import network
from imagelabels.providers.kit.platform import by_the_platform

# The SDK lets the errors of requests through. ValueError stands for an answer that cannot be read.
_CLASSES: dict[type[BaseException], Meaning] = {
    requests.Timeout: calls.TIMEOUT,
    requests.exceptions.ChunkedEncodingError: calls.ANSWER,
    requests.exceptions.ContentDecodingError: calls.ANSWER,
    requests.RequestException: calls.NETWORK,
    ValueError: calls.ANSWER,
}
SDK_ERRORS = (FcError, requests.RequestException, ValueError)


@contextmanager
def calling(call: Call, temporary: bool = False) -> Iterator[None]:
    """Enclose every SDK call. It raises our errors instead of the SDK's.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    try:
        yield
    except SDK_ERRORS as error:
        ours = _raised(meaning(error, temporary), error, call)
        _strip(error)
        raise ours from None


def meaning(error: Exception, temporary: bool = False) -> Meaning:
    """Look up what an error means that the SDK raises, or lets through."""
    if isinstance(error, FcError):
        return fc_meanings.meaning(error.status_code, str(error.err_code or ""), str(error.message), temporary)
    by_class = next(_CLASSES[cls] for cls in type(error).__mro__ if cls in _CLASSES)
    return by_the_platform(network.meaning(error) or by_class)


def _raised(meaning: Meaning, error: Exception, call: Call) -> Exception:
    if isinstance(error, FcError):
        facts = [type(error).__name__, str(error.status_code), str(error.err_code or ""), f"request {error.request_id}"]
        return calls.raised(meaning, call, facts, str(error.message))
    host = network.host(error)
    return calls.raised(meaning, call, [type(error).__name__], network.words(error), host, hint(host))


def _strip(error: Exception) -> None:
    """Empty the SDK's error: ours still leads to it. What is said of a header that cannot be sent holds the header."""
    error.args, error.__cause__, error.__context__ = (), None, None
    if isinstance(error, UnicodeEncodeError):
        error.object = ""
