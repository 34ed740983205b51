"""The labels of a stored picture, from the detector."""

from __future__ import annotations

import logging
from typing import Any

from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.store import Stored

log = logging.getLogger(__name__)


class Unlabelled(Exception):
    """The detector refuses the picture; `reason` is its word for why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


async def ask(context: Context, stored: Stored) -> list[dict[str, Any]]:
    """The labels as the detector gives them, down to its lowest confidence."""
    if context.detect is None:
        raise Refusal("ServiceUnavailable", "The emulator was started without a detector.")
    with context.store.pinned(stored) as path:
        try:
            answer = await context.detect(path)
        except Exception as error:
            log.exception("the detector failed")
            raise Refusal("InternalError", "The detector failed; the emulator's log says how.") from error
    refused = answer.get("error")
    if isinstance(refused, dict):
        raise Unlabelled(str(refused.get("reason", "")))
    found = answer.get("labels")
    if not isinstance(found, list):
        log.error("the detector gave neither labels nor an error")
        raise Refusal("InternalError", "The detector gave neither labels nor an error.")
    return found
