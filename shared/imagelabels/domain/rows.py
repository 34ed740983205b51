"""Rows as JSON text and back. A reader ignores names that it does not know and fills in those that are missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from imagelabels.domain.model import (
    Answer,
    Corrections,
    Detection,
    EventEntry,
    ImageRecord,
    Label,
    ObjectHead,
    ObjectRef,
)

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
    return _dump({name: value for name, value in _named(record).items() if name not in _IN_COLUMNS})


def read_record(ref: ObjectRef, schema: int, stored: str) -> ImageRecord:
    row: dict[str, Any] = json.loads(stored)
    head, said = row.get("head"), row.get("corrections")
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
        corrections=_known(Corrections, said, without=tuple(said["without"]), add=tuple(said["add"])) if said else None,
    )


def unfinished(ref: ObjectRef, reason: str | None) -> ImageRecord:
    """What a search shows of an object whose first delivery waits."""
    return ImageRecord(ref, "waiting", reason, None, None, "", "", "", "")


def forgets(record: ImageRecord, stored: ImageRecord | None) -> bool:
    """Whether writing the record would lose what a person said of the same content, unknown to its writer."""
    said = stored.corrections if stored is not None else None
    return record.corrections is None and bool(said) and said is not None and said.content == record.content


def answer_json(answer: Answer) -> str:
    return _dump(answer)


def read_answer(stored: str) -> Answer:
    row: dict[str, Any] = json.loads(stored)
    seen = row.get("detection")
    return _known(Answer, row, detection=_known(Detection, seen, labels=_labels(seen)) if seen is not None else None)


def entry_json(entry: EventEntry) -> str:
    return _dump(entry)


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


def categories(record: ImageRecord) -> frozenset[str]:
    """The ids of the widest that the row itself says of its labels: a label of level 1, else the last one above it.

    A label below level 1 that its answer named nothing above has no category. All of them are postings too.
    """
    if record.state != "labelled":
        return frozenset()
    lineages = ((label.id,) if label.level == 1 else record.ancestors.get(label.id, ()) for label in record.labels)
    return frozenset(lineage[-1] for lineage in lineages if lineage)


def modified(record: ImageRecord) -> int | None:
    """When the object was last modified, milliseconds since the epoch; None where no head was seen."""
    return record.head.last_modified * 1000 if record.head is not None else None


def _labels(row: Json) -> tuple[Label, ...]:
    return tuple(_known(Label, label) for label in row.get("labels", ()))


def _known(cls: type[T], row: Json, **parts: object) -> T:
    names = _names(cls)
    return cls(**{name: value for name, value in row.items() if name in names} | parts)


def _named(value: object) -> dict[str, object]:
    """A dataclass's values by name. dataclasses.asdict copies them all the way down, which takes ten times as long."""
    cls: Any = type(value)
    return dict(zip(_names(cls), _values(cls)(value), strict=True))


@cache
def _values(cls: Hashable) -> Callable[[object], tuple[object, ...]]:
    """For dataclasses of two fields and more: of one, an attrgetter gives no tuple."""
    return attrgetter(*_names(cls))


def _names(cls: Any) -> Mapping[str, object]:
    found: Mapping[str, object] = cls.__dataclass_fields__  # what dataclasses.fields makes a new tuple of
    return found


def _dump(row: object) -> str:
    return _ENCODER.encode(row)


_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=_named)
"""ASCII only: a lone surrogate could not be stored as text. Made once, and dataclasses here are in no circle."""
