"""What the trigger events of all clouds have in common: JSON, a list of records, and a key that may be encoded."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef

Event = bytes | str | Mapping[str, object]


def read(
    event: Event, name: str, trigger: str, change: Callable[[object, str], ObjectChange | None]
) -> tuple[list[ObjectChange], list[BadEvent]]:
    """What `change(record, place)` makes of each record of the list `name`, and what is wrong with the others.

    A broken record does not touch the others; an event that is none is one BadEvent.
    """
    try:
        records = _records(event, name, trigger)
    except BadEvent as bad:
        return [], [bad]
    good: list[ObjectChange] = []
    wrong: list[BadEvent] = []
    for at, record in enumerate(records):
        try:
            found = change(record, f"{name}[{at}]")
        except BadEvent as bad:
            wrong.append(bad)
        else:
            good += [found] if found else []
    return good, wrong


def _records(event: Event, name: str, trigger: str) -> list[object]:
    if isinstance(event, (bytes, str)):
        try:
            event = json.loads(event)
        except (ValueError, RecursionError) as error:
            raise BadEvent("event", f"not JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise BadEvent("event", f"a JSON object was expected, not {type(event).__name__}")
    records = event.get(name)
    if not isinstance(records, list):
        found = type(records).__name__ if name in event else f"only {sorted(map(str, event))[:10]}"
        raise BadEvent(name, f"a list of records was expected, there is {found}; is this trigger an {trigger} trigger?")
    return records


def misfit(place: str, first: Mapping[str, Any]) -> BadEvent:
    """The first field that is wrong, by its path in the event; `first` in the words of pydantic's errors()."""
    field = ".".join((place, *(str(step) for step in first["loc"])))
    if first["type"] == "missing":
        return BadEvent(field, "missing")
    return BadEvent(field, f"{first['msg']}, not {str(first['input'])[:100]!r}")


def check_key(field: str, key: str, most: int) -> None:
    """BadEvent for a key that no object can have; `most` is in bytes of UTF-8."""
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        raise BadEvent(field, "cannot be written in UTF-8") from None
    if length > most:
        raise BadEvent(field, f"{length} bytes, where a key has at most {most}")


def event_id(request_id: object, ref: ObjectRef, record: object) -> str:
    """The same for every delivery of a record. One request may remove many objects, so its id alone is not enough."""
    if isinstance(request_id, str) and re.fullmatch(r"[\w=-]{1,64}", request_id):
        return f"{request_id}/{hashlib.sha256(f'{ref.bucket}/{ref.key}'.encode()).hexdigest()[:32]}"
    return hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()


def decoded(ref: ObjectRef) -> ObjectRef | None:
    """The key read as URL-encoded, where that is another key.

    No vendor's page says that keys are encoded, so the raw key goes first, and this reading only counts where no object
    has the raw one. Whoever encodes writes a plus as %2B and a space as %20 or +: a plus then means a space.
    """
    try:
        key = unquote_plus(ref.key, errors="strict")
    except UnicodeDecodeError:
        return None
    return ObjectRef(ref.store, ref.bucket, key) if key != ref.key else None
