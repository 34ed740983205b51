"""Translates an event of COS or of a timer, lets the function act on it, and translates what came of it."""

import time
from typing import Any

from imagelabels import wiring
from imagelabels.providers.tencent import events
from imagelabels.respond import respond


def main_handler(event: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """SCF calls this for every COS trigger event; an exception asks it to deliver the event again."""
    entered = time.monotonic()
    changes, bad, regions = events.changes(event)
    delivered = wiring.function("cos", regions).deliver(changes, entered + context["time_limit_in_ms"] / 1000)
    return respond(str(context["request_id"]), delivered, bad)


def resume(event: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """SCF calls this for every event of a timer. It brings to an end what stands still."""
    entered = time.monotonic()
    function = wiring.function("cos", {})
    deadline = entered + context["time_limit_in_ms"] / 1000
    return function.resume(str(context["request_id"]), events.message(event), deadline)
