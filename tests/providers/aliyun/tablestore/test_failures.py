"""What the Tablestore SDK's failures mean."""

from __future__ import annotations

import inspect

import pytest
import tablestore as ots
import tablestore.error
import urllib3.exceptions

from imagelabels.domain import calls
from imagelabels.domain.calls import Call, Meaning
from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.providers.aliyun.credentials import NO_SUCH_KEY, WRONG_SECRET
from imagelabels.providers.aliyun.tablestore import failures

CALL = Call("UpdateRow", "ots:UpdateRow", "tablestore://photos-inst/imagelabels_images")
CLASSES = sorted(
    {
        found
        for module in (tablestore.error, urllib3.exceptions)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, Exception) and not issubclass(found, Warning) and found.__module__ == module.__name__
    },
    key=lambda found: found.__name__,
)


def example(cls: type[Exception]) -> Exception:
    """An error of that class, with nothing in it that a constructor would want."""
    if issubclass(cls, ots.OTSServiceError):
        service_error: Exception = ots.OTSServiceError(500, "OTSInternalServerError", "words")
        return service_error
    if issubclass(cls, ots.OTSClientError):
        client_error: Exception = ots.OTSClientError("MD5 mismatch in response. HTTP status: 200.", 200)
        return client_error
    made: Exception = cls.__new__(cls)
    return made


def test_the_walk_over_the_sdks_errors_finds_them() -> None:
    assert ots.OTSServiceError in CLASSES
    assert urllib3.exceptions.ReadTimeoutError in CLASSES
    assert len(CLASSES) > 25


@pytest.mark.parametrize("cls", CLASSES)
def test_no_error_of_the_sdk_is_without_a_meaning(cls: type[Exception]) -> None:
    assert issubclass(cls, failures.SDK_ERRORS)
    assert failures.meaning(example(cls)) is not None


# Every code of https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes, and those that the
# SDK's retry policy knows.
CODES = [
    ("OTSAuthFailed", 403, "The AccessKeyID does not exist.", NO_SUCH_KEY),
    ("OTSAuthFailed", 403, "The AccessKeyID is disabled.", failures.UNKNOWN),
    ("OTSAuthFailed", 403, "The user does not exist.", failures.UNKNOWN),
    ("OTSAuthFailed", 403, "The instance is not found.", failures.UNKNOWN),
    ("OTSAuthFailed", 403, "The instance is not running.", failures.UNKNOWN),
    ("OTSAuthFailed", 403, "Signature mismatch.", WRONG_SECRET),
    ("OTSAuthFailed", 403, "The user has no privilege to access the instance.", failures.FORBIDDEN),
    ("OTSAuthFailed", 403, "Request denied by instance ACL policies.", failures.FORBIDDEN),
    ("OTSAuthFailed", 403, "Mismatch between system time and x-ots-date: 2026.", failures.CLOCK),
    ("OTSAuthFailed", 403, "The security token has expired.", calls.KEYS_EXPIRED),
    ("OTSNoPermissionAccess", 403, "You have no permission", failures.FORBIDDEN),
    ("OTSRequestBodyTooLarge", 413, "The size of POST data is too large.", failures.UNLIKE),
    ("OTSRequestTimeout", 408, "Request timeout.", failures.TIMEOUT),
    ("OTSMethodNotAllowed", 405, "Only POST method", failures.UNLIKE),
    ("OTSParameterInvalid", 400, "Invalid table name", failures.UNLIKE),
    ("OTSInvalidPK", 400, "Primary key schema mismatch.", failures.UNLIKE),
    ("OTSOutOfColumnCountLimit", 400, "words", failures.UNLIKE),
    ("OTSOutOfRowSizeLimit", 400, "words", failures.UNLIKE),
    ("OTSMetaNotMatch", 400, "words", failures.UNLIKE),
    ("OTSObjectNotExist", 404, "Requested table does not exist.", failures.MISSING),
    ("OTSObjectAlreadyExist", 409, "Requested table already exists.", failures.UNLIKE),
    ("OTSTableNotReady", 404, "The table is not ready.", failures.THROTTLED),
    ("OTSPartitionUnavailable", 503, "The partition is not available.", failures.THROTTLED),
    ("OTSServerBusy", 503, "Server is busy.", failures.THROTTLED),
    ("OTSNotEnoughCapacityUnit", 403, "Remaining capacity unit is not enough.", failures.THROTTLED),
    ("OTSCapacityUnitExhausted", 403, "Capacity unit is not enough.", failures.THROTTLED),
    ("OTSOperationThrottled", 403, "words", failures.THROTTLED),
    ("OTSRowOperationConflict", 409, "Data is being modified by the other request.", failures.THROTTLED),
    ("OTSOperationConflict", 409, "words", failures.THROTTLED),
    ("OTSQuotaExhausted", 403, "Too frequent table operations.", failures.THROTTLED),
    ("OTSQuotaExhausted", 403, "Number of tables exceeded the quota.", failures.FULL),
    ("OTSServerUnavailable", 503, "Server is not available.", failures.FAILED),
    ("OTSInternalServerError", 500, "Internal server error.", failures.FAILED),
    ("OTSTimeout", 503, "Operation timeout.", failures.TIMEOUT),
    ("OTSNeverHeardOf", 400, "words", failures.REFUSES),
    ("", 400, "", failures.REFUSES),
    ("OTSNeverHeardOf", 500, "words", failures.FAILED),
    ("", 503, "", failures.THROTTLED),
    ("", 502, "", failures.FAILED),
    ("", 403, "", failures.FORBIDDEN),
]


