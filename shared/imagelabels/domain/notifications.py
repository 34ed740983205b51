"""This module reads what the trigger events of all clouds have in common: JSON with a list of records.

A record needs only the bucket and the key, because the object itself is looked at afterwards. Everything else in a
record is a hint. If a hint is missing or of another type, the record is read without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Literal, TypeVar
from urllib.parse import unquote_plus

from imagelabels.domain.errors import BadEvent, Misconfigured
from imagelabels.domain.model import ObjectChange, ObjectRef

Event = bytes | str | Mapping[str, object] | list[object]
Kind = Literal["created", "removed"]
Hint = TypeVar("Hint", str, int)

MAX_BYTES = 4_000_000
"""A longer event is refused before it is parsed. The platforms deliver at most 128 KB to the function of a trigger."""

MAX_RECORDS = 5000
"""An event with more records is refused as a whole. 128 KB have room for half as many."""

LONGEST_HINT = 200
"""A hint has at most this many characters or decimal digits. A longer hint counts as missing."""

LONGEST_CARRIED = 4000
"""A timer carries at most this many characters: SCF takes up to 4 KB, and no object's URI is longer."""


def read(
    event: Event,
    name: str,
    trigger: str,
    change: Callable[[object, str], ObjectChange | None],
    unwrapped: Callable[[Mapping[str, object]], object] | None = None,
) -> tuple[list[ObjectChange], list[BadEvent]]:
    """Return the changes that an event reports, and a BadEvent for each record that cannot be read.

    `name` is the field with the list of records, and `change(record, place)` reads one of them. A broken record does
    not affect the others. If the whole event cannot be read, the result is a single BadEvent. `unwrapped` returns the
    record in an event, or in an item of a list, that has no field `name`; it returns None if there is no record in it.
    """
    try:
        records = _records(_parsed(event), name, trigger, unwrapped)
    except BadEvent as bad:
        return [], [bad]
    good: list[ObjectChange] = []
    wrong: list[BadEvent] = []
    for place, record in records:
        try:
            reported = change(record, place)
        except BadEvent as bad:
            wrong.append(bad)
        else:
            good += [reported] if reported else []
    return good, wrong


def carried(event: Event, name: str) -> str:
    """Return the text that an event of a timer carries in the field `name`; an empty one if it carries none.

    Misconfigured if the event has no such form: an empty text stands for all buckets, and somebody who set the timer up
    wrongly did not ask for that. An event without a byte, or without the field, carries nothing.
    """
    try:
        parsed = {} if event in (b"", "") else _parsed(event)
        if not isinstance(parsed, Mapping):
            raise BadEvent("event", f"a JSON object was expected, not {quoted(parsed)}")
        value = "" if parsed.get(name) is None else parsed[name]
        if not isinstance(value, str) or len(value) > LONGEST_CARRIED:
            raise BadEvent(name, f"a text of at most {LONGEST_CARRIED} characters was expected, not {quoted(value)}")
    except BadEvent as bad:
        raise Misconfigured(f'this is no event of a timer, such as {{"{name}": "..."}}: {bad}') from None
    return value


def kind_of(name: str | None, cloud: str, kinds: Mapping[str, Kind | None]) -> Kind | None:
    """Return whether an event's name reports a created or a removed object; None if the event is to be ignored.

    The keys of `kinds` are families, or families with an operation, in lower case. Upper and lower case, spaces and a
    leading `cloud:` do not matter. An unknown operation or a star does not matter either, because the family is enough.
    An unknown family is ignored: if we read an object because it was read, we might cause events without end. If the
    name has no family, the object is looked at.
    """
    parts = [part.strip() for part in (name or "").casefold().split(":") if part.strip()]
    if parts[:1] == [cloud]:
        parts = parts[1:]
    for known in (":".join(parts), *parts[:1]):
        if known in kinds:
            return kinds[known]
    return None if len(parts) > 1 else "created"


def needed(record: object, place: str, *path: str) -> object:
    """Return the value at the path; BadEvent names the first step that is missing."""
    for step in path:
        if not isinstance(record, Mapping):
            raise BadEvent(place, f"an object was expected, not {quoted(record)}")
        place = f"{place}.{step}"
        if step not in record:
            raise BadEvent(place, "missing")
        record = record[step]
    return record


def needed_text(record: object, place: str, *path: str, pattern: str = ".+") -> str:
    """Return the text at the path; raise BadEvent if the value is not a text that matches the pattern."""
    value = needed(record, place, *path)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.DOTALL):
        raise BadEvent(".".join((place, *path)), f"cannot be {quoted(value)}")
    return value


