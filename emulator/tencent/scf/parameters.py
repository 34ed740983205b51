"""Reads the parameters of Invoke and InvokeFunction.

https://cloud.tencent.com/document/product/583/17243 and https://cloud.tencent.com/document/product/583/58400
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NamedTuple

from emulator.core.refusal import Refusal
from emulator.tencent.scf import NAMESPACE, VERSION

EVENTS = {"Invoke": "ClientContext", "InvokeFunction": "Event"}
"""The two operations, and the parameter in which each has the event for the function."""
SYNC, ASYNC = "RequestResponse", "Event"
LIMITS = {SYNC: 6 * 1024 * 1024, ASYNC: 128 * 1024}
"""An event may have so many bytes."""
QUALIFIERS = ("", VERSION, "$DEFAULT")
"""The one version of a function here. The alias $DEFAULT leads to it, unless its owner changes that."""
KNOWN = ("FunctionName", "Qualifier", "LogType", "Namespace")


class Invocation(NamedTuple):
    """One invocation that a client asks for."""

    function: str
    event: bytes
    waits: bool
    """The client waits for the result."""
    with_log: bool


def read(action: str, body: bytes) -> Invocation:
    """Return the invocation. What the emulator does not have is refused by name."""
    params = _parameters(action, body)
    if not (function := params.get("FunctionName", "")):
        raise Refusal("MissingParameter", "The parameter FunctionName is missing.")
    check_namespace(params.get("Namespace"))
    if (qualifier := params.get("Qualifier", "")) not in QUALIFIERS:
        raise Refusal("ResourceNotFound.Qualifier", f"The version or alias {qualifier[:100]} does not exist.")
    kind = _choice(params, "InvocationType", SYNC, ASYNC)
    log = _choice(params, "LogType", "None", "Tail")
    return Invocation(function, _event(params.get(EVENTS[action]), kind), kind == SYNC, log == "Tail")


def check_namespace(name: str | None) -> None:
    if (namespace := name or NAMESPACE) != NAMESPACE:
        raise Refusal("ResourceNotFound.Namespace", f"The namespace {namespace[:100]} does not exist.")


def parsed(action: str, body: bytes, known: Collection[str]) -> dict[str, Any]:
    """Return the parameters of a request, which are all known."""
    try:
        params = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("InvalidParameter", "The body of the request is not JSON.") from None
    if not isinstance(params, dict):
        raise Refusal("InvalidParameter", "The body of the request is not a JSON object.")
    if unknown := params.keys() - set(known):
        raise Refusal("UnknownParameter", f"The emulator's {action} does not have the parameter {min(unknown)[:100]}.")
    return params


def _parameters(action: str, body: bytes) -> dict[str, str]:
    known = {*KNOWN, EVENTS[action], *(("InvocationType",) if action == "Invoke" else ())}
    params = parsed(action, body, known)
    for name, value in params.items():
        if not isinstance(value, str):
            raise Refusal("InvalidParameter", f"The parameter {name} is not a string.")
    return params


def _choice(params: dict[str, str], name: str, default: str, other: str) -> str:
    value = params.get(name) or default
    if value not in (default, other):
        raise Refusal("InvalidParameterValue", f"{name} is {default} or {other}, not {value[:100]}.")
    return value


# Unproven event-of-none: A function that is invoked without ClientContext gets the event {}.
# Why: no page tells which event it gets.
# Ask: Invoke a function that returns its event, without ClientContext.
def _event(text: str | None, kind: str) -> bytes:
    """Return the event."""
    try:
        event = (text or "{}").encode()
        if len(event) > LIMITS[kind]:
            raise Refusal("InvalidParameter.RequestTooLarge", f"The event is larger than {LIMITS[kind]} bytes.")
        json.loads(event)
    except (ValueError, RecursionError):
        raise Refusal("InvalidParameter.Payload") from None
    return event
