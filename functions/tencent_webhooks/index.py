"""Lets the work for webhooks be done when a timer asks for it."""

import time
from typing import Any

from imagelabels.webhooks import opened


def main_handler(event: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    """SCF calls this for every event of a timer."""
    entered = time.monotonic()
    function = opened.function()
    return function.deliver(str(context["request_id"]), entered + context["time_limit_in_ms"] / 1000)
