"""Logs what a function does: each record of an event is one line of JSON on standard output."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Mapping
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
    """Find the version of a module; that of cos-python-sdk-v5 stands in a module of its own."""
    places = (loaded[name], loaded.get(f"{name}.version"))
    return next((str(version) for place in places if (version := getattr(place, "__version__", None))), None)


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
