"""Has the status of each code with which Tablestore refuses a request, and writes its error messages."""

from __future__ import annotations

from emulator.aliyun.tablestore import messages
from emulator.core.refusal import Refusal

STATUS = {
    "OTSAuthFailed": 403,
    "OTSConditionCheckFail": 403,
    "OTSQuotaExhausted": 403,
    "OTSCapacityUnitExhausted": 403,
    "OTSNotEnoughCapacityUnit": 403,
    "OTSObjectNotExist": 404,
    "OTSTableNotReady": 404,
    "OTSMethodNotAllowed": 405,
    "OTSObjectAlreadyExist": 409,
    "OTSRowOperationConflict": 409,
    "OTSRequestBodyTooLarge": 413,
    "OTSInternalServerError": 500,
    "OTSServerBusy": 503,
    "OTSPartitionUnavailable": 503,
    "OTSServerUnavailable": 503,
    "OTSTimeout": 503,
}
"""Every other code has the status 400:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes."""


def invalid(message: str) -> Refusal:
    return Refusal("OTSParameterInvalid", message)


def failed() -> Refusal:
    """Return the refusal of a write whose condition the row does not meet."""
    return Refusal("OTSConditionCheckFail", "Condition check failed.")


def not_built(operation: str) -> Refusal:
    """Return the refusal of what the service can do and the emulator cannot. It names the operation."""
    return Refusal("OTSUnsupportOperation", f"The emulator does not have this operation: {operation}")


def render(code: str, message: str) -> bytes:
    """Return the body of an error."""
    body: bytes = messages.table.Error(code=code, message=message).SerializeToString()
    return body
