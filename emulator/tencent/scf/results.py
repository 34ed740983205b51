"""Writes the result of an invocation.

The numbers of errors are those of https://cloud.tencent.com/document/product/583/42611, and their form is that of the
vendor's page on functions in Python.
"""

from __future__ import annotations

import json
import math

from emulator.functions.function import Answer, Ending, Function

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
    if answer.error_type is not None:
        number, message, trace = _failure(answer, function)
        return _failed(answer.request_id, number, message, trace) | measured
    if len(answer.body) > LIMIT:
        return _failed(answer.request_id, 407, "The size of response exceeds the upper limit (6MB)") | measured
    return _result(answer.request_id, answer.body.decode()) | measured


def busy(request_id: str, function: Function) -> dict[str, object]:
    """Return the result for a function whose instances are all busy. The vendor counts their memory."""
    quota = (function.instances or 0) * function.memory
    return _failed(request_id, 432, f"Function [ {function.name} ] concurrency exceeded reserved quota {quota} MB")


def _failure(answer: Answer, function: Function) -> tuple[int, str, str]:
    """Return the number of the error, its message and its stack trace."""
    if answer.ending is Ending.TIMED_OUT:
        return 433, f"Invoking task timed out after {function.timeout:g} seconds", ""
    if answer.ending is Ending.EXITED:
        return 439, "User process exit when running", ""
    error = json.loads(answer.body)
    frames = [f"  {file}, {line}, {name}\n    {text}" for file, line, name, text in error["stackTrace"]]
    last = f"{error['errorType']}: {error['errorMessage']}"
    return 430, "user code exception caught", "\n".join(["Traceback (most recent call last):", *frames, last])


# Unproven texts-of-failure: RetMsg of a failure has the whole error as JSON and ErrMsg its text, and InvokeResult is 1
#   for every failure.
# Why: no page tells which text is where, nor the numbers of InvokeResult.
# Ask: Invoke a function that raises, one that takes too long, and one that ends its process: RetMsg, ErrMsg and
#   InvokeResult.
def _failed(request_id: str, number: int, message: str, trace: str = "") -> dict[str, object]:
    error = {"errorCode": -1, "errorMessage": message, "requestId": request_id, "statusCode": number}
    if trace:
        error["stackTrace"] = trace
    return _result(request_id, json.dumps(error, ensure_ascii=False)) | {"ErrMsg": trace or message, "InvokeResult": 1}


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
