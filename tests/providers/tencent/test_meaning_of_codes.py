"""Each code that the vendor documents, and what it must mean for each kind of call.

Codes of COS: https://www.tencentcloud.com/document/product/436/7730. Codes of data processing:
https://cloud.tencent.com/document/product/436/53983. Codes of the service behind detect-label:
https://cloud.tencent.com/api/error-center?product=tiia.
"""

from __future__ import annotations

import pytest
from qcloud_cos import CosServiceError

from imagelabels.domain.calls import Call
from imagelabels.providers.tencent.cos import failures
from tests.providers.tencent.scripted import REF

CALLS = {asks: Call("X", "p", REF.uri, asks) for asks in ("store", "tags", "labels")}
GONE = ""
"""Gone has no reason."""


def every(reason: str, **others: str) -> dict[str, str]:
    """What a code means for each kind of call: the same, but for those that are named."""
    return {**dict.fromkeys(CALLS, reason), **others}


REQUEST = every("forbidden", labels="detector_error", tags="tags_refused")
"""The request is wrong, or the tags in it. Of a picture it says nothing, so a detector is asked again."""
UNKNOWN = every("store_error", labels="detector_error")
TEMPORARY = [
    "FailedOperation.DownLoadError",
    "FailedOperation.ImageDownloadError",
    "FailedOperation.InvokeChargeError",
    "FailedOperation.RpcFail",
    "FailedOperation.ServerError",
    "FailedOperation.UnKnowError",
    "InternalError",
    "MissingContent",
    "InvalidContent",
    "InvalidHost",
    "InvalidArgument",
    "ResourceDownloadFailed",
    "NeverHeardOf",
    "",
]
REFUSALS = {
    "FailedOperation.ImageDecodeFailed": "corrupt",
    "FailedOperation.EmptyImageError": "corrupt",
    "FailedOperation.ImageNotSupported": "unsupported_format",
    "FailedOperation.ImageSizeExceed": "too_large",
    "LimitExceeded.TooLargeFileError": "too_large",
    "FailedOperation.ImageResolutionExceed": "detector_refused",
    "FailedOperation.ImageResolutionInsufficient": "detector_refused",
    "FailedOperation.ImageUnQualified": "detector_refused",
    "FailedOperation.NoObjectDetected": "detector_refused",
}
COS = [
    (400, "RequestTimeout", every("timeout")),
    (400, "BadRequest", REQUEST),
    (400, "InvalidArgument", REQUEST),
    (400, "InvalidBucketName", every("forbidden", labels="detector_error")),
    (400, "InvalidTag", {**UNKNOWN, "tags": "tags_refused"}),
    (400, "MalformedXML", {**UNKNOWN, "tags": "tags_refused"}),
    (400, "IncompleteBody", UNKNOWN),
    (400, "InvalidDigest", UNKNOWN),
    (400, "BadDigest", UNKNOWN),
    (400, "EntityTooLarge", UNKNOWN),
    (400, "InvalidURI", every("unsignable_key")),
    (400, "KeyTooLong", every("unsignable_key")),
    (400, "NeverHeardOf", UNKNOWN),
    (403, "AccessDenied", every("forbidden")),
    (403, "ExpiredToken", every("credentials_expired")),
    (403, "InvalidAccessKeyId", every("forbidden")),
    (403, "SignatureDoesNotMatch", every("forbidden")),
    (403, "RequestTimeTooSkewed", every("store_error")),
    (403, "InvalidObjectState", every("archived")),
    (403, "NeverHeardOf", every("forbidden")),
    (404, "NoSuchKey", every(GONE)),
    (404, "NoSuchBucket", every(GONE)),
    (405, "MethodNotAllowed", every(GONE)),
    (409, "PathConflict", UNKNOWN),
    (411, "MissingContentLength", UNKNOWN),
    (412, "PreconditionFailed", every(GONE)),
    (416, "InvalidRange", every(GONE)),
    (500, "InternalError", UNKNOWN),
    (503, "SlowDown", every("throttled")),
]


@pytest.mark.parametrize("asks", CALLS)
@pytest.mark.parametrize(("status", "code", "means"), COS, ids=lambda value: str(value)[:40])
def test_no_passing_trouble_of_cos_is_final_and_no_final_one_is_asked_for_ever(
    status: int, code: str, means: dict[str, str], asks: str
) -> None:
    error = CosServiceError("GET", {"code": code, "message": "", "requestid": "x"}, status)
    assert failures.meaning(error, CALLS[asks]).reason == means[asks]


@pytest.mark.parametrize(("code", "reason"), [*((code, "detector_error") for code in TEMPORARY), *REFUSALS.items()])
def test_a_picture_is_only_refused_for_good_by_a_code_that_speaks_of_it(code: str, reason: str) -> None:
    error = CosServiceError("GET", {"code": code, "message": "", "requestid": "x"}, 400)
    assert failures.meaning(error, CALLS["labels"]).reason == reason


def test_a_detector_that_was_too_slow_is_asked_again() -> None:
    error = CosServiceError("GET", {"code": "FailedOperation.RequestTimeout", "message": "", "requestid": "x"}, 400)
    assert failures.meaning(error, CALLS["labels"]).reason == "timeout"
