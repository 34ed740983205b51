"""OSS trigger events, as Function Compute delivers them, into changes of objects.

https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/oss-triggers shows the record; which fields it has
differs between pages and years, so only those that name the object are asked for, and the rest are hints.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import unquote_plus

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef

MAX_KEY = 1023
"""Bytes of UTF-8: https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions"""

# Parts of a multipart upload: there is no object yet, or none came of it.
_PARTS = frozenset({"InitiateMultipartUpload", "UploadPart", "UploadPartCopy", "AbortMultipartUpload"})
# Replication and the end of a restore bring an object about as much as an upload does.
_KINDS: dict[str, Literal["created", "removed"]] = {
    "ObjectCreated": "created",
    "ObjectRemoved": "removed",
    "ObjectReplication:ObjectCreated": "created",
    "ObjectReplication:ObjectModified": "created",
    "ObjectReplication:ObjectRemoved": "removed",
    "ObjectRestore:FinishRestore": "created",
}


def _only(kind: type) -> BeforeValidator:
    """For a hint: anything but that type counts as absent."""
    return BeforeValidator(lambda value: value if type(value) is kind else None)


_TextHint = Annotated[str | None, _only(str)]
_NumberHint = Annotated[int | None, _only(int)]
_DictHint = Annotated[dict[str, object] | None, _only(dict)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Bucket(_Part):
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$")]


class _Object(_Part):
    key: Annotated[str, Field(min_length=1)]
    size: _NumberHint = None
    etag: Annotated[_TextHint, Field(alias="eTag")] = None


class _Oss(_Part):
    bucket: _Bucket
    object: _Object


class _Record(_Part):
    name: Annotated[str, Field(alias="eventName", pattern=r"^(oss:)?\w+:\w+$")]
    source: Annotated[Literal["acs:oss"], Field(alias="eventSource")] = "acs:oss"
    at: Annotated[_TextHint, Field(alias="eventTime")] = None
    oss: _Oss
    response: Annotated[_DictHint, Field(alias="responseElements")] = None


def changes(event: bytes | str | Mapping[str, object]) -> tuple[list[ObjectChange], list[BadEvent]]:
    """What the records say happened, in their order, and what is wrong with those that cannot be read.

    Records of anything but a whole object that came or went are left out quietly: parts of an upload, reads, changes of
    metadata. A broken record does not touch the others; an event that is none is one BadEvent.
    """
    try:
        records = _records(event)
    except BadEvent as bad:
        return [], [bad]
    good: list[ObjectChange] = []
    wrong: list[BadEvent] = []
    for at, record in enumerate(records):
        try:
            change = _change(record, f"events[{at}]")
        except BadEvent as bad:
            wrong.append(bad)
        else:
            good += [change] if change else []
    return good, wrong


def _records(event: bytes | str | Mapping[str, object]) -> list[object]:
    if isinstance(event, (bytes, str)):
        try:
            event = json.loads(event)
        except (ValueError, RecursionError) as error:
            raise BadEvent("event", f"not JSON: {error}") from error
    if not isinstance(event, Mapping):
        raise BadEvent("event", f"a JSON object was expected, not {type(event).__name__}")
    records = event.get("events")
    if not isinstance(records, list):
        found = type(records).__name__ if "events" in event else f"only {sorted(map(str, event))[:10]}"
        raise BadEvent("events", f"a list of records was expected, there is {found}; is this trigger an OSS trigger?")
    return records


def _change(record: object, place: str) -> ObjectChange | None:
    """None for a record of something else than an object that came or went."""
    try:
        read = _Record.model_validate(record)
    except ValidationError as error:
        raise _bad(error, place) from error
    name = read.name.removeprefix("oss:")
    family, _, action = name.partition(":")
    kind = _KINDS.get(name, _KINDS.get(family))
    if kind is None or action in _PARTS:
        return None
    key = read.oss.object.key
    if (wrong := _unfit(key)) is not None:
        raise BadEvent(f"{place}.oss.object.key", wrong)
    return ObjectChange(
        ref=ObjectRef("oss", read.oss.bucket.name, key),
        kind=kind,
        event_id=_event_id(record, read),
        at=read.at,
        etag=read.oss.object.etag,
        size=read.oss.object.size,
        decoded=_decoded(read.oss.bucket.name, key),
    )


def _bad(error: ValidationError, place: str) -> BadEvent:
    """The first field that is wrong, by its path in the event."""
    first = error.errors(include_url=False)[0]
    field = ".".join((place, *(str(step) for step in first["loc"])))
    if first["type"] == "missing":
        return BadEvent(field, "missing")
    return BadEvent(field, f"{first['msg']}, not {str(first['input'])[:100]!r}")


def _unfit(key: str) -> str | None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return "cannot be written in UTF-8"
    return f"{length} bytes, where a key has at most {MAX_KEY}" if length > MAX_KEY else None


def _event_id(record: object, read: _Record) -> str:
    """The same for every delivery of a record. One request may remove many objects, so the id alone is not enough."""
    request_id = (read.response or {}).get("requestId")
    if isinstance(request_id, str) and re.fullmatch(r"[\w-]{1,64}", request_id):
        named = f"{read.oss.bucket.name}/{read.oss.object.key}"
        return f"{request_id}/{hashlib.sha256(named.encode()).hexdigest()[:32]}"
    return hashlib.sha256(json.dumps(record, sort_keys=True, default=str).encode()).hexdigest()


def _decoded(bucket: str, key: str) -> ObjectRef | None:
    """The key read as URL-encoded, where that is another key.

    The vendor's pages do not say that keys are encoded, so the raw key goes first, and this reading only counts where
    no object has the raw one. Whoever encodes writes a plus as %2B and a space as %20 or +: a plus then means a space.
    """
    try:
        decoded = unquote_plus(key, errors="strict")
    except UnicodeDecodeError:
        return None
    return ObjectRef("oss", bucket, decoded) if decoded != key else None
