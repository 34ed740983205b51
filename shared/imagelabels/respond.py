"""Decides what a function answers to an event, and when it raises so that the platform delivers the event again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from imagelabels import logs
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import Delivered
from imagelabels.views.forms import bad_event_json, outcome_json, resumed_json, spent_json

if TYPE_CHECKING:
    from imagelabels.domain.resumption import Resumed

LONGEST_TEXT = 2000
"""A text in the answer and in a log line has so many characters at most; an object's URI has up to 1,100."""

MOST_ITEMS = 100
"""A list in the answer and in a log line has so many items at most."""

LONGEST_ITEM = 200
"""An item of a list has so many characters at most."""


def respond(request_id: str, delivered: Sequence[Delivered], bad: Sequence[BadEvent]) -> dict[str, Any]:
    """Log what became of each record of an event and what it took, and return what became of them as the function's
    answer.

    The first error that asks for another delivery is raised after all have been logged. A record that is not an event
    we know asks for none: it would be the same again.
    """
    records = [log(request_id, record) for record in delivered]
    for form in map(_bounded, map(bad_event_json, bad)):
        logs.outcome(request_id, form)
        records.append(form)
    for record in delivered:
        if record.error is not None:
            raise record.error
    return {"records": records}


def log(request_id: str, record: Delivered) -> dict[str, Any]:
    """Log what became of one record and what it took, and return what became of it."""
    form = _bounded(outcome_json(record))
    logs.outcome(request_id, form, _took(record, form["reason"]))
    return form


def respond_resumed(request_id: str, resumed: Resumed) -> dict[str, Any]:
    """Log what came of a run of the timer, and return it as the function's answer. Nothing is raised, since the next
    run tries again what is still not done."""
    form = resumed_json(resumed)
    logs.resumed(request_id, form)
    return form


def _took(record: Delivered, reason: str | None) -> dict[str, Any]:
    """Show what the work on a record took, with the words of the call that failed where the outcome has its reason."""
    spent = record.spent
    if spent is None:
        return {}
    failure = spent.failure
    detail = {"detail": str(failure)} if failure is not None and failure.reason == reason else {}
    return _bounded(spent_json(spent) | detail)


def _bounded(form: dict[str, Any]) -> dict[str, Any]:
    """Cut long texts and lists: what strangers name may be of any length."""
    return {name: _cut(value) for name, value in form.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_shortened(item, LONGEST_ITEM) for item in value[:MOST_ITEMS]]
    return _shortened(value, LONGEST_TEXT) if isinstance(value, str) else value


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."
