"""The operations that tell of asynchronous invocations and end them, and those of the reserved concurrency.

https://cloud.tencent.com/document/product/583/63969 (only functions with AsyncRunEnable have asynchronous events),
https://cloud.tencent.com/document/product/583/65348 and https://cloud.tencent.com/document/product/583/51247
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from emulator.core.refusal import Refusal
from emulator.functions.function import MOST_INSTANCES
from emulator.functions.running import RunningFunction
from emulator.functions.tasks import OVER, Status, Task, Wanted
from emulator.tencent.scf import VERSION, results
from emulator.tencent.scf.parameters import check_namespace, parsed

PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "GetRequestStatus": ("FunctionName", "FunctionRequestId", "Namespace", "StartTime", "EndTime"),
    "GetAsyncEventStatus": ("InvokeRequestId",),
    "ListAsyncEvents": (
        *("FunctionName", "Namespace", "Status", "StartTimeInterval", "EndTimeInterval"),
        *("Order", "Offset", "Limit", "InvokeRequestId"),
    ),
    "TerminateAsyncEvent": ("FunctionName", "InvokeRequestId", "Namespace"),
    "PutReservedConcurrencyConfig": ("FunctionName", "ReservedConcurrencyMem", "Namespace"),
    "GetReservedConcurrencyConfig": ("FunctionName", "Namespace"),
    "DeleteReservedConcurrencyConfig": ("FunctionName", "Namespace"),
}
"""The parameters of each operation."""
NUMBERS = ("Offset", "Limit", "ReservedConcurrencyMem")
LISTS = ("Status",)
INTERVALS = ("StartTimeInterval", "EndTimeInterval")
NEEDED = ("FunctionName", "FunctionRequestId", "ReservedConcurrencyMem")
"""An operation that has one of these parameters needs it."""
BEIJING, TIME = timezone(timedelta(hours=8)), "%Y-%m-%d %H:%M:%S"
DEFAULT, MOST = 20, 100
FURTHEST = 10**9
"""No list goes on so far: the emulator keeps fewer tasks of a function."""
STATUSES = {
    Status.SUCCEEDED: "FINISHED",
    Status.FAILED: "FAILED",
    Status.EXPIRED: "FAILED",
    Status.STOPPED: "ABORTED",
}
"""Every other status is RUNNING: the vendor has these four."""


def read(action: str, body: bytes) -> dict[str, Any]:
    """Return the parameters, whose types are right."""
    params = parsed(action, body, PARAMETERS[action])
    for name, value in params.items():
        kind: type = int if name in NUMBERS else list if name in LISTS else dict if name in INTERVALS else str
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Refusal("InvalidParameter", f"The parameter {name} is not of the type {kind.__name__}.")
        if isinstance(value, list) and not all(isinstance(each, str) for each in value):
            raise Refusal("InvalidParameter", f"The parameter {name} is not a list of texts.")
    needed = [name for name in PARAMETERS[action] if name in NEEDED]
    if action in ("GetAsyncEventStatus", "TerminateAsyncEvent"):
        needed.append("InvokeRequestId")
    if missing := [name for name in needed if not params.get(name)]:
        raise Refusal("MissingParameter", f"The parameter {missing[0]} is missing.")
    check_namespace(params.get("Namespace"))
    return params


async def answer(action: str, functions: Sequence[RunningFunction], params: Mapping[str, Any]) -> dict[str, object]:
    """Do what the request asks for, and return the fields of the answer.

    `functions` has the one that is named, or all, if the operation names none.
    """
    if action == "GetAsyncEventStatus":
        found = _event(functions, params["InvokeRequestId"])[1]
        return {"Result": {"Status": _status(found), "StatusCode": _code(found), "InvokeRequestId": found.id}}
    function = functions[0]
    if action == "GetRequestStatus":
        return _runs(function, params)
    if action == "ListAsyncEvents":
        return _events(function, params)
    if action == "TerminateAsyncEvent":
        _, task = _event(functions, params["InvokeRequestId"])
        if task.status in OVER:
            raise Refusal("FailedOperation.AsyncEventStatus")
        await function.stop_task(task.id)
        return {}
    if action == "GetReservedConcurrencyConfig":
        return {"ReservedMem": (function.changing.instances() or {}).get("memory")}
    return await _reserve(function, params.get("ReservedConcurrencyMem"))


def _event(functions: Sequence[RunningFunction], request_id: str) -> tuple[RunningFunction, Task]:
    for function in functions:
        if function.deployed.function.settings.never_waits:
            task = function.queue.tasks.find(request_id)
            if task is not None:
                return function, task
    raise Refusal("ResourceNotFound.AsyncEvent")


def _status(task: Task) -> str:
    return STATUSES.get(task.status, "RUNNING")


# Unproven code-of-event: StatusCode of an event is 0 until it is over, then 200, or the number of the failure.
# Why: the page shows 0 for an event that is running, and no other.
# Ask: GetAsyncEventStatus of an event that is over, of one that failed and of one that was ended.
def _code(task: Task) -> int:
    if task.status not in OVER:
        return 0
    return 200 if task.status is Status.SUCCEEDED else 430


# Unproven runs-of-request: GetRequestStatus lists no run of an event that waits, one run of an event that ran, with the
#   number of its retries, and tells RetCode 1 of one that will be tried again.
# Why: the page has three numbers, and an example whose TotalCount is 0 although a run is listed.
# Ask: Invoke with InvocationType Event a function that is busy, one that works for long and one that raises, and call
#   GetRequestStatus at once and after the retries.
def _runs(function: RunningFunction, params: Mapping[str, Any]) -> dict[str, object]:
    begin, end = _time(params.get("StartTime")), _time(params.get("EndTime"))
    if begin is not None and end is None:
        raise Refusal("InvalidParameter", "StartTime needs EndTime.")
    task = function.queue.tasks.find(params["FunctionRequestId"])
    outside = task is not None and (
        (begin is not None and task.enqueued < begin) or (end is not None and task.enqueued > end)
    )
    if task is None or outside or task.started is None:
        return {"TotalCount": 0, "Data": []}
    ended, deployed = task.status in OVER and task.answer is not None, function.deployed.function
    result: dict[str, Any] = results.of_answer(task.answer, deployed) if ended and task.answer is not None else {}
    run = {
        "FunctionName": deployed.name,
        "RetMsg": result.get("RetMsg", ""),
        "RequestId": task.id,
        "StartTime": _written(task.started),
        "RetCode": 1 if not result else 0 if task.status is Status.SUCCEEDED else -1,
        "Duration": result.get("Duration", 0.0),
        "MemUsage": result.get("MemUsage", 0),
        "RetryNum": task.retried,
    }
    return {"TotalCount": 1, "Data": [run]}


def _events(function: RunningFunction, params: Mapping[str, Any]) -> dict[str, object]:
    if not function.deployed.function.settings.never_waits:
        return {"TotalCount": 0, "EventList": []}
    limit, offset = params.get("Limit", DEFAULT), params.get("Offset", 0)
    order = params.get("Order", "DESC")
    if not 1 <= limit <= MOST or not 0 <= offset <= FURTHEST or order not in ("ASC", "DESC"):
        raise Refusal("InvalidParameterValue", f"Limit is 1 to {MOST}, Offset 0 to {FURTHEST}, Order ASC or DESC.")
    named = set(params.get("Status", ()))
    statuses = tuple(status.value for status in Status if not named or STATUSES.get(status, "RUNNING") in named)
    started, ended = (_interval(params.get(name, {})) for name in INTERVALS)
    wanted = Wanted(
        statuses=statuses or ("none",),
        started_from=started[0],
        started_before=started[1],
        ended_from=ended[0],
        ended_before=ended[1],
        request_id=params.get("InvokeRequestId", ""),
        ascending=order == "ASC",
        limit=limit,
        offset=offset,
    )
    tasks = function.queue.tasks
    return {"TotalCount": tasks.count(wanted), "EventList": [_listed(task) for task in tasks.listed(wanted)]}


def _listed(task: Task) -> dict[str, object]:
    return {
        "InvokeRequestId": task.id,
        "InvokeType": "",
        "Qualifier": VERSION,
        "Status": _status(task),
        "StartTime": _written(task.started) if task.started is not None else "",
        "EndTime": _written(task.ended) if task.ended is not None else "",
    }


async def _reserve(function: RunningFunction, memory: int | None) -> dict[str, object]:
    """Set the reserved concurrency, which the vendor counts in MB; None takes it away."""
    if memory is None:
        await function.changing.limit(None)
        return {}
    instances = memory // function.deployed.function.memory
    if not 1 <= instances <= MOST_INSTANCES:
        of_one = function.deployed.function.memory
        raise Refusal(
            "InvalidParameterValue", f"ReservedConcurrencyMem is {of_one} to {of_one * MOST_INSTANCES} MB here."
        )
    await function.changing.limit(instances, memory=memory)
    return {}


def _interval(described: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return _time(described.get("Start")), _time(described.get("End"))


def _time(text: object) -> float | None:
    if not text:
        return None
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}(\.[0-9]{1,6})?", text):
        raise Refusal("InvalidParameterValue", f"A time is as 2017-05-16 20:00:00, not {str(text)[:100]}.")
    try:
        return datetime.strptime(text.partition(".")[0], TIME).replace(tzinfo=BEIJING).timestamp()
    except ValueError:
        raise Refusal("InvalidParameterValue", f"There is no such time: {text}.") from None


def _written(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, BEIJING):{TIME}.%f}"
