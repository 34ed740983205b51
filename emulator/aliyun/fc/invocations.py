"""InvokeFunction: how a client may ask for it, and the answer.

https://help.aliyun.com/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction and, for FC 2.0,
https://www.alibabacloud.com/help/doc-detail/191156.htm
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from emulator.aliyun.fc.versions import ApiVersion
from emulator.core import request_log
from emulator.core.http_request import HttpRequest
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.runtime import Busy
from emulator.functions.tasks import TaskExists

SYNC, ASYNC = "Sync", "Async"
LIMITS: Mapping[str, int] = {SYNC: 32 * 1024 * 1024, ASYNC: 128 * 1024}
"""A payload may have so many bytes: https://www.alibabacloud.com/help/doc-detail/2527064.htm."""
TASK_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
"""https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-invokefunction."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """How a client asks for an invocation."""

    waits: bool
    """The client waits for the result."""
    with_log: bool
    task_id: str

    @property
    def limit(self) -> int:
        return LIMITS[SYNC if self.waits else ASYNC]


def read(received: HttpRequest, version: ApiVersion) -> Invocation:
    """Return how the client asks. What the emulator cannot do is refused by name."""
    kind = invocation_type(received)
    task_id = received.header(version.task_header)
    if task_id and not TASK_ID.fullmatch(task_id):
        rule = "up to 128 of letters, digits, - and _, with a letter or _ first"
        raise Refusal("InvalidArgument", f"{version.task_header} is {rule}, not '{task_id[:100]}'.")
    return Invocation(kind == SYNC, _wants_log(received), task_id)


def invocation_type(received: HttpRequest) -> str:
    """Return whether the client waits for the result."""
    kind = received.header("x-fc-invocation-type") or SYNC
    if kind not in LIMITS:
        raise Refusal("InvalidArgument", f"x-fc-invocation-type is {SYNC} or {ASYNC}, not '{kind[:100]}'.")
    return kind


def _wants_log(received: HttpRequest) -> bool:
    """Tell whether the client wants the last lines of the log."""
    kind = received.header("x-fc-log-type") or "None"
    if kind not in ("None", "Tail"):
        raise Refusal("InvalidArgument", f"x-fc-log-type is None or Tail, not '{kind[:100]}'.")
    return kind == "Tail"


# Unproven task-id-without-tasks: The id of a task is ignored by a function whose configuration makes no tasks.
# Why: the page on asynchronous tasks says how to turn tasks on, and not what happens to an id without that.
# Ask: invoke a function without asyncTask twice with the same x-fc-async-task-id: the second status, and GetAsyncTask.
async def invoke(function: RunningFunction, asked: Invocation, event: bytes, request_id: str) -> web.Response:
    """Return the answer. A function that failed is answered with the status 200 too, and with an error type."""
    if not asked.waits:
        try:
            queued = function.queue.enqueue(event, task_id=asked.task_id)
        except TaskExists:
            raise Refusal("AsyncTaskAlreadyExists", f"asynchronous task '{asked.task_id}' already exists") from None
        request_log.note_request_id(queued)
        return web.Response(status=202, headers={"X-Fc-Request-Id": queued})
    try:
        answer = await function.runtime.invoke_now(event, request_id, asked.with_log)
    except Busy:
        raise Refusal("ResourceExhausted") from None
    headers = {"X-Fc-Request-Id": request_id}
    if asked.with_log:
        headers["X-Fc-Log-Result"] = base64.b64encode(answer.log).decode()
    if answer.error_type is None:
        return web.Response(body=answer.body, headers=headers, content_type="application/octet-stream")
    headers["X-Fc-Error-Type"] = answer.error_type
    return web.Response(body=answer.body, headers=headers, content_type="application/json")
