"""Says what a failure of the SDK for Function Compute 3.0 means to us, and has the one way to call the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from imagelabels.domain.calls import Call, Meaning
from imagelabels.providers.aliyun import fc_meanings, openapi_errors
from imagelabels.providers.aliyun.openapi_errors import SDK_ERRORS
from imagelabels.providers.kit.platform import by_the_platform


@contextmanager
def calling(call: Call, temporary: bool = False) -> Iterator[None]:
    """Enclose every SDK call. It raises our errors instead of the SDK's, which hold the request with its token.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    try:
        yield
    except SDK_ERRORS as error:
        ours = openapi_errors.raised(meaning(error, temporary), error, call)
        openapi_errors.strip(error)
        raise ours from None


def meaning(error: Exception, temporary: bool = False) -> Meaning:
    """Look up what an error of the SDK means."""
    if isinstance(error, AlibabaCloudException) and error.status_code:
        return fc_meanings.meaning(error.status_code, error.code or "", openapi_errors.words(error), temporary)
    return by_the_platform(openapi_errors.unanswered(error))
