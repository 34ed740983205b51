"""Makes what a function of each runtime is told of its invocation.

https://www.alibabacloud.com/help/en/functioncompute/fc/context-1 for Python, and
https://www.alibabacloud.com/help/en/functioncompute/fc/context-and-log-format-1 for custom runtimes
"""

from __future__ import annotations

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.core.parts import Key
from emulator.functions.function import Function

LATEST = "LATEST"
PYTHON_310, PYTHON_312 = "python3.10", "python3.12"


def python_310(function: Function, key: Key, request_id: str) -> dict[str, object]:
    """Return the context of the Python 3.10 runtime."""
    fields = ("access_key_id", "access_key_secret", "security_token")
    camel = ("accessKeyId", "accessKeySecret", "securityToken")
    values = (key.id, key.secret, key.token)
    return {
        "request_id": request_id,
        "credentials": dict(zip(fields + camel, values + values, strict=True)),
        "function": _function(function),
        "service": {
            "name": function.service,
            "log_project": "",
            "log_store": "",
            "qualifier": LATEST,
            "version_id": "",
        },
        "region": REGION,
        "account_id": ACCOUNT,
        # Unproven tracing-of-context: What `tracing` of the context holds.
        # Why: the page shows that it is there, and not what it holds.
        # Ask: log vars(context.tracing) in a function without tracing.
        "tracing": {"span_context": None, "span_baggages": None, "jaeger_endpoint": None},
    }


def python_312(function: Function, key: Key, request_id: str) -> dict[str, object]:
    """Return the context of the Python 3.12 runtime, which has no credentials: they are in the environment only."""
    return {
        "request_id": request_id,
        "function": {**_function(function), "version_id": "", "qualifier": LATEST},
        "region": REGION,
        "account_id": ACCOUNT,
        "log_project": "",
        "log_store": "",
        "logger": None,
    }


def custom(function: Function, key: Key, request_id: str) -> dict[str, object]:
    """Return the headers that a custom runtime gets with every request."""
    return {
        "x-fc-request-id": request_id,
        "x-fc-access-key-id": key.id,
        "x-fc-access-key-secret": key.secret,
        "x-fc-security-token": key.token or "",
        "x-fc-function-name": function.name,
        "x-fc-function-handler": function.handler,
        "x-fc-function-memory": str(function.memory),
        "x-fc-region": REGION,
        "x-fc-account-id": ACCOUNT,
        "x-fc-qualifier": LATEST,
        "x-fc-version-id": "",
    }


def _function(function: Function) -> dict[str, object]:
    return {
        "name": function.name,
        "handler": function.handler,
        "memory": function.memory,
        "timeout": function.timeout,
    }
