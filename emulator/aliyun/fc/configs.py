"""The configuration of asynchronous invocations, and the reserved concurrency of a function.

https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-putasyncinvokeconfig and
https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-putconcurrencyconfig
"""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc.versions import (
    DELETE_ASYNC,
    DELETE_LIMIT,
    GET_ASYNC,
    GET_LIMIT,
    PUT_ASYNC,
    Addressed,
)
from emulator.core.refusal import Refusal
from emulator.functions.function import MOST_INSTANCES
from emulator.functions.running import RunningFunction

SWITCH = "asyncTask"


async def answer(addressed: Addressed, switch: str, body: bytes, now: float) -> dict[str, object] | None:
    """Do what the request asks for, and return the document of the answer; None if there is none.

    `switch` is the field that turns tasks on, which each version of the API calls in its own way.
    """
    function, operation = addressed.function, addressed.operation
    if operation == PUT_ASYNC:
        return _put_async(function, switch, _object(body), now)
    if operation == GET_ASYNC:
        return _async_config(function, switch)
    if operation == DELETE_ASYNC:
        function.changing.treat(None)
        return None
    if operation == GET_LIMIT:
        return _limit(function)
    if operation == DELETE_LIMIT:
        await function.changing.limit(None)
        return None
    return await _put_limit(function, _object(body))


def _put_async(function: RunningFunction, switch: str, fields: dict[str, Any], now: float) -> dict[str, object]:
    named = {SWITCH if name == switch else name: value for name, value in fields.items()}
    before = function.changing.asynchronous() or {"created": now}
    try:
        function.changing.treat({"asyncInvokeConfig": named}, created=before["created"], modified=now)
    except ValueError as error:
        raise Refusal("InvalidArgument", str(error)) from None
    return _async_config(function, switch)


def _async_config(function: RunningFunction, switch: str) -> dict[str, object]:
    kept = function.changing.asynchronous()
    if kept is None:
        raise Refusal("AsyncConfigNotExists")
    named = {switch if name == SWITCH else name: value for name, value in kept["fields"]["asyncInvokeConfig"].items()}
    times = {"createdTime": _time(kept["created"]), "lastModifiedTime": _time(kept["modified"])}
    return {**named, **times, "functionArn": _arn(function)}


# Unproven range-of-reserved-concurrency: reservedConcurrency is 1 at least.
# Why: the page names no limits, and the emulator has an upper one of its own.
# Ask: PutConcurrencyConfig with 0 and with -1: status and code.
async def _put_limit(function: RunningFunction, fields: dict[str, Any]) -> dict[str, object]:
    number = fields.get("reservedConcurrency")
    if type(number) is not int or not 1 <= number <= MOST_INSTANCES:
        raise Refusal("InvalidArgument", f"reservedConcurrency is 1 to {MOST_INSTANCES}, not '{str(number)[:20]}'.")
    await function.changing.limit(number)
    return _limit(function)


def _limit(function: RunningFunction) -> dict[str, object]:
    kept = function.changing.instances()
    if kept is None:
        raise Refusal("ConcurrencyConfigNotFound")
    return {"functionArn": _arn(function), "reservedConcurrency": kept["number"]}


def _arn(function: RunningFunction) -> str:
    return f"acs:fc:{REGION}:{ACCOUNT}:functions/{function.deployed.function.name}"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise Refusal("InvalidArgument", "The body of the request is not a JSON object.")
    return fields