def hint(record: object, kind: type[Hint], *path: str, longest: int = LONGEST_HINT) -> Hint | None:
    """Return the value at the path if it has exactly this type and a sensible size, and None otherwise."""
    for step in path:
        record = record.get(step) if isinstance(record, Mapping) else None
    if type(record) is not kind:
        return None
    fits = len(record) <= longest if isinstance(record, str) else abs(record) < 10**longest
    return record if fits else None


def quoted(value: object) -> str:
    """Return the value as a message shows it: short and in ASCII, whatever the event holds."""
    if isinstance(value, str):
        return ascii(value[:100])
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds = {int: "a number", float: "a number", list: "a list", dict: "an object"}
    return next((words for kind, words in kinds.items() if isinstance(value, kind)), f"a {type(value).__name__}")


def check_key(field: str, key: str, most: int) -> None:
    """Raise BadEvent for a key that no object can have; `most` is its greatest length in bytes of UTF-8."""
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        raise BadEvent(field, "cannot be encoded in UTF-8") from None
    if length > most:
        raise BadEvent(field, f"{length} bytes, but a key has at most {most}")


def event_id(request_id: str | None, ref: ObjectRef, *hints: str | int | None) -> str:
    """Return an id that is the same for every delivery of a record.

    One request may remove many objects, so the id of the request alone is not enough. If there is no request id, the
    hints distinguish the events of an object.
    """
    if request_id is not None and re.fullmatch(r"[\w=-]{1,64}", request_id, re.ASCII):
        return f"{request_id}/{hashlib.sha256(f'{ref.bucket}/{ref.key}'.encode()).hexdigest()[:32]}"
    return hashlib.sha256(json.dumps([ref.bucket, ref.key, *hints]).encode()).hexdigest()


def decoded(ref: ObjectRef) -> ObjectRef | None:
    """Return the object whose key is the URL-decoded key, or None if decoding does not change the key.

    No vendor's page says that keys are encoded, so the raw key is tried first. The decoded key counts only if no object
    has the raw key. URL-encoding writes a plus as %2B and a space as %20 or +, so a plus in the raw key means a space.
    """
    try:
        key = unquote_plus(ref.key, errors="strict")
    except UnicodeDecodeError:
        return None
    return ObjectRef(ref.store, ref.bucket, key) if key != ref.key else None


def _parsed(event: Event) -> object:
    if not isinstance(event, (bytes, str)):
        return event
    if len(event) > MAX_BYTES:
        raise BadEvent("event", f"longer than {MAX_BYTES} bytes, which is the limit")
    try:
        return json.loads(event)
    except RecursionError as error:
        raise BadEvent("event", "nested too deeply to be read") from error
    except ValueError as error:
        raise BadEvent("event", f"not JSON: {error}") from error


def _records(
    event: object, name: str, trigger: str, unwrapped: Callable[[Mapping[str, object]], object] | None
) -> list[tuple[str, object]]:
    """Return each record with its place in the event."""
    if isinstance(event, list) and unwrapped is not None:
        _check_count("event", event)
        return [(f"event[{at}]", _inner(item, unwrapped)) for at, item in enumerate(event)]
    if not isinstance(event, Mapping):
        raise BadEvent("event", f"a JSON object was expected, not {quoted(event)}")
    if name not in event and unwrapped is not None and (record := unwrapped(event)) is not None:
        return [("event", record)]
    records = event.get(name)
    if not isinstance(records, list):
        names = ", ".join(ascii(str(field)[:50]) for field in islice(event, 10))
        there = quoted(records) if name in event else f"only {names or 'an empty object'}"
        bridged = unwrapped is None and "specversion" in event
        also = f"EventBridge's events of {trigger} are not read, " if bridged else ""
        raise BadEvent(
            name, f"a list of records was expected, but there is {there}: {also}use a trigger of {trigger} itself"
        )
    _check_count(name, records)
    return [(f"{name}[{at}]", record) for at, record in enumerate(records)]


def _check_count(name: str, records: list[object]) -> None:
    if len(records) > MAX_RECORDS:
        raise BadEvent(name, f"{len(records)} records, but at most {MAX_RECORDS} are read: none of them was handled")


def _inner(item: object, unwrapped: Callable[[Mapping[str, object]], object]) -> object:
    record = unwrapped(item) if isinstance(item, Mapping) else None
    return item if record is None else record
