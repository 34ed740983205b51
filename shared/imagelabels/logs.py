"""Logs what a function does: each record of an event is one line of JSON on standard output.

docs/logs.md lists the fields, which views/log_fields.py defines.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from imagelabels.domain.outcomes import PARKED
from imagelabels.views.forms import milliseconds, one_line

ONCE = 60.0
"""So many seconds pass between two error lines for the same thing that a person must mend."""

SHORT = 100
"""Texts and lists with more characters or items than this are logged behind all other fields."""


def _line(log: object) -> str:
    return one_line(log, default=str, separators=(",", ":"))


_logger = Logger(service="imagelabels", location=None, json_serializer=_line)
_said: dict[str, float] = {}
_cold: list[int] = []
"""It holds a 1 from the start of the function until its first record is logged. SCF would not hand a boolean on to CLS:
https://cloud.tencent.com/document/product/583/55595"""


# Unproven layer-over-runtime: The modules of a layer may lose against those that the runtime brings, so the log says
#   which were loaded.
# Why: no page says which of them win.
# Ask: deploy the functions, and read the field modules of the line `cold start` in their logs.
def start(
    level: str,
    modules: Iterable[str],
    took: Mapping[str, int | None] = {},
    outdated: Iterable[str] = (),
    loaded: Mapping[str, Any] = sys.modules,
) -> None:
    """Log from `level` on: DEBUG, INFO, WARNING or ERROR. Say once how many milliseconds the start of this instance
    `took`, and which file and version each of the vendors' `modules` came from, of those that are in `loaded`.

    A platform brings old modules of its own, and those of a layer may not win over them. Each sentence of `outdated`
    says what a person should change although all works for now: it is logged as a warning.
    """
    _logger.setLevel(level)
    _cold[:] = [1]
    sources = {
        name: {"version": _version(loaded, name), "file": getattr(loaded[name], "__file__", None)}
        for name in modules
        if name in loaded
    }
    _logger.info("cold start", extra={**took, "modules": sources})
    for sentence in outdated:
        _logger.warning(sentence)


def starting(imported: float, begun: float, now: float, age: float | None) -> dict[str, int | None]:
    """Return the milliseconds from the start of the process until `imported`, and from `begun` until `now`, as fields
    of the line of a cold start. `age` is that of the process now; the others are moments of time.monotonic()."""
    since_process = None if age is None else milliseconds(age - (now - imported))
    return {"ms_import": since_process, "ms_open": milliseconds(now - begun)}


def process_age(stat: Path = Path("/proc/self/stat")) -> float | None:
    """Return how many seconds ago this process began; None where the system does not tell.

    Linux tells it in clock ticks since the machine started: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        # The name of the program stands in brackets and may hold spaces. The 20th word behind it is the start.
        began = int(stat.read_text(encoding="utf-8").rpartition(")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - began
    except (OSError, ValueError, IndexError, AttributeError):
        return None


def _version(loaded: Mapping[str, Any], name: str) -> str | None:
    """Find the version of a module; that of cos-python-sdk-v5 stands in a module of its own."""
    places = (loaded[name], loaded.get(f"{name}.version"))
    return next((str(version) for place in places if (version := getattr(place, "__version__", None))), None)


def outcome(request_id: str, form: Mapping[str, Any], took: Mapping[str, Any] = {}) -> None:
    """Log what became of one record of an event, and what it took. Both are forms of views.forms."""
    # Logging keeps the name `message` for itself, and leaves out what is None.
    fields = {("detail" if name == "message" else name): value for name, value in form.items()}
    extra = {"request_id": request_id, **fields, **took, "cold": _cold.pop() if _cold else None}
    extra = dict(sorted(extra.items(), key=_is_long))
    if form["state"] == "failed":
        _logger.error("bad event" if form["reason"] == "bad_event" else "failed", extra=extra)
    elif form["reason"] in PARKED:
        _mend(form["reason"], extra)
    else:
        _logger.info(form["state"], extra=extra)


def resumed(request_id: str, form: Mapping[str, Any]) -> None:
    """Log what came of a run of the timer: a form of views.forms. Its paid calls are told by the lines of its objects,
    and would be counted twice here. A run with a message is an error, since a person must mend what it says."""
    fields = {("detail" if name == "message" else name): value for name, value in form.items() if name != "paid_calls"}
    extra = {"request_id": request_id, **fields, "cold": _cold.pop() if _cold else None}
    log = _logger.error if form["message"] else _logger.info
    log("resumed", extra=dict(sorted(extra.items(), key=_is_long)))


def webhook(request_id: str, form: Mapping[str, Any]) -> None:
    """Log what came of the work for a webhook. One that a person must mend has a `detail`."""
    log = _logger.warning if form["detail"] else _logger.info
    log("webhook", extra=dict(sorted({"request_id": request_id, **form}.items(), key=_is_long)))


def _is_long(field: tuple[str, Any]) -> bool:
    """Whether a field belongs behind the others. SLS analyses the first 2 KB of what is printed, unless its index is
    set otherwise: https://www.alibabacloud.com/help/en/sls/data-types"""
    return isinstance(field[1], (str, list)) and len(field[1]) > SHORT


def _mend(reason: str, extra: dict[str, Any]) -> None:
    """Log what a person must mend: as an error, but not for every picture of a busy bucket."""
    now = time.monotonic()
    if now - _said.get(reason, -ONCE) >= ONCE:
        _said[reason] = now
        _logger.error("parked", extra=extra)
    else:
        _logger.info("parked", extra=extra)