@pytest.mark.parametrize(("code", "status", "message", "meaning"), CODES)
def test_an_answer_of_the_service_is_what_it_means(code: str, status: int, message: str, meaning: Meaning) -> None:
    error = ots.OTSServiceError(status, code, message, "0005-abc")
    assert failures.meaning(error) is meaning
    ours = failures.raised(meaning, CALL, error)
    assert isinstance(ours, LabelingError)
    assert "\n" not in str(ours)
    for part in ("UpdateRow", "imagelabels_images", code, "request 0005-abc"):
        assert part in str(ours)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (urllib3.exceptions.ReadTimeoutError(None, "", "slow"), failures.TIMEOUT),  # type: ignore[arg-type]
        (urllib3.exceptions.ProtocolError("cut"), failures.NETWORK),
        (urllib3.exceptions.MaxRetryError(None, "", OSError("refused")), failures.NETWORK),  # type: ignore[arg-type]
        (
            urllib3.exceptions.MaxRetryError(None, "", urllib3.exceptions.ConnectTimeoutError("slow")),  # type: ignore[arg-type]
            calls.UNREACHED,
        ),
        (ots.OTSClientError("MD5 mismatch in response. HTTP status: 200.", 200), failures.ANSWER),
        (
            ots.OTSClientError(
                "The difference between date in response and system time is more than 15 minutes. HTTP status: 200."
            ),
            failures.CLOCK,
        ),
        (ots.OTSClientError("HTTP status: 502, reason: Bad Gateway.", 502), failures.FAILED),
    ],
)
def test_a_failure_without_an_answer_is_what_it_means(error: Exception, meaning: Meaning) -> None:
    assert failures.meaning(error) is meaning


def test_each_failure_says_what_to_do() -> None:
    for code, said, kind in (
        ("OTSObjectNotExist", "run `imagelabels index create`", Misconfigured),
        ("OTSNoPermissionAccess", "give the role ots:UpdateRow on the instance", Misconfigured),
        ("OTSAuthFailed", "check the instance's name and region, and the access key", Misconfigured),
        ("OTSNeverHeardOf", "its code is not a known one", Unavailable),
        ("OTSInvalidPK", "run `imagelabels index migrate`", Misconfigured),
        ("OTSServerBusy", "too many requests", Unavailable),
    ):
        error = ots.OTSServiceError(400, code, "words")
        found = failures.meaning(error)
        assert found is not None
        ours = failures.raised(found, CALL, error)
        assert isinstance(ours, kind)
        assert said in str(ours)
