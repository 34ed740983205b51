"""The pictures, objects and records of the small world, in forms that can be compared and hashed quickly."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from imagelabels.domain.errors import Gone, LabelingError, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Answer, Detection, ImageRecord, Look, ObjectHead, ObjectRef, crc64
from imagelabels.domain.tags import ours
from tests.fakes import jpeg, label
from tests.world import CONCEPTS

T = TypeVar("T")

START = 1_700_000_000.0
"""The store's clock and that of all workers when a scenario begins."""

TIMEOUT = 90.0
"""Seconds after which the platform kills a worker."""

KEYS = ("k", "j")
SHOWS = {"A": "cat", "B": "dog", "C": "car"}
"""The contents, and what each one shows."""
CONTENTS = tuple(SHOWS)

PREFIX = "label:"

TagPairs = tuple[tuple[str, str], ...]
"""Tags as sorted pairs, so that they can be compared and hashed."""


@lru_cache
def ref_of(key: int) -> ObjectRef:
    return ObjectRef("oss", "photos", f"{KEYS[key]}.jpg")


def key_of(ref: ObjectRef) -> int:
    return KEYS.index(ref.key.removesuffix(".jpg"))


@lru_cache
def picture_of(content: str) -> bytes:
    return jpeg(SHOWS[content])


@lru_cache
def head_of(content: str, modified: int, version: str | None) -> ObjectHead:
    data = picture_of(content)
    return ObjectHead(
        etag=hashlib.md5(data, usedforsecurity=False).hexdigest().upper(),
        size=len(data),
        crc64=crc64("xz", str(int.from_bytes(hashlib.sha256(data).digest()[:8], "big"))),
        last_modified=modified,
        version=version,
        content_type="image/jpeg",
    )


@lru_cache
def detection_of(content: str) -> Detection:
    """Return what the detector says of a content; the raw answer names the content."""
    return Detection((label(SHOWS[content]),), "fake", "fake-1", content, True)


@lru_cache
def tag_of(name: str) -> tuple[str, str]:
    """Return the tag for a label."""
    return PREFIX + name, CONCEPTS.category(name) or ""


def pairs(tags: dict[str, str]) -> TagPairs:
    return tuple(sorted(tags.items()))


@lru_cache
def of_ours(tags: TagPairs) -> TagPairs:
    return tuple(tag for tag in tags if ours(*tag, PREFIX, CONCEPTS))


@lru_cache
def of_user(tags: TagPairs) -> TagPairs:
    return tuple(tag for tag in tags if not ours(*tag, PREFIX, CONCEPTS))


class Failure(NamedTuple):
    """A port call that ends in an error. As a result it can be compared, which an exception cannot."""

    kind: str
    reason: str = ""
    message: str = ""

    def error(self) -> Exception:
        if self.kind == "Gone":
            return Gone()
        if self.kind == "Misconfigured":
            return Misconfigured(self.message, self.reason)
        kinds: dict[str, type[LabelingError]] = {"Unavailable": Unavailable, "Rejected": Rejected}
        return kinds[self.kind](self.reason, self.message)


GONE = Failure("Gone")


@dataclass(frozen=True, slots=True, eq=False)
class Fixed(Generic[T]):
    """A value that is large to compare. `fix` gives the same one for equal values, so identity tells."""

    value: T


_answers: dict[str, Fixed[Answer]] = {}
_records: dict[str, Fixed[ImageRecord]] = {}


def fix_answer(answer: Answer) -> Fixed[Answer]:
    return _answers.setdefault(repr(answer), Fixed(answer))


def fix_record(record: ImageRecord) -> Fixed[ImageRecord]:
    """Return the record without the moment when it was written, on which nothing depends."""
    undated = replace(record, updated_at=0)
    return _records.setdefault(repr(undated), Fixed(undated))


def paid_for(answer: Answer) -> str | None:
    """Return the content that a paid call was about; None if the answer was free."""
    if answer.detection is not None:
        return answer.detection.raw
    return answer.message if answer.reason == "detector_refused" else None


def owner(token: str) -> int:
    """Return the number of the delivery that a lock's token or a call's nonce belongs to; 0 if it tells none."""
    try:
        return int(token[:8], 16)
    except ValueError:
        return 0


def shown(result: object) -> str:
    """Return a result in few words, for schedules."""
    if isinstance(result, Look):
        return _named(result.head) if result.head is not None else "nothing there"
    if isinstance(result, bytes):
        return f"{len(result)} bytes"
    if isinstance(result, Failure):
        return f"{result.kind} {result.reason}".strip()
    if isinstance(result, Fixed):
        return _shown_value(result.value)
    if isinstance(result, tuple):
        return "(" + ", ".join(map(shown, result)) + ")"
    return str(result)


def _named(head: ObjectHead) -> str:
    """Return the content that a head is of, and its time of change."""
    name = next(name for name in CONTENTS if head_of(name, 0, None).etag == head.etag)
    return f"{name}@{head.last_modified}"


def _shown_value(value: object) -> str:
    if isinstance(value, ImageRecord):
        return " ".join((value.state, value.reason or "", *(label.id for label in value.labels)))
    if isinstance(value, Answer):
        return f"{paid_for(value)}{' unconfirmed' if value.asked is not None else ''}"
    return str(value)
