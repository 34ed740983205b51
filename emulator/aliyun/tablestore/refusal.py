"""An answer that is an error, and the status of each code."""

from __future__ import annotations

from emulator.aliyun.tablestore import messages

STATUS = {
    "OTSAuthFailed": 403,
    "OTSConditionCheckFail": 403,
    "OTSQuotaExhausted": 403,
    "OTSCapacityUnitExhausted": 403,
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
"""https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes; every other code is a 400."""


class Refusal(Exception):
    """`status` where a code has more than the one of its table."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        self.code = code
        self.message = message
        self.status = STATUS.get(code, 400) if status is None else status
        super().__init__(f"{code}: {message}")


def invalid(message: str) -> Refusal:
    return Refusal("OTSParameterInvalid", message)


def failed() -> Refusal:
    """A row is not as its writer expected it."""
    return Refusal("OTSConditionCheckFail", "Condition check failed.")


def not_built(operation: str) -> Refusal:
    """For what the service can and the emulator cannot: it names the operation."""
    return Refusal("OTSUnsupportOperation", f"The emulator does not have this operation: {operation}")


def render(code: str, message: str) -> bytes:
    """The body of an error."""
    body: bytes = messages.table.Error(code=code, message=message).SerializeToString()
    return body
