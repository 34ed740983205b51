"""Calls the hooks of an instance: the initializer before its first invocation, and the pre-stop hook before its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from emulator.functions import broken, memory
from emulator.functions.function import Function
from emulator.functions.instance import Instance
from emulator.functions.settings import Hook
from emulator.functions.web_instance import WebInstance

AnyInstance = Instance | WebInstance


class HookFailed(Exception):
    """A hook failed with this error. `loaded` is False if the function could not even be loaded."""

    def __init__(self, error: Mapping[str, object], loaded: bool = True) -> None:
        super().__init__(str(error.get("errorMessage")))
        self.error, self.loaded = error, loaded


async def call(instance: AnyInstance, hook: Hook, function: Function, request_id: str, head: Mapping[str, Any]) -> None:
    """Call a hook with the head of an invocation, or raise HookFailed. Then the caller has to end the instance."""
    own: dict[str, Any] = {
        **head,
        "begins": f"{hook.begins}{request_id}",
        "ends": f"{hook.ends}{request_id}",
        "hook": hook.handler,
        "what": hook.name,
        "timeout": hook.timeout,
    }
    if function.custom:
        own["request"] = hook.request
    began = time.monotonic()
    try:
        reply, body = await memory.watched(instance.call(own, b"", hook.timeout), instance.pid, function.memory)
    except broken.BROKEN as error:
        message, kind, _ = broken.explained(error, function, hook.timeout, time.monotonic() - began)
        raise HookFailed({"errorMessage": message, "errorType": kind, "stackTrace": []}) from None
    if reply["error"] is not None:
        raise HookFailed(reply["error"], "memory" in reply)
    web = reply.get("web")
    if web is not None and not 200 <= web.status < 300:
        text = body[:10_000].decode("utf-8", "replace") or f"the program answered {web.status}"
        # Unproven type-of-failed-hook: A hook of a custom runtime that answers no 2xx fails with FunctionError.
        # Why: no page has the type.
        # Ask: invoke a custom runtime whose /initialize answers 404: errorType and errorMessage.
        raise HookFailed({"errorMessage": text, "errorType": "FunctionError", "stackTrace": []})
