"""InvokeFunction: how a client may ask for it, and the answer.

https://help.aliyun.com/en/functioncompute/fc/developer-reference/api-fc-2023-03-30-invokefunction and, for FC 2.0,
https://www.alibabacloud.com/help/doc-detail/191156.htm
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from aiohttp import web

from emulator.core import request_log
from emulator.core.http_request import HttpRequest
from emulator.core.refusal import Refusal
from emulator.functions.running import RunningFunction
from emulator.functions.runtime import Busy

SYNC, ASYNC = "Sync", "Async"
LIMITS: Mapping[str, int] = {SYNC: 32 * 1024 * 1024, ASYNC: 128 * 1024}
"""A payload may have so many bytes: https://www.alibabacloud.com/help/doc-detail/2527064.htm."""


def invocation_type(received: HttpRequest) -> str:
    """Return whether the client waits for the result. What the emulator cannot do is refused by name."""
    kind = received.header("x-fc-invocation-type") or SYNC
    if kind not in LIMITS:
        raise Refusal("InvalidArgument", f"x-fc-invocation-type is {SYNC} or {ASYNC}, not '{kind[:100]}'.")
    for name in ("x-fc-async-task-id", "x-fc-stateful-async-invocation-id"):
        if name in received.headers:
            raise Refusal("InvalidArgument", f"The emulator has no asynchronous tasks: leave out {name}.")
    return kind


def wants_log(received: HttpRequest) -> bool:
    """Tell whether the client wants the last lines of the log."""
    kind = received.header("x-fc-log-type") or "None"
    if kind not in ("None", "Tail"):
        raise Refusal("InvalidArgument", f"x-fc-log-type is None or Tail, not '{kind[:100]}'.")
    return kind == "Tail"


async def invoke(
    function: RunningFunction, kind: str, event: bytes, request_id: str, with_log: bool = False
) -> web.Response:
    """Return the answer. A function that failed is answered with the status 200 too, and with an error type."""
    if kind == ASYNC:
        queued = function.queue.enqueue(event)
        request_log.note_request_id(queued)
        return web.Response(status=202, headers={"X-Fc-Request-Id": queued})
    try:
        answer = await function.runtime.invoke_now(event, request_id, with_log)
    except Busy:
        raise Refusal("ResourceExhausted") from None
    headers = {"X-Fc-Request-Id": request_id}
    if with_log:
        headers["X-Fc-Log-Result"] = base64.b64encode(answer.log).decode()
    if answer.error_type is None:
        return web.Response(body=answer.body, headers=headers, content_type="application/octet-stream")
    headers["X-Fc-Error-Type"] = answer.error_type
    return web.Response(body=answer.body, headers=headers, content_type="application/json")
