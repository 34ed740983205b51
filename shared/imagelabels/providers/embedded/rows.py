"""Rows as JSON text and back. A reader ignores names that it does not know and fills in those that are missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from imagelabels.domain.model import Answer, Detection, EventEntry, ImageRecord, Label, ObjectHead, ObjectRef

T = TypeVar("T")
Json = Mapping[str, Any]

_IN_COLUMNS = frozenset({"ref", "schema"})
"""Of an ImageRecord: stored beside the JSON text, since rows that are only locked have them too."""


def octets(text: str) -> bytes:
    """Any text as bytes and back, in the order of its characters, lone surrogates too: file names may hold them."""
    return text.encode("utf-8", "surrogatepass")


def text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogatepass")


def image_pk(ref: ObjectRef) -> str:
    """Key of an object's row: 32 hex digits, the same for all its versions."""
    return hashlib.sha256(octets(ref.uri)).hexdigest()[:32]


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def record_json(record: ImageRecord) -> str:
    return _dump({name: value for name, value in asdict(record).items() if name not in _IN_COLUMNS})


def read_record(ref: ObjectRef, schema: int, stored: str) -> ImageRecord:
    row: dict[str, Any] = json.loads(stored)
    head = row.get("head")
    return _known(
        ImageRecord,
        row,
        ref=ref,
        schema=schema,
        head=_known(ObjectHead, head) if head is not None else None,
        labels=_labels(row),
        ancestors={label: tuple(above) for label, above in row.get("ancestors", {}).items()},
        notes=tuple(row.get("notes", ())),
        tags_left_out=tuple(row.get("tags_left_out", ())),
    )


def answer_json(answer: Answer) -> str:
    return _dump(asdict(answer))


def read_answer(stored: str) -> Answer:
    row: dict[str, Any] = json.loads(stored)
    seen = row.get("detection")
    return _known(Answer, row, detection=_known(Detection, seen, labels=_labels(seen)) if seen is not None else None)


def entry_json(entry: EventEntry) -> str:
    return _dump(asdict(entry))


def read_entry(stored: str) -> EventEntry:
    row: dict[str, Any] = json.loads(stored)
    return _known(EventEntry, row, notes=tuple(row.get("notes", ())))


def postings(record: ImageRecord) -> dict[str, float]:
    """What a search finds the row by: its label ids, and the ids named above them as sure as the surest below."""
    found: dict[str, float] = {}
    if record.state != "labelled":
        return found
    for label in record.labels:
        for named in (label.id, *record.ancestors.get(label.id, ())):
            found[named] = max(found.get(named, 0.0), label.confidence)
    return found


def _labels(row: Json) -> tuple[Label, ...]:
    return tuple(_known(Label, label) for label in row.get("labels", ()))


def _known(cls: type[T], row: Json, **parts: object) -> T:
    names = {field.name for field in fields(cls)}  # type: ignore[arg-type]  # T is one of our dataclasses
    return cls(**{name: value for name, value in row.items() if name in names} | parts)


def _dump(row: Json) -> str:
    # ASCII only: a lone surrogate could not be stored as text.
    return json.dumps(row, separators=(",", ":"))
