"""OSS trigger events, as Function Compute delivers them, into changes of objects.

https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/oss-triggers shows the record; which fields it has
differs between pages and years, so only those that name the object are asked for, and the rest are hints.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagelabels.domain import notifications
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


def changes(event: notifications.Event) -> tuple[list[ObjectChange], list[BadEvent]]:
    """What the records say happened, in their order, and what is wrong with those that cannot be read.

    Records of anything but a whole object that came or went are left out quietly: parts of an upload, reads, changes of
    metadata. A broken record does not touch the others; an event that is none is one BadEvent.
    """
    return notifications.read(event, "events", "OSS", _change)


def _change(record: object, place: str) -> ObjectChange | None:
    """None for a record of something else than an object that came or went."""
    try:
        read = _Record.model_validate(record)
    except ValidationError as error:
        raise notifications.misfit(place, error.errors(include_url=False)[0]) from error
    name = read.name.removeprefix("oss:")
    family, _, action = name.partition(":")
    kind = _KINDS.get(name, _KINDS.get(family))
    if kind is None or action in _PARTS:
        return None
    key = read.oss.object.key
    notifications.check_key(f"{place}.oss.object.key", key, MAX_KEY)
    ref = ObjectRef("oss", read.oss.bucket.name, key)
    return ObjectChange(
        ref=ref,
        kind=kind,
        event_id=notifications.event_id((read.response or {}).get("requestId"), ref, record),
        at=read.at,
        etag=read.oss.object.etag,
        size=read.oss.object.size,
        decoded=notifications.decoded(ref),
    )
