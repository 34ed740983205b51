"""Each code that the vendor documents, and what it must mean for each kind of call.

Codes of OSS: https://www.alibabacloud.com/help/en/oss/user-guide/http-status-code-400 and the pages beside it. Codes of
image processing: https://www.alibabacloud.com/help/en/oss/user-guide/common-errors. Codes of IMM:
https://www.alibabacloud.com/help/en/imm/developer-reference/error-handling-1.
"""

from __future__ import annotations

import oss2
import pytest
from alibabacloud_tea_openapi.exceptions import ClientException

from imagelabels.domain.calls import Call
from imagelabels.providers.aliyun.imm import failures as failures_imm
from imagelabels.providers.aliyun.oss import failures
from tests.providers.aliyun.scripted import REF

CALLS = {asks: Call("X", "p", REF.uri, asks) for asks in ("store", "tags", "labels", "copy")}
GONE = ""
"""Gone has no reason."""


def every(reason: str, **others: str) -> dict[str, str]:
    """What a code means for each kind of call: the same, but for those that are named."""
    return {**dict.fromkeys(CALLS, reason), **others}


REQUEST = every("forbidden", labels="detector_error", copy="store_error")
"""The request is wrong: a person must act. Of a picture it says nothing, so a detector is asked again."""
UNKNOWN = every("store_error", labels="detector_error")

OSS = [
    (400, "RequestTimeout", every("timeout")),
    (400, "InvalidObjectName", every("unsignable_key")),
    (400, "InvalidTargetType", every("symlink")),
    (400, "InvalidBucketName", every("forbidden")),
    (400, "InvalidArgument", REQUEST),
    (400, "InvalidRequest", REQUEST),
    (400, "MissingArgument", REQUEST),
    (400, "InvalidTag", {**UNKNOWN, "tags": "tags_refused"}),
    (400, "InvalidTaggingKey", {**UNKNOWN, "tags": "tags_refused"}),
    (400, "MalformedXML", {**UNKNOWN, "tags": "tags_refused"}),
    (400, "IncompleteBody", UNKNOWN),
    (400, "InvalidDigest", UNKNOWN),
    (400, "EntityTooLarge", UNKNOWN),
    (400, "InvalidEncryptionAlgorithmError", UNKNOWN),
    (400, "TooManyBuckets", UNKNOWN),
    (400, "BadRequest", UNKNOWN),
    (400, "TooManyPipe", UNKNOWN),
    (400, "WatermarkError", UNKNOWN),
    (400, "ImageTooLarge", {**UNKNOWN, "labels": "too_large", "copy": "too_large"}),
    (400, "MemLimitExceeded", {**UNKNOWN, "labels": "too_many_pixels", "copy": "too_many_pixels"}),
    (403, "ImageDamage", every("forbidden", labels="corrupt", copy="corrupt")),
    (403, "AccessDenied", every("forbidden")),
    (403, "AccountArrearage", every("forbidden")),
    (403, "InvalidAccessKeyId", every("forbidden")),
    (403, "SignatureDoesNotMatch", every("forbidden")),
    (403, "InvalidObjectState", every("archived")),
    (403, "InvalidSecurityToken", every("credentials_expired")),
    (403, "SecurityTokenExpired", every("credentials_expired")),
    (403, "AccessKeyIdAndSecurityTokenNotMatch", every("credentials_expired")),
    (403, "RequestTimeTooSkewed", every("store_error")),
    (403, "KmsServiceNotEnabled", every("forbidden")),
    (404, "NoSuchKey", every(GONE)),
    (404, "NoSuchBucket", every(GONE)),
    (404, "NoSuchVersion", every(GONE)),
    (405, "MethodNotAllowed", every(GONE)),
    (409, "FileImmutable", UNKNOWN),
    (409, "ObjectNotAppendable", UNKNOWN),
    (411, "MissingContentLength", UNKNOWN),
    (412, "PreconditionFailed", every(GONE)),
    (416, "InvalidRange", every(GONE)),
    (429, "TooManyRequests", every("throttled")),
    (500, "InternalError", UNKNOWN),
    (503, "ServiceUnavailable", every("throttled")),
    (503, "SlowDown", every("throttled")),
    (503, "DownloadTrafficRateLimitExceeded", every("throttled")),
    (400, "NeverHeardOf", UNKNOWN),
    (422, "NeverHeardOf", UNKNOWN),
    (403, "NeverHeardOf", every("forbidden")),
]


@pytest.mark.parametrize("asks", CALLS)
@pytest.mark.parametrize(("status", "code", "means"), OSS, ids=lambda value: str(value)[:40])
def test_no_passing_trouble_of_oss_is_final_and_no_final_one_is_asked_for_ever(
    status: int, code: str, means: dict[str, str], asks: str
) -> None:
    error = oss2.exceptions.ServerError(status, {}, b"", {"Code": code, "Message": ""})
    found = failures.meaning(error, CALLS[asks])
    assert found is not None
    assert found.reason == means[asks]


@pytest.mark.parametrize("number", ["0010-00000209", "0010-00000212", "0010-00000217", "0010-00000218"])
def test_tags_that_oss_refuses_are_refused_whichever_code_comes_with_the_number_of_the_error(number: str) -> None:
    error = oss2.exceptions.ServerError(400, {}, b"", {"Code": "NeverHeardOf", "EC": number})
    found = failures.meaning(error, CALLS["tags"])
    assert found is not None
    assert found.reason == "tags_refused"


IMM = [
    (400, "InvalidArgument", "Who knows.", "detector_error"),
    (400, "InvalidArgument", "The parameter ProjectName is required but not provided.", "detector_unbound"),
    (400, "MissingSourceURI", "SourceURI is mandatory for this action.", "detector_error"),
    (400, "InvalidProjectName", "Specified parameter ProjectName is not valid.", "detector_unbound"),
    (400, "LimitExceededError", "input quota exceed the max value", "detector_error"),
    (400, "ResourceNotFound", "The specified resource Project is not found.", "detector_unbound"),
    (400, "InvalidArgument", "File access forbidden.", "forbidden"),
    (400, "RequestTimeout", "", "timeout"),
    (400, "Throttling.User", "Request was denied due to user flow control.", "throttled"),
    (400, "NeverHeardOf", "", "detector_error"),
    (403, "AccessDenied", "You do not have the required permissions.", "forbidden"),
    (403, "Forbidden.RAM", "User not authorized to operate on the specified resource.", "forbidden"),
    (404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.", "forbidden"),
    (404, "NoSuchKey", "", GONE),
    (500, "InternalError", "", "detector_error"),
    (503, "ServiceUnavailable", "", "throttled"),
]


@pytest.mark.parametrize(("status", "code", "message", "reason"), IMM)
def test_no_passing_trouble_of_imm_is_final(status: int, code: str, message: str, reason: str) -> None:
    error = ClientException(status_code=status, code=code, data={"Message": message})
    assert failures_imm.meaning(error).reason == reason
