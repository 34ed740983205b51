"""Has the codes with which Function Compute refuses a request."""

from __future__ import annotations

from emulator.core.refusal import ErrorTable, Refusal

TABLE = ErrorTable(
    {
        # https://www.alibabacloud.com/help/en/functioncompute/error-codes
        "AccessDenied": (403, "Access is denied."),
        "AliasNotFound": (404, "The alias does not exist."),
        # https://help.aliyun.com/document_detail/191345.htm has this code and its status.
        # Unproven message-of-bad-response: The message of BadResponse.
        # Why: the page has the code and the status only.
        # Ask: call the HTTP trigger of a function that returns headers of 9 KB: Code and Message.
        "BadResponse": (502, "The response of the function is no response of HTTP, or exceeds the limits."),
        "EntityTooLarge": (400, "The payload is too large."),
        "InternalServerError": (500, "An internal error has occurred. Please retry."),
        "InvalidAccessKeyID": (403, "The access key ID is invalid."),
        "InvalidArgument": (400, "An argument is invalid."),
        "MissingRequiredHeader": (400, "A required HTTP header was not specified."),
        "PathNotSupported": (400, "The path is not supported."),
        # Unproven message-of-exhausted: The message of ResourceExhausted.
        # Why: the page has the code and the status only.
        # Ask: invoke a function whose limit of instances is 1 twice at once: the message of the refusal.
        "ResourceExhausted": (429, "The limit of instances of the function is reached."),
        "ServiceNotFound": (404, "The service does not exist."),
        "SignatureNotMatch": (
            403,
            "The request signature we calculated does not match the signature you provided."
            " Check your access key and signing method",
        ),
        "VersionNotFound": (404, "The version does not exist."),
        # https://help.aliyun.com/zh/functioncompute/fc-2-0/user-guide/task-deduplication has the status of the first.
        # Unproven codes-of-tasks: The codes and messages of FC 3.0 for tasks and configurations that are not there, and
        #   for tasks that are there already or over, and the status of all but the first.
        # Why: the pages have the status 409, and no codes. Programs on FC 2.0 look for codes with another beginning.
        # Ask: InvokeFunction twice with the same x-fc-async-task-id; GetAsyncTask and StopAsyncTask of an id that is
        #   not there; StopAsyncTask of one that is over; GetAsyncInvokeConfig and GetConcurrencyConfig of a function
        #   without: status, code and message.
        "AsyncTaskAlreadyExists": (409, "The asynchronous task already exists."),
        "AsyncTaskAlreadyCompleted": (412, "The asynchronous task is already completed."),
        "AsyncTaskNotFound": (404, "The asynchronous task does not exist."),
        "AsyncConfigNotExists": (404, "The function has no configuration of asynchronous invocations."),
        "ConcurrencyConfigNotFound": (404, "The function has no reserved concurrency."),
        # Clients look for this code. The page does not have it.
        "FunctionNotFound": (404, "The function does not exist."),
    }
)
# Unproven codes-of-fc-gate: Which code Function Compute has for each refusal of a signature.
# Why: no page tells these pairs.
# Ask: InvokeFunction with an expired token, a wrong date, a wrong token, no token and a wrong signature: the codes.
GATE = {
    "InvalidSecurityToken.Expired": ("AccessDenied", "The security token has expired."),
    "InvalidSecurityToken.MismatchWithAccessKey": ("AccessDenied", "The security token is not that of the access key."),
    "InvalidTimeStamp.Expired": ("AccessDenied", "The date of the request is too far from the current time."),
    "InvalidTimeStamp.Format": ("InvalidArgument", "The date of the request is not well formatted."),
    "MissingSecurityToken": ("AccessDenied", "The access key needs its security token."),
    "SignatureDoesNotMatch": ("SignatureNotMatch", ""),
}
"""The codes for what the gateway in front of other services refuses."""


def translated(refusal: Refusal, authorization: str) -> Refusal:
    """Return the refusal of Function Compute for a refusal of that gateway. Its other refusals stay as they are."""
    if refusal.code == "InvalidAccessKeyId.NotFound":
        return Refusal("InvalidAccessKeyID", f"invalid access key ID '{refusal.details['AccessKeyId'][:100]}'")
    if refusal.code == "IncompleteSignature":
        if not authorization:
            return Refusal("MissingRequiredHeader", "required HTTP header Authorization was not specified")
        return Refusal("InvalidArgument", "The header Authorization does not have the form of a signature.")
    return Refusal(*GATE.get(refusal.code, (refusal.code, refusal.message)))


# Unproven hung-up: A client that ends before its body does is answered InvalidArgument.
# Why: no page has it.
# Ask: InvokeFunction with Content-Length 10 and a body of 5 bytes, and end the sending side: the answer.
def incomplete_body() -> Refusal:
    """Return the refusal of a client that hangs up before the end of its body."""
    return Refusal("InvalidArgument", "The body ended before its length was reached.")


def too_large(limit: int) -> Refusal:
    return Refusal("EntityTooLarge", f"payload size exceeds maximum allowed size ({limit} bytes)")
