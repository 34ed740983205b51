"""Decides how objects are shared out over invocations of a function, and reads what a function answers to one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import ObjectRef

MOST_OBJECTS = 40
"""An event names at most so many objects, so that one invocation ends before the function's time is over."""

MOST_BYTES = 40_000
"""An event has at most so many bytes. An event that fails for good is sent on with what was said about it, and a
message of the queue of failed events holds 64 KB."""

LONGEST_ANSWER = 2_000_000
"""A longer answer is not read. The function cuts long texts, so 40 outcomes have about half as many bytes."""

LONGEST_TEXT, LONGEST_ITEM, MOST_ITEMS = 2000, 200, 100
"""A text, an item of a list and a list are cut there, as the function cuts them itself."""

FINE = frozenset({"labelled", "unchanged", "removed", "undone", "skipped"})
"""In these states there is nothing that another invocation could do better."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The function raised an error, ran out of time or memory, or ended without an answer."""

    kind: str
    """The platform or the function calls the failure so, as UnhandledInvocationError or ValueError."""
    message: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True, slots=True)
class Reply:
    """The platform ran the function, which answered or failed; or it queued the event."""

    request_id: str
    body: bytes = b""
    failure: Failure | None = None
    is_queued: bool = False
    """The function runs asynchronously, also for those who would wait, and has not answered yet. The id of the request
    is that of a task."""


@dataclass(frozen=True, slots=True)
class ReportedOutcome:
    """A function says that this became of one record of an event. Every text has a bounded length."""

    uri: str | None
    event_id: str | None
    state: str
    reason: str | None
    message: str | None
    label_ids: tuple[str, ...]
    notes: tuple[str, ...]
    paid_calls: int


@dataclass(frozen=True, slots=True)
class Invoked:
    """This became of one object of an invocation. Exactly one of `outcome`, `error` and `accepted` says what."""

    uri: str
    """The object that the function acted on, or the one that was asked for where the function names none."""
    request_id: str | None = None
    outcome: ReportedOutcome | None = None
    error: Failure | LabelingError | None = None
    """The function failed, or the platform did not run it; nothing is known of the single object."""
    accepted: bool = False
    """The platform will run the function later."""

    @property
    def is_fine(self) -> bool:
        return self.accepted or (self.outcome is not None and self.outcome.state in FINE)


@dataclass(frozen=True, slots=True)
class Batch:
    """These objects go to the function in one event."""

    refs: tuple[ObjectRef, ...]
    event: bytes


def batches(refs: Iterable[ObjectRef], event: Callable[[Sequence[ObjectRef]], bytes]) -> Iterator[Batch]:
    """Yield the objects in their order, in as few events as the limits allow. `event` writes the event of some objects.

    The length is the sum over events of one object each, whose frames are counted too, so it is never underestimated.
    """
    gathered: list[ObjectRef] = []
    length = 0
    for ref in refs:
        size = len(event([ref]))
        if gathered and (len(gathered) == MOST_OBJECTS or length + size > MOST_BYTES):
            yield Batch(tuple(gathered), event(gathered))
            gathered, length = [], 0
        gathered.append(ref)
        length += size
    if gathered:
        yield Batch(tuple(gathered), event(gathered))


def failure(kind: str, message: str) -> Failure:
    """Return a failure whose texts have a bounded length."""
    return Failure(_cut(kind, LONGEST_ITEM), _cut(message, LONGEST_TEXT))


def failure_of(kind: str, body: bytes | str) -> Failure:
    """Read the error with which a function ended. Python's runtimes name the exception and its text in JSON."""
    answer = _json(body)
    if not isinstance(answer, Mapping):
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        return failure(kind, text)
    named = [answer.get(name) for name in ("errorType", "ErrorType")]
    said = [answer.get(name) for name in ("errorMessage", "ErrorMessage", "message")]
    names = [word for word in named if isinstance(word, str) and word]
    texts = [word for word in said if isinstance(word, str) and word]
    return failure((names or [kind])[0], (texts or [""])[0])


def outcomes(body: bytes) -> list[ReportedOutcome]:
    """Read the outcomes that a function of this project answers, in their order.

    ValueError says that the answer is another one: the function is not one of ours, or its answer is too long.
    """
    answer = _json(body) if len(body) <= LONGEST_ANSWER else None
    records = answer.get("records") if isinstance(answer, Mapping) else None
    if not isinstance(records, list) or not all(map(_is_outcome, records)):
        raise ValueError("the function answered something else than outcomes: it is no function of imagelabels")
    return [_outcome(record) for record in records[: 2 * MOST_OBJECTS]]


def _is_outcome(record: object) -> bool:
    return isinstance(record, Mapping) and isinstance(record.get("state"), str)


def _outcome(record: Mapping[str, Any]) -> ReportedOutcome:
    paid = record.get("paid_calls")
    return ReportedOutcome(
        uri=_text(record, "uri"),
        event_id=_text(record, "event_id"),
        state=_text(record, "state") or "",
        reason=_text(record, "reason"),
        message=_text(record, "message"),
        label_ids=_items(record, "label_ids"),
        notes=_items(record, "notes"),
        paid_calls=paid if type(paid) is int else 0,
    )


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return _cut(value, LONGEST_TEXT) if isinstance(value, str) else None


def _items(record: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = record.get(name)
    texts = [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return tuple(_cut(item, LONGEST_ITEM) for item in texts[:MOST_ITEMS])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _json(body: bytes | str) -> Any:
    """Return the JSON value in a text; None if there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
