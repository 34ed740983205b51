"""The hooks of a function's instances, as `instanceLifecycleConfig` names them.

https://www.alibabacloud.com/help/en/functioncompute/fc/lifecycle-hooks-for-function-instances-1
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aliyun.fc.custom_runtime import CONTROL
from emulator.functions.fields import FieldTypes, checked
from emulator.functions.function import check_handler
from emulator.functions.settings import Hook
from emulator.functions.web import WebRequest

HOOKS: FieldTypes = {"initializer": dict, "preStop": dict}
HOOK: FieldTypes = {"handler": str, "timeout": int}
# Unproven default-time-of-hook: A hook whose time-out is not set may take 3 seconds, as a function may.
# Why: no page was found that has it.
# Ask: CreateFunction with a hook without a timeout, and GetFunction: instanceLifecycleConfig.
SECONDS = 3
# Unproven longest-hooks: An initializer may take 300 seconds and a pre-stop hook 90.
# Why: no page was found that has these limits.
# Ask: CreateFunction with an initializer of 301 seconds, and with a preStop of 91: the codes and the messages.
LONGEST = {"initializer": 300, "preStop": 90}
LINES = {"initializer": "Initialize", "preStop": "PreStop"}
"""The lines of the log that begin and end a hook have these words: "View the logs of instance lifecycle hooks"."""
REQUESTS = {
    "initializer": WebRequest("POST", "/initialize", ((CONTROL, "/initialize"),), b""),
    "preStop": WebRequest("GET", "/pre-stop", ((CONTROL, "/pre-stop"),), b""),
}
"""A custom runtime gets these requests:
https://www.alibabacloud.com/help/en/functioncompute/fc/lifecycle-hooks-for-function-instances-in-a-custom-runtime."""


def parse(fields: Mapping[str, Any], custom: bool = False) -> dict[str, Hook]:
    """Return the hooks by their names. ValueError says what is wrong with one of them.

    A function of a `custom` runtime gets a request for each hook, so that its hooks need no handler.
    """
    described = checked(fields, HOOKS, place="instanceLifecycleConfig")
    return {name: _hook(name, hook, custom) for name, hook in described.items()}


def _hook(name: str, described: dict[str, Any], custom: bool) -> Hook:
    if "command" in described:
        raise ValueError(f"{name}: the emulator calls a handler only, and runs no command")
    fields = checked(described, HOOK, () if custom else ("handler",), name)
    timeout, longest = fields.get("timeout", SECONDS), LONGEST[name]
    if not 1 <= timeout <= longest:
        raise ValueError(f"{name}: timeout is 1 to {longest} seconds, not {timeout}")
    handler = fields.get("handler", "")
    if handler or not custom:
        check_handler(handler)
    line = LINES[name]
    begins, ends = f"FC {line} Start RequestId: ", f"FC {line} End RequestId: "
    return Hook(handler, timeout, begins, ends, REQUESTS[name], name)
