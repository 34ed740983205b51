"""Takes the errors of the vendor's newer SDKs apart, which share one core. What they mean is each service's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import requests
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from darabonba.exceptions import RetryError
from Tea.exceptions import RequiredArgumentException, TeaException, UnretryableException

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.providers.aliyun.endpoints import hint
from imagelabels.providers.kit import network

# These errors stand behind an answer that never came, or that the SDK could not read.
_CLASSES: dict[type[BaseException], Meaning] = {
    requests.Timeout: calls.TIMEOUT,
    requests.exceptions.ChunkedEncodingError: calls.ANSWER,
    requests.exceptions.ContentDecodingError: calls.ANSWER,
    requests.RequestException: calls.NETWORK,
    RetryError: calls.NETWORK,
    RequiredArgumentException: calls.SDK_REFUSED,
    Exception: calls.ANSWER,
}
SDK_ERRORS = (TeaException, RetryError, RequiredArgumentException, ValueError)

# The gateway's words on a signature quote the request, with the token in it.
_SECRET = re.compile(r"sign|token|secret|access.?key|x-acs", re.IGNORECASE)


@contextmanager
def calling(call: Call, meaning: Callable[[Exception], Meaning]) -> Iterator[None]:
    """Enclose an SDK call. `meaning` says what the SDK's error means, and ours is raised in its place."""
    try:
        yield
    except SDK_ERRORS as error:
        ours = raised(meaning(error), error, call)
        strip(error)
        raise ours from None


def unanswered(error: Exception) -> Meaning:
    """Look up what it means that there is no answer, or none that can be read."""
    found = cause(error)
    by_class = next(_CLASSES[cls] for cls in type(found).__mro__ if cls in _CLASSES)
    return network.meaning(found) or by_class


def cause(error: BaseException) -> BaseException:
    """Return what went wrong in the first place. The SDK wraps it, and hides the kind of a failed connection."""
    inner: object = error.inner_exception if isinstance(error, UnretryableException) else error
    found = inner.__context__ if isinstance(inner, RetryError) else inner
    return found if isinstance(found, BaseException) else error


def words(error: AlibabaCloudException) -> str:
    """Return the service's message."""
    data = error.data if isinstance(error.data, dict) else {}
    return str(data.get("Message") or data.get("message") or "")


def raised(found: Meaning, error: Exception, call: Call) -> Exception:
    """Return the error to raise, with the facts that may always be told and the service's own words."""
    host = ""
    if isinstance(error, AlibabaCloudException):
        facts = [type(error).__name__, str(error.status_code or ""), error.code or "", f"request {error.request_id}"]
        said = words(error)
    else:
        inner = cause(error)
        facts, said, host = [type(inner).__name__], network.words(inner), network.host(inner)
    return calls.raised(found, call, facts, "" if _SECRET.search(said) else said, host, hint(host))


def strip(error: Exception) -> None:
    """Empty the SDK's error: ours still leads to it, and it holds what must not be logged."""
    error.args, error.__cause__, error.__context__ = (), None, None
    for name in vars(error).keys() - {"code", "status_code", "request_id"}:
        setattr(error, name, None)
