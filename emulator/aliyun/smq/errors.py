"""Has the codes with which Simple Message Queue refuses a request.

https://www.alibabacloud.com/help/en/message-service/latest/syntax-of-error-responses
"""

from __future__ import annotations

from emulator.core.refusal import ErrorTable, Refusal

LEAST_MESSAGES, MOST_MESSAGES = 1, 16
"""A request receives, peeks at, sends or deletes so many messages."""

TABLE = ErrorTable(
    {
        "AccessDenied": (403, "The access key is not allowed to do this."),
        "InternalError": (500, "There was an internal error."),
        "InvalidAccessKeyId": (403, "There is no such access key."),
        "InvalidArgument": (400, "An argument is not valid."),
        "InvalidAuthorizationHeader": (400, "The Authorization header has another format."),
        "InvalidDateHeader": (400, "The Date header has another format."),
        "InvalidDegist": (400, "The Content-MD5 is not that of the body."),
        "InvalidQueryString": (400, "The URL has a parameter that is not known here."),
        "InvalidQueueName": (400, "A queue's name begins with a letter, and has letters, digits and - only."),
        "InvalidRequestURL": (400, "The URL has another format."),
        "MalformedXML": (400, "The body is no XML of this operation."),
        "MessageNotExist": (404, "Message not exist."),
        "MissingAuthorizationHeader": (400, "The Authorization header is missing."),
        "MissingDateHeader": (400, "The Date header is missing."),
        "MissingReceiptHandle": (400, "The receipt handle is missing."),
        "MissingVisibilityTimeout": (400, "The visibility timeout is missing."),
        "QpsLimitExceeded": (400, "The queue gets too many requests per second."),
        "QueueNotExist": (404, "The queue name you provided is not exist."),
        "ReceiptHandleError": (400, "The receipt handle is not valid."),
        "SignatureDoesNotMatch": (403, "The signature of the request is not that of the access key."),
        "TimeExpired": (408, "The date of the request is too far from the current time."),
    }
)


def out_of_range(name: str, low: int, high: int) -> Refusal:
    return Refusal("InvalidArgument", f"The value of {name} should be between {low} and {high}.")
