"""Structured logs for entry points: one JSON line per record, on standard output."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

from imagelabels.domain.errors import PARKED, BadEvent, Misconfigured
from imagelabels.domain.model import Delivered

ONCE = 60.0
"""Seconds between two error lines for the same thing that a person must mend."""

LONGEST_TEXT = 2000
"""Characters of a text in a line and in the answer; an object's URI has 1,100 at most."""

MOST_ITEMS = 100
"""Items of a list in a line and in the answer; each has at most LONGEST_ITEM characters."""

LONGEST_ITEM = 200


def _line(log: object) -> str:
    """One line of printable ASCII: no key can break it in two, or make a terminal obey."""
    return json.dumps(log, default=str, separators=(",", ":")).replace("\x7f", "\\u007f")


_logger = Logger(service="imagelabels", location=None, json_serializer=_line)
_said: dict[str, float] = {}


def start(level: str, modules: Iterable[str], loaded: Mapping[str, Any] = sys.modules) -> None:
    """Log from `level` on: DEBUG, INFO, WARNING or ERROR; and say once which file and version each of the vendors'
    `modules` came from, of those that are in `loaded`.

    A platform brings old ones of its own, and no page says whether those of a layer win over them.
    """
    _logger.setLevel(level)
    sources = {
        name: {"version": _version(loaded, name), "file": getattr(loaded[name], "__file__", None)}
        for name in modules
        if name in loaded
    }
    _logger.info("cold start", extra={"modules": sources})


def _version(loaded: Mapping[str, Any], name: str) -> str | None:
    """The cos-python-sdk-v5 keeps its version in a module of its own."""
    places = (loaded[name], loaded.get(f"{name}.version"))
    return next((str(version) for place in places if (version := getattr(place, "__version__", None))), None)


def report(request_id: str, delivered: Iterable[Delivered], bad: Iterable[BadEvent]) -> dict[str, Any]:
    """Log what became of each record, and give the same back as the function's answer.

    Raises the first error that asks for another delivery, after all have been logged.
    """
    records = [_record(request_id, one) for one in delivered]
    for error in bad:
        records.append(_bounded({"state": "failed", "reason": error.reason, "message": str(error)}))
        _logger.error("bad event", extra={"request_id": request_id, **_plain(records[-1])})
    for one in delivered:
        if one.error is not None:
            raise one.error
    return {"records": records}


def _record(request_id: str, one: Delivered) -> dict[str, Any]:
    told: dict[str, Any] = {"uri": one.ref.uri, "event": one.change.event_id}
    if one.outcome is not None:
        told |= {"state": one.outcome.state, "reason": one.outcome.reason, "labels": list(one.outcome.labels)}
        told |= {"notes": list(one.outcome.notes), "paid_calls": one.outcome.paid_calls}
    elif one.error is not None:
        state = "parked" if isinstance(one.error, Misconfigured) else "waiting"
        told |= {"state": state, "reason": one.error.reason, "message": str(one.error)}
    told = _bounded(told)
    extra = {"request_id": request_id, **_plain(told)}
    if told["state"] == "failed":
        _logger.error("failed", extra=extra)
    elif told["reason"] in PARKED:
        _mend(told["reason"], extra)
    else:
        _logger.info(told["state"], extra=extra)
    return told


def _mend(reason: str, extra: dict[str, Any]) -> None:
    """A person must act: an error, but not for every picture of a busy bucket."""
    now = time.monotonic()
    if now - _said.get(reason, -ONCE) >= ONCE:
        _said[reason] = now
        _logger.error("parked", extra=extra)
    else:
        _logger.info("parked", extra=extra)


def _bounded(told: dict[str, Any]) -> dict[str, Any]:
    """The same with long texts and lists cut: what strangers name may be of any length."""
    return {name: _cut(value) for name, value in told.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(item, LONGEST_ITEM) for item in value[:MOST_ITEMS]]
    return _shortened(value, LONGEST_TEXT) if isinstance(value, str) else value


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """Logging keeps the name `message` for itself."""
    return {("detail" if name == "message" else name): value for name, value in told.items()}
