"""Translates an event of OSS, lets the function act on it, and translates what became of each record."""

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
