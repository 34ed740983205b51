"""Logs what a function does: each record of an event is one line of JSON on standard output."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from imagelabels.domain.outcomes import PARKED
from imagelabels.views.forms import one_line

ONCE = 60.0
"""So many seconds pass between two error lines for the same thing that a person must mend."""


def _line(log: object) -> str:
    return one_line(log, default=str, separators=(",", ":"))


_logger = Logger(service="imagelabels", location=None, json_serializer=_line)
_said: dict[str, float] = {}


def level(name: str) -> None:
    """Set the least level that is logged: DEBUG, INFO, WARNING or ERROR."""
    _logger.setLevel(name)


def outcome(request_id: str, form: Mapping[str, Any]) -> None:
    """Log what became of one record of an event; `form` is its outcome as views.forms shows it."""
    # Logging keeps the name `message` for itself, and leaves out what is None.
    fields = {("detail" if name == "message" else name): value for name, value in form.items()}
    extra = {"request_id": request_id, **fields}
    if form["state"] == "failed":
        _logger.error("bad event" if form["reason"] == "bad_event" else "failed", extra=extra)
    elif form["reason"] in PARKED:
        _mend(form["reason"], extra)
    else:
        _logger.info(form["state"], extra=extra)


def _mend(reason: str, extra: dict[str, Any]) -> None:
    """Log what a person must mend: as an error, but not for every picture of a busy bucket."""
    now = time.monotonic()
    if now - _said.get(reason, -ONCE) >= ONCE:
        _said[reason] = now
        _logger.error("parked", extra=extra)
    else:
        _logger.info("parked", extra=extra)
