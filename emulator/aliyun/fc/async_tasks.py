"""Asynchronous tasks: ListAsyncTasks, GetAsyncTask and StopAsyncTask, and the same of FC 2.0 under other names.

https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-struct-asynctask
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc.versions import GET, LATEST, LIST, STOP, Addressed, ApiVersion, check_qualifier
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.tasks import OVER, Status, Task, Wanted

OPERATIONS = (LIST, GET, STOP)
DEFAULT, MOST = 20, 100
"""A page has so many tasks, and at most so many."""
NAMES_OF_VERSION_2 = {
    "taskId": "invocationId",
    "taskErrorMessage": "invocationErrorMessage",
    "taskPayload": "invocationPayload",
}


async def answer(addressed: Addressed, version: ApiVersion, query: Mapping[str, str]) -> dict[str, object]:
    """Do what the request asks for, and return the document of the answer."""
    function = addressed.function
    check_qualifier(query.get("qualifier", ""), f"function '{function.deployed.function.name}'")
    if addressed.operation == LIST:
        return _page(function, version, query)
    if addressed.operation == GET:
        return version.task(function, _there(function.queue.tasks.find(addressed.task_id), addressed), True)
    task = _there(function.queue.tasks.find(addressed.task_id), addressed)
    if task.status in OVER:
        raise Refusal("AsyncTaskAlreadyCompleted", f"asynchronous task '{task.id}' is already completed")
    await function.stop_task(task.id)
    return {}


def _there(task: Task | None, addressed: Addressed) -> Task:
    if task is None:
        raise Refusal("AsyncTaskNotFound", f"asynchronous task '{addressed.task_id[:128]}' does not exist")
    return task


# Unproven order-of-tasks: ListAsyncTasks lists the newest first unless sortOrderByTime is asc, in the order in which
#   the tasks came, and its nextToken is a number.
# Why: the page names no default, nor what a token holds.
# Ask: ListAsyncTasks with limit 1 of a function with two tasks, with and without sortOrderByTime.
def _page(function: RunningFunction, version: ApiVersion, query: Mapping[str, str]) -> dict[str, object]:
    limit, token = _number(query, "limit") or DEFAULT, _number(query, "nextToken")
    if not 1 <= limit <= MOST:
        raise Refusal("InvalidArgument", f"limit is 1 to {MOST}, not {limit}.")
    order, status = query.get("sortOrderByTime", "desc"), query.get("status", "")
    if order not in ("asc", "desc"):
        raise Refusal("InvalidArgument", f"sortOrderByTime is asc or desc, not '{order[:100]}'.")
    if status and status not in {*map(str, Status), "Dequeued", "Invalid"}:
        raise Refusal("InvalidArgument", f"status is none of a task: '{status[:100]}'.")
    begin, end = _number(query, "startedTimeBegin"), _number(query, "startedTimeEnd")
    wanted = Wanted(
        prefix=query.get("prefix", ""),
        statuses=(status,) if status else (),
        started_from=None if begin is None else begin / 1000,
        started_before=None if end is None else end / 1000,
        ascending=order == "asc",
        past=token,
        limit=limit + 1,
    )
    tasks = function.queue.tasks.listed(wanted)
    more = {"nextToken": str(tasks[limit - 1].number)} if len(tasks) > limit else {}
    whole = query.get("includePayload", "").lower() == "true"
    return {version.list_of_tasks: [version.task(function, task, whole) for task in tasks[:limit]], **more}


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Refusal("InvalidArgument", f"{name} is a number, not '{text[:100]}'.")
    return int(text)


# Unproven fields-of-task: The start of a task is that of its first run, its error message is the type of the error, and
#   `returnPayload` has the answer of a function, or its error. A list has payloads and answers with includePayload.
# Why: the page says of each field in a few words what it is. It says of returnPayload that it is in preview, and only
#   there for accounts that asked for it.
# Ask: turn asyncTask on, invoke a function that answers and one that raises, and call GetAsyncTask and ListAsyncTasks.
def document(function: RunningFunction, task: Task, whole: bool) -> dict[str, object]:
    """Return the fields of FC 3.0. `whole` adds what the function got and what it answered."""
    name = function.deployed.function.name
    fields: dict[str, object] = {
        "taskId": task.id,
        "requestId": task.request_id,
        "status": task.status,
        "functionArn": f"acs:fc:{REGION}:{ACCOUNT}:functions/{name}",
        "qualifier": LATEST,
        "alreadyRetriedTimes": task.retried,
        "events": [
            {"eventId": number, "status": status, "timestamp": round(at * 1000)}
            for number, (status, at) in enumerate(task.steps, 1)
        ],
    }
    if task.started is not None:
        fields["startedTime"] = round(task.started * 1000)
    if task.ended is not None:
        fields["endTime"] = round(task.ended * 1000)
        fields["durationMs"] = round(1000 * (task.ended - (task.started or task.ended)))
    if task.answer is not None and task.answer.error_type is not None:
        fields["taskErrorMessage"] = task.answer.error_type
    if whole:
        fields["taskPayload"] = task.payload.decode("utf-8", "replace")
        fields["returnPayload"] = "" if task.answer is None else task.answer.body.decode("utf-8", "replace")
    return fields
