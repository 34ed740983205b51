"""Says what a failure of the SDK for Function Compute 3.0 means to us, and has the one way to call the SDK."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import partial

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException

from imagelabels.domain.calls import Call, Meaning
from imagelabels.providers.aliyun import fc_meanings, openapi_errors
from imagelabels.providers.kit.platform import by_the_platform


def calling(call: Call, temporary: bool = False) -> AbstractContextManager[None]:
    """Enclose every SDK call. It raises our errors instead of the SDK's, which hold the request with its token.

    `temporary` says that the call was signed with keys that the service forgets when they have expired.
    """
    return openapi_errors.calling(call, partial(meaning, temporary=temporary))


def meaning(error: Exception, temporary: bool = False) -> Meaning:
    """Look up what an error of the SDK means."""
    if isinstance(error, AlibabaCloudException) and error.status_code:
        return fc_meanings.meaning(error.status_code, error.code or "", openapi_errors.words(error), temporary)
    return by_the_platform(openapi_errors.unanswered(error))
