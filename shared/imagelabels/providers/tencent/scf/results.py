"""Reads the result of an invocation of SCF: the function's answer, its failure, or a failure of the platform's own.

https://cloud.tencent.com/document/product/583/42611 lists the status of each kind of failure. The error in JSON is
looked for in both texts of a result.
"""

from __future__ import annotations

import json
import re
from typing import Any

from imagelabels.domain import calls
from imagelabels.domain.calls import Call
from imagelabels.domain.invocations import Reply, failure
from imagelabels.domain.tasks import TaskState, TaskStatus
from imagelabels.providers.kit import platform
from imagelabels.providers.tencent.scf.failures import UNPAID

_STATUSES = {
    401: platform.FORBIDDEN,
    406: platform.TOO_LARGE,
    410: UNPAID,
    429: platform.THROTTLED,
    432: platform.THROTTLED,
    500: platform.FAILED,
}
"""The platform reports these failures of its own as if the function had run."""

_RAISED = re.compile(r"([A-Za-z_][\w.]{0,200})(?:: (.*))?", re.DOTALL)
"""A trace of Python ends in the name of the exception, and its text."""


# Unproven empty-answer-of-async-run: A function with AsyncRunEnable answers Invoke with an empty RetMsg, and one that
#   returns nothing answers with the text null.
# Why: the page says that only the id of the request comes back, and not what stands in the other fields:
#   https://cloud.tencent.com/document/product/583/39466
# Ask: Invoke a function with AsyncRunEnable, and one without it that returns None: RetMsg, ErrMsg and InvokeResult.
def reply(result: Any, call: Call) -> Reply:
    """Return the function's answer or its failure. A failure of the platform itself is raised as one of our errors."""
    request_id, returned = str(result.FunctionRequestId or ""), str(result.RetMsg or "")
    said = str(result.ErrMsg or "")
    if not said and not result.InvokeResult:
        return Reply(request_id, returned.encode(), is_queued=not returned)
    error = _error(returned) or _error(said)
    status = error.get("statusCode")
    if isinstance(status, int) and (found := _STATUSES.get(status)) is not None:
        facts = [str(status), f"request {request_id}" if request_id else ""]
        raise calls.raised(found, call, facts, str(error.get("errorMessage") or said))
    return Reply(request_id, failure=failure(*_told(error, said or returned)))


# Unproven code-of-run: RetCode of GetRequestStatus is 0 after a success, 1 while the function runs, and anything else
#   after a failure, whose error in JSON is in RetMsg.
# Why: the page has the three numbers, and shows RetMsg for a success only.
# Ask: Invoke a function that raises with InvocationType Event, and then call GetRequestStatus.
def state(run: Any) -> TaskState:
    """Return the state of a task by what the platform tells of one run of it."""
    returned = str(run.RetMsg or "")
    if run.RetCode == 0:
        return TaskState(TaskStatus.SUCCEEDED, body=returned.encode())
    if run.RetCode == 1:
        return TaskState(TaskStatus.RUNNING)
    return TaskState(TaskStatus.FAILED, failure(*_told(_error(returned), returned)))


# Unproven place-of-error: The error of a failed function is in RetMsg or in ErrMsg.
# Why: no page says which of the two texts holds the error in JSON.
# Ask: Invoke a function that raises: RetMsg and ErrMsg.
def _told(error: dict[str, Any], said: str) -> tuple[str, str]:
    """Return the kind of the function's failure, and what is said about it."""
    trace = str(error.get("stackTrace") or said).rstrip()
    if trace.startswith("Traceback"):
        # The text of an exception may have several lines. Those of the trace itself are indented.
        last = re.split(r"\n(?=\S)", trace)[1:]
        if last and (raised := _RAISED.fullmatch("\n".join(last))) is not None:
            return raised[1], raised[2] or ""
    status, message = error.get("statusCode"), str(error.get("errorMessage") or said)
    return f"status {status}" if isinstance(status, int) else "function failed", message


def _error(text: str) -> dict[str, Any]:
    """Return the error that a text holds in JSON; an empty one if it holds none."""
    try:
        error = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return error if isinstance(error, dict) and "errorMessage" in error else {}
