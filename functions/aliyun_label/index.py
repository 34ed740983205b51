"""Translates an event of OSS or of a timer, lets the function act on it, and translates what came of it."""

import time
from typing import Any

from imagelabels import wiring
from imagelabels.providers.aliyun import events
from imagelabels.respond import respond


def handler(event: bytes, context: Any) -> dict[str, Any]:
    """Function Compute calls this for every OSS trigger event; an exception asks it to deliver the event again."""
    entered = time.monotonic()
    function = wiring.function("oss", context)
    changes, bad = events.changes(event)
    delivered = function.deliver(changes, entered + float(context.function.timeout))
    return respond(str(context.request_id), delivered, bad)


def resume(event: bytes, context: Any) -> dict[str, Any]:
    """Function Compute calls this for every event of a time trigger. It brings to an end what stands still."""
    entered = time.monotonic()
    function = wiring.function("oss", context)
    return function.resume(str(context.request_id), events.payload(event), entered + float(context.function.timeout))
