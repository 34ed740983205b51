"""This module writes rows as JSON text and reads them. A reader ignores unknown names and fills in missing ones."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from imagelabels.domain.errors import Damaged
from imagelabels.domain.model import (
    Answer,
    Asked,
    Corrections,
    Detection,
    EventEntry,
    ImageRecord,
    Label,
    ObjectHead,
    ObjectRef,
    Tags,
)
from imagelabels.domain.outcomes import Note, Reason, State, known_note, known_reason, reason_of

T = TypeVar("T")
Json = Mapping[str, Any]

MOST = 2**53
"""The largest whole number that every JSON reader accepts."""

YEAR_10000 = 253_402_300_800_000
"""The first millisecond of the year 10000, counted since 1970."""

_IN_COLUMNS = frozenset({"ref", "schema"})
"""The fields of an ImageRecord that have their own columns, because rows that are only locked have them too."""


def octets(text: str) -> bytes:
    """Return any text as bytes that sort like its characters.

    File names may hold lone surrogates, so these work too.
    """
    return text.encode("utf-8", "surrogatepass")


def text(octets: bytes) -> str:
    """Return the text that octets() was given."""
    return octets.decode("utf-8", "surrogatepass")


LONGEST_ID = 256
"""No id of ours has so many characters, and the key of a row in Tablestore has at most 1,024 bytes."""


def storable(asked: str) -> str:
    """Return a text that every index takes as an id. A lone surrogate, which none takes, stands in no id of ours, and
    an id of LONGEST_ID characters is none of ours."""
    return asked[:LONGEST_ID].encode("utf-8", "replace").decode()


def image_pk(ref: ObjectRef) -> str:
    """Return the key of an object's row, which has 32 hex digits and is the same for all versions of the object."""
    return hashlib.sha256(octets(ref.uri)).hexdigest()[:32]


def milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def record_json(record: ImageRecord) -> str:
    return _dump({name: value for name, value in _named(record).items() if name not in _IN_COLUMNS})


@contextmanager
def undamaged(what: str, cure: str = "restore the index from a copy") -> Iterator[None]:
    """Raise Damaged with the name `what` if the block cannot read what the index stores."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        why = f"{type(error).__name__}: {ascii(str(error)[:100])[1:-1]}"
        raise Damaged(f"{what} in the index is damaged ({why}): {cure}") from error


def undamaged_row(uri: str) -> AbstractContextManager[None]:
    """Do the same for the row of an object."""
    cure = "`imagelabels reconcile PREFIX --repair` writes it anew, without a person's corrections"
    return undamaged(f"the row of {uri!r}", cure)


def check_name(ref: ObjectRef, *stored: tuple[object, object]) -> None:
    """Raise Damaged if the row of an object does not name the object; pairs are what is stored and what should be."""
    with undamaged_row(ref.uri):
        if any(value != wanted for value, wanted in stored):
            raise ValueError("it does not name its object")


def read_record(ref: ObjectRef, schema: int, stored: str | bytes) -> ImageRecord:
    """Return the record of a row, with every value checked for its type; Damaged names a damaged row."""
    with undamaged_row(ref.uri):
        row = _object(stored)
        head, corrections = row.get("head"), row.get("corrections")
        return _known(
            ImageRecord,
            row,
            ref=ref,
            schema=_whole(schema),
            state=State(_of(str, row["state"])),
            reason=_reason(row),
            head=_known(ObjectHead, head) if head is not None else None,
            labels=_labels(row),
            ancestors={label: _texts(above) for label, above in row.get("ancestors", {}).items()},
            notes=_notes(row),
            tags_written=_tags(row.get("tags_written", {})),
            tags_left_out=_texts(row.get("tags_left_out", [])),
            updated_at=_moment(row.get("updated_at", 0)),
            corrections=_corrections(corrections) if corrections else None,
        )


def unfinished(ref: ObjectRef, reason: str | None) -> ImageRecord:
    """Return what a search shows for an object whose first delivery could not finish."""
    return ImageRecord(ref, State.WAITING, reason and known_reason(reason), None, None, "", "", "", "")


def forgets(record: ImageRecord, stored: ImageRecord | None) -> bool:
    """Return whether writing the record would lose corrections for the same content that its writer did not know."""
    known = stored.corrections if stored is not None else None
    return record.corrections is None and bool(known) and known is not None and known.content == record.content


def answer_json(answer: Answer) -> str:
    return _dump(answer)


def read_answer(stored: str | bytes, answer_id: str = "") -> Answer:
    """Return the stored answer; Damaged names the id of a damaged answer."""
    with undamaged(f"the kept answer {answer_id}"):
        row = _object(stored)
        seen = row.get("detection")
        detection = _known(Detection, seen, labels=_labels(seen)) if seen is not None else None
        asked = _asked(row["asked"]) if row.get("asked") is not None else None
        reason = reason_of(_of(str, row["reason"])) if row.get("reason") is not None else None
        return _known(Answer, row, reason=reason, detection=detection, asked=asked)


def _asked(row: Json) -> Asked:
    return _known(Asked, row, ref=_known(ObjectRef, row["ref"]), head=_known(ObjectHead, row["head"]))


def entry_json(entry: EventEntry) -> str:
    return _dump(entry)


def read_entry(stored: str | bytes, ref: ObjectRef) -> EventEntry:
    """Return a line of the object's history; Damaged names the object if the line is damaged."""
    with undamaged(f"the history of {ref.uri!r}"):
        row = _object(stored)
        before, after = (
            _tags(tags) if tags is not None else None for tags in map(row.get, ("tags_before", "tags_after"))
        )
        told = {"state": State(_of(str, row["state"])), "reason": _reason(row), "notes": _notes(row)}
        return _known(EventEntry, row, at=_moment(row["at"]), tags_before=before, tags_after=after, **told)


