"""Writes the result of an invocation.

The numbers of errors are those of https://cloud.tencent.com/document/product/583/42611, and their form is that of the
vendor's page on functions in Python.
"""

from __future__ import annotations

import json
import math

from emulator.functions.function import Answer, Ending, Function

# Unproven messages-of-scf-endings: The message of an error without a stack trace is its name in the list of errors.
# Why: no page shows the message of such an error. The list has the numbers and the names.
# Ask: invoke a function that ends its process, one that takes too much memory, and one that takes too long to load:
#   errorMessage and statusCode.
WITHOUT_TRACE = {
    Ending.EXITED: (439, "User process exit when running"),
    Ending.OUT_OF_MEMORY: (434, "MemoryLimitReached"),
    Ending.NOT_LOADED: (450, "InitContainerTimeout"),
}
LIMIT = 6 * 1024 * 1024
"""A result may have so many bytes."""


def queued(request_id: str) -> dict[str, object]:
    """Return the result for a client that does not wait: all but the request id is empty."""
    return _result(request_id)


def of_answer(answer: Answer, function: Function) -> dict[str, object]:
    """Return the result for a client that waited."""
    milliseconds = round(answer.duration * 1000, 3)
    measured = {
        "Duration": milliseconds,
        "BillDuration": math.ceil(milliseconds),
        "MemUsage": answer.memory,
        "Log": answer.log.decode("utf-8", "ignore"),
    }
    if (document := failure(answer, function)) is not None:
        return failed(answer.request_id, document) | measured
    return _result(answer.request_id, answer.body.decode()) | measured


def busy_error(request_id: str, function: Function, instances: int) -> dict[str, object]:
    """Return the error for a function whose instances are all busy. The vendor counts their memory."""
    quota = instances * function.memory
    return error(request_id, 432, f"Function [ {function.name} ] concurrency exceeded reserved quota {quota} MB")


def failure(answer: Answer, function: Function) -> dict[str, object] | None:
    """Return the error of an answer that has failed or is too large, else None."""
    if answer.error_type is not None:
        return error(answer.request_id, *_failure(answer, function))
    if len(answer.body) > LIMIT:
        return error(answer.request_id, 407, "The size of response exceeds the upper limit (6MB)")
    return None


def error(request_id: str, number: int, message: str, trace: str = "") -> dict[str, object]:
    """Return the document of an error."""
    document: dict[str, object] = {
        "errorCode": -1,
        "errorMessage": message,
        "requestId": request_id,
        "statusCode": number,
    }
    return document | ({"stackTrace": trace} if trace else {})


def broken(ending: Ending, function: Function) -> tuple[int, str]:
    """Return the number and the message of the error of an instance that was ended."""
    if ending is Ending.TIMED_OUT:
        return 433, f"Invoking task timed out after {function.timeout:g} seconds"
    return WITHOUT_TRACE[ending]


def _failure(answer: Answer, function: Function) -> tuple[int, str, str]:
    """Return the number of the error, its message and its stack trace."""
    if answer.ending is Ending.TIMED_OUT or answer.ending in WITHOUT_TRACE:
        return (*broken(answer.ending, function), "")
    raised = json.loads(answer.body)
    if answer.ending is Ending.EXPIRED:
        # Unproven old-event-of-scf: The dead-letter message of an event that is too old has this text as ErrorMessage.
        # Why: no page shows the message for it. Nobody is told the number.
        # Ask: set MsgTTL to its least and a dead-letter queue, keep the only instance busy with a long invocation,
        #   invoke the function asynchronously, and read the message.
        return 430, raised["errorMessage"], ""
    frames = [f"  {file}, {line}, {name}\n    {text}" for file, line, name, text in raised["stackTrace"]]
    last = f"{raised['errorType']}: {raised['errorMessage']}"
    return 430, "user code exception caught", "\n".join(["Traceback (most recent call last):", *frames, last])


# Unproven texts-of-failure: RetMsg of a failure has the whole error as JSON and ErrMsg its text, and InvokeResult is 1
#   for every failure.
# Why: no page tells which text is where, nor the numbers of InvokeResult.
# Ask: Invoke a function that raises, one that takes too long, and one that ends its process: RetMsg, ErrMsg and
#   InvokeResult.
def failed(request_id: str, document: dict[str, object]) -> dict[str, object]:
    """Return the result for a client that gets this error."""
    text = document.get("stackTrace", document["errorMessage"])
    return _result(request_id, json.dumps(document, ensure_ascii=False)) | {"ErrMsg": text, "InvokeResult": 1}


def _result(request_id: str, returned: str = "") -> dict[str, object]:
    return {
        "FunctionRequestId": request_id,
        "InvokeResult": 0,
        "RetMsg": returned,
        "ErrMsg": "",
        "Duration": 0,
        "BillDuration": 0,
        "MemUsage": 0,
        "Log": "",
    }
