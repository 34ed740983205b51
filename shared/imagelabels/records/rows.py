"""Rows as JSON text and back. A reader ignores names that it does not know and fills in those that are missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

from imagelabels.domain.errors import Unavailable
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
"""The largest whole number that every reader of JSON takes."""

YEAR_10000 = 253_402_300_800_000
"""Milliseconds since the epoch."""

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


@contextmanager
def undamaged(what: str, cure: str = "restore the index from a copy") -> Iterator[None]:
    """Unavailable("index_error"), naming `what`, where reading what the index stores goes wrong within the block."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        why = f"{type(error).__name__}: {ascii(str(error))[1:101]}"
        raise Unavailable("index_error", f"{what} in the index is damaged ({why}): {cure}") from error


def undamaged_row(uri: str) -> AbstractContextManager[None]:
    """The same for the row of an object."""
    cure = "restore the index from a copy, or remove the object and upload it again: a removal takes its row away"
    return undamaged(f"the row of {uri!r}", cure)


def read_record(ref: ObjectRef, schema: int, stored: str | bytes) -> ImageRecord:
    """The record of a row, every value of its type; Unavailable names the row where it is damaged."""
    with undamaged_row(ref.uri):
        row = _object(stored)
        head, said = row.get("head"), row.get("corrections")
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
            corrections=_corrections(said) if said else None,
        )


def unfinished(ref: ObjectRef, reason: str | None) -> ImageRecord:
    """What a search shows of an object whose first delivery waits."""
    return ImageRecord(ref, State.WAITING, reason and known_reason(reason), None, None, "", "", "", "")


def forgets(record: ImageRecord, stored: ImageRecord | None) -> bool:
    """Whether writing the record would lose what a person said of the same content, unknown to its writer."""
    said = stored.corrections if stored is not None else None
    return record.corrections is None and bool(said) and said is not None and said.content == record.content


def answer_json(answer: Answer) -> str:
    return _dump(answer)


def read_answer(stored: str | bytes, answer_id: str = "") -> Answer:
    """The answer that is kept under that id; Unavailable names the id where it is damaged."""
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
    """A line of the object's history; Unavailable names the object where it is damaged."""
    with undamaged(f"the history of {ref.uri!r}"):
        row = _object(stored)
        before, after = (
            _tags(tags) if tags is not None else None for tags in map(row.get, ("tags_before", "tags_after"))
        )
        told = {"state": State(_of(str, row["state"])), "reason": _reason(row), "notes": _notes(row)}
        return _known(EventEntry, row, at=_moment(row["at"]), tags_before=before, tags_after=after, **told)


def postings(record: ImageRecord) -> dict[str, float]:
    """What a search finds the row by: its label ids, and the ids named above them as sure as the surest below."""
    found: dict[str, float] = {}
    if record.state is not State.LABELLED:
        return found
    for label in record.labels:
        for named in (label.id, *record.ancestors.get(label.id, ())):
            found[named] = max(found.get(named, 0.0), label.confidence)
    return found


def categories(record: ImageRecord) -> frozenset[str]:
    """The ids of the widest that the row itself says of its labels: a label of level 1, else the last one above it.

    A label below level 1 that its answer named nothing above has no category. All of them are postings too.
    """
    if record.state is not State.LABELLED:
        return frozenset()
    lineages = ((label.id,) if label.level == 1 else record.ancestors.get(label.id, ()) for label in record.labels)
    return frozenset(lineage[-1] for lineage in lineages if lineage)


def modified(record: ImageRecord) -> int | None:
    """When the object was last modified, milliseconds since the epoch; None where no head was seen."""
    return record.head.last_modified * 1000 if record.head is not None else None


def _object(stored: str | bytes) -> dict[str, Any]:
    return _of(dict, json.loads(stored))


def _labels(row: Json) -> tuple[Label, ...]:
    return tuple(_known(Label, label) for label in _of(list, row.get("labels", [])))


def _corrections(said: Json) -> Corrections:
    return _known(Corrections, said, without=_texts(said["without"]), add=_texts(said["add"]))


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
        raise ValueError("no moment that a calendar has")
    return _of(int, milliseconds)


def _of(kind: type[T], value: object) -> T:
    if type(value) is not kind:
        raise TypeError(f"{type(value).__name__} in the place of {kind.__name__}")
    return value


def _known(cls: type[T], row: Json, **parts: object) -> T:
    """The dataclass with the parts, and with what it knows of the row; every value must be of the type it names."""
    kinds: Mapping[str, tuple[type, ...]] = _kinds(cast(Any, cls))
    values: dict[str, object] = {}
    for name, value in _of(dict, row).items():
        if name in kinds and name not in parts:
            if type(value) not in kinds[name]:
                raise TypeError(f"{name} is {type(value).__name__}")
            values[name] = _whole(value) if type(value) is int else value
    return cls(**values, **parts)


@cache
def _kinds(cls: Any) -> Mapping[str, tuple[type, ...]]:
    """The types that the values of a dataclass may have in JSON; none for a field that is always among the parts."""
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
    """A dataclass's values by name. dataclasses.asdict copies them all the way down, which takes ten times as long."""
    cls: Any = type(value)
    return dict(zip(_fields(cls), _values(cls)(value), strict=True))


@cache
def _values(cls: Hashable) -> Callable[[object], tuple[object, ...]]:
    """For dataclasses of two fields and more: of one, an attrgetter gives no tuple."""
    return attrgetter(*_fields(cls))


def _fields(cls: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cls.__dataclass_fields__  # what dataclasses.fields makes a new tuple of
    return found


def _dump(row: object) -> str:
    return _ENCODER.encode(row)


_ENCODER = json.JSONEncoder(check_circular=False, separators=(",", ":"), default=_named)
"""ASCII only: a lone surrogate could not be stored as text. Made once, and dataclasses here are in no circle."""
