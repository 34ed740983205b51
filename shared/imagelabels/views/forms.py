"""Shows labels, rows, counts, events and outcomes in their one JSON form; docs/formats.md explains every field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from imagelabels.domain.errors import BadEvent, LabelingError, Misconfigured
from imagelabels.domain.explain import Explained
from imagelabels.domain.model import Corrections, Delivered, EventEntry, ImageRecord, Label, Spent
from imagelabels.domain.moments import iso
from imagelabels.domain.taxonomy import Taxonomy

if TYPE_CHECKING:
    from imagelabels.domain.invocations import Failure, Invoked
    from imagelabels.domain.query import Counts
    from imagelabels.domain.resumption import Resumed

Form = dict[str, Any]
"""A JSON object whose keys docs/formats.md lists."""


def one_line(form: object, **options: Any) -> str:
    """Write the form as one line of printable ASCII: no text in it can break the line, or make a terminal obey.

    `options` are those of json.dumps.
    """
    return json.dumps(form, **options).replace("\x7f", "\\u007f")


def label_json(label: Label, taxonomy: Taxonomy) -> Form:
    """Show a label of a picture. The parent's name is in the label's language, where the taxonomy has it."""
    above = label.parent_id
    # A vendor's word that no concept has is its own name: imm:露营.
    parent = None if above is None else taxonomy.name(above, label.language) or above.partition(":")[2]
    return {
        "id": label.id,
        "name": label.name,
        "confidence": label.confidence,
        "centric_score": label.centric_score,
        "level": label.level,
        "parent_id": above,
        "parent_name": parent,
        "language": label.language,
    }


def explained_json(label: Explained) -> Form:
    """Show a label of a detector's answer, with the reason why it stays or goes."""
    return {
        "id": label.id,
        "answered_id": label.answered_id,
        "name": label.name,
        "confidence": label.confidence,
        "kept": label.kept,
        "cause": label.cause,
        "why": label.why,
        "tag": None if label.tag is None else {"key": label.tag[0], "value": label.tag[1]},
    }


def row_json(record: ImageRecord, taxonomy: Taxonomy) -> Form:
    """Show a picture's row in the index."""
    return {
        "uri": record.ref.uri,
        "labels": [label_json(label, taxonomy) for label in record.labels],
        "width": record.width,
        "height": record.height,
        "taken_at": record.taken_at,
        "updated_at": moment(record.updated_at),
        "state": record.state,
        "reason": record.reason,
        "notes": list(record.notes),
    }


def counts_json(counts: Counts) -> Form:
    """Show how many rows match a query, and by what."""
    return {
        "total": counts.total,
        "by_state": counts.states,
        "by_reason": counts.reasons,
        "by_note": counts.notes,
        "by_category": counts.categories,
        "by_label": counts.labels,
    }


def event_json(entry: EventEntry) -> Form:
    """Show a line of an object's history."""
    return {
        "event_id": entry.event_id,
        "state": entry.state,
        "reason": entry.reason,
        "notes": list(entry.notes),
        "paid_calls": entry.paid_calls,
        "finished_at": moment(entry.at),
    }


def error_json(reason: str, message: str) -> Form:
    """Show why a picture has no labels; the reason is of the closed list."""
    return {"reason": reason, "message": message}


def corrections_json(corrections: Corrections | None) -> Form:
    """Show what a person said of a picture; where nobody said anything, both lists are empty."""
    said = corrections or Corrections("")
    return {"not": list(said.without), "add": list(said.add)}


def outcome_json(delivered: Delivered) -> Form:
    """Show what became of one record of an event, as a function answers and logs it."""
    form = _outcome(delivered.ref.uri, delivered.change.event_id)
    if delivered.outcome is not None:
        outcome = delivered.outcome
        form |= {"state": outcome.state, "reason": outcome.reason, "label_ids": list(outcome.labels)}
        return form | {"notes": list(outcome.notes), "paid_calls": outcome.paid_calls}
    error = delivered.error
    assert error is not None  # a record has an outcome or an error
    state = "parked" if isinstance(error, Misconfigured) else "waiting"
    paid_calls = delivered.spent.paid_calls if delivered.spent is not None else 0
    return form | {"state": state, "reason": error.reason, "message": str(error), "paid_calls": paid_calls}


def resumed_json(resumed: Resumed) -> Form:
    """Show what came of a run of the timer, as its function answers and logs it."""
    return {
        "ended": resumed.ended,
        "objects": sum(resumed.states.values()),
        "states": dict(resumed.states),
        "paid_calls": resumed.paid_calls,
        "passed_over": {bucket: list(reasons) for bucket, reasons in resumed.passed_over.items()},
        "message": resumed.message or None,
    }


def spent_json(spent: Spent) -> Form:
    """Show what the work on a record took, as a function logs it: milliseconds, without those of steps that were not
    taken, and counts of calls."""
    form: Form = {"detector": spent.detector, "model": spent.model, "ms": milliseconds(spent.total)}
    form |= {f"ms_{step}": milliseconds(seconds) for step, seconds in spent.steps.items()}
    return form | {f"calls_{kind}": count for kind, count in spent.calls.items()}


def milliseconds(seconds: float) -> int:
    """Return a duration as whole milliseconds."""
    return round(seconds * 1000)


def bad_event_json(error: BadEvent) -> Form:
    """Show a record that is not an event we know as an outcome: it names no object that could be looked at."""
    return _outcome(None, None) | {"state": "failed", "reason": error.reason, "message": str(error)}


def invoked_json(invoked: Invoked) -> Form:
    """Show what became of an object that was given to a function: the outcome in the function's own words."""
    form = _outcome(invoked.uri, None) | {"request_id": invoked.request_id}
    outcome = invoked.outcome
    if outcome is None:
        reason, message = _said(invoked.error)
        return form | {"state": "failed", "reason": reason, "message": message}
    form |= {"event_id": outcome.event_id, "state": outcome.state, "reason": outcome.reason, "message": outcome.message}
    lists = {"label_ids": list(outcome.label_ids), "notes": list(outcome.notes)}
    return form | lists | {"paid_calls": outcome.paid_calls}


def accepted_json(invoked: Invoked) -> Form:
    """Show whether a platform will give an object to a function."""
    reason, message = _said(invoked.error)
    error = None if invoked.accepted else error_json(reason or "", message)
    return {"uri": invoked.uri, "request_id": invoked.request_id, "accepted": invoked.accepted, "error": error}


def _said(error: Failure | LabelingError | None) -> tuple[str | None, str]:
    """Return the reason, which only our own errors have, and the message."""
    return (error.reason if isinstance(error, LabelingError) else None), str(error)


def moment(milliseconds: int) -> str | None:
    """Write a moment of the store's clock; 0 stands in rows that no delivery has finished, and is null."""
    return iso(milliseconds) if milliseconds else None


def _outcome(uri: str | None, event_id: str | None) -> Form:
    form: Form = {"uri": uri, "event_id": event_id, "state": None, "reason": None, "message": None}
    return form | {"label_ids": [], "notes": [], "paid_calls": 0}