def postings(record: ImageRecord) -> dict[str, float]:
    """Return the ids by which a search finds the row, with their confidences.

    These are the ids of its labels and the ids above them, each with the highest confidence of a label at or below it.
    """
    confidences: dict[str, float] = {}
    if record.state is not State.LABELLED:
        return confidences
    for label in record.labels:
        for label_id in (label.id, *record.ancestors.get(label.id, ())):
            confidences[label_id] = max(confidences.get(label_id, 0.0), label.confidence)
    return confidences


def categories(record: ImageRecord) -> frozenset[str]:
    """Return the categories of the row's labels, which the row itself names: each label of level 1, or the last id
    above.

    A label below level 1 has no category if its answer named no id above it. All categories are postings too.
    """
    if record.state is not State.LABELLED:
        return frozenset()
    lineages = ((label.id,) if label.level == 1 else record.ancestors.get(label.id, ()) for label in record.labels)
    return frozenset(lineage[-1] for lineage in lineages if lineage)


def modified(record: ImageRecord) -> int | None:
    """Return when the object was last modified, in milliseconds since 1970; None if the row has no head."""
    return record.head.last_modified * 1000 if record.head is not None else None


def _object(stored: str | bytes) -> dict[str, Any]:
    return _of(dict, json.loads(stored))


def _labels(row: Json) -> tuple[Label, ...]:
    return tuple(_known(Label, label) for label in _of(list, row.get("labels", [])))


def _corrections(row: Json) -> Corrections:
    return _known(Corrections, row, without=_texts(row["without"]), add=_texts(row["add"]))


def _reason(row: Json) -> Reason | str | None:
    return known_reason(_of(str, row["reason"])) if row.get("reason") is not None else None


def _notes(row: Json) -> tuple[Note | str, ...]:
    return tuple(map(known_note, _texts(row.get("notes", []))))


def _texts(values: object) -> tuple[str, ...]:
    return tuple(_of(str, value) for value in _of(list, values))


def _tags(values: object) -> Tags:
    return {key: _of(str, value) for key, value in _of(dict, values).items()}


def _whole(number: object) -> int:
    if not -MOST <= _of(int, number) <= MOST:
        raise ValueError(f"a number above {MOST}")
    return _of(int, number)


def _moment(milliseconds: object) -> int:
    if not 0 <= _of(int, milliseconds) < YEAR_10000:
        raise ValueError("a time outside the calendar")
    return _of(int, milliseconds)


def _of(kind: type[T], value: object) -> T:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} instead of {kind.__name__}")
    return value


def _known(cls: type[T], row: Json, **parts: object) -> T:
    """Return a dataclass with the parts and the row's other values that it has fields for, checked for their types."""
    allowed: Mapping[str, tuple[type, ...]] = kinds(cast(Any, cls))
    values: dict[str, object] = {}
    for name, value in _of(dict, row).items():
        if name in allowed and name not in parts:
            if type(value) not in allowed[name]:
                raise TypeError(f"{name} is {type(value).__name__}")
            values[name] = _whole(value) if type(value) is int else value
    return cls(**values, **parts)


@cache
def kinds(cls: Any) -> Mapping[str, tuple[type, ...]]:
    """Return the types that each field may have in JSON; there are none for fields that are always among the parts."""
    return {name: _KINDS.get(field.type, ()) for name, field in _fields(cls).items()}


_NONE = type(None)
_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, _NONE),
    "int": (int,),
    "int | None": (int, _NONE),
    "float": (float, int),
    "float | None": (float, int, _NONE),
    "bool": (bool,),
    "Crc64 | None": (str, _NONE),
}


def _named(value: object) -> dict[str, object]:
    """Return a dataclass's values by name. dataclasses.asdict would copy them deeply and take ten times as long."""
    cls: Any = type(value)
    return dict(zip(_fields(cls), _values(cls)(value), strict=True))


@cache
def _values(cls: Hashable) -> Callable[[object], tuple[object, ...]]:
    """Return a getter of all values. It needs at least two fields, since an attrgetter of one field gives no tuple."""
    return attrgetter(*_fields(cls))


def _fields(cls: Any) -> Mapping[str, Any]:
    fields: Mapping[str, Any] = cls.__dataclass_fields__  # dataclasses.fields would make a new tuple of it each time
    return fields


def _dump(row: object) -> str:
    return _ENCODER.encode(row)


_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=_named)
"""It writes ASCII, because a lone surrogate could not be stored as text. It need not look for circles: dataclasses here
form none."""
