"""COS trigger events, as SCF delivers them, into changes of objects.

https://cloud.tencent.com/document/product/583/9707 shows the record; real ones have fields that it does not show.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from imagelabels.domain import notifications
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef

MAX_KEY = 850
"""Bytes of UTF-8: https://cloud.tencent.com/document/product/436/13324"""

# Copies and uploads in parts are creations like any other. An object whose restoring was asked for cannot be read yet.
_KINDS: dict[str, Literal["created", "removed"]] = {
    "ObjectCreated": "created",
    "ObjectRemove": "removed",
    "ObjectRestore:Completed": "created",
}
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+(-\d)?")
_HOST = re.compile(r"\.cos(?:-internal)?\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)$")


def _only(kind: type) -> BeforeValidator:
    """For a hint: anything but that type counts as absent."""
    return BeforeValidator(lambda value: value if type(value) is kind else None)


_TextHint = Annotated[str | None, _only(str)]
_NumberHint = Annotated[int | None, _only(int)]
_DictHint = Annotated[dict[str, object] | None, _only(dict)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Bucket(_Part):
    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]{0,48}$")]
    appid: Annotated[str, Field(pattern="^[0-9]{1,20}$")]
    region: _TextHint = None
    s3_region: Annotated[_TextHint, Field(alias="s3Region")] = None
    cos_region: Annotated[_TextHint, Field(alias="cosRegion")] = None


class _Object(_Part):
    key: Annotated[str, Field(min_length=1)]
    size: _NumberHint = None
    url: _TextHint = None
    meta: _DictHint = None


class _Cos(_Part):
    bucket: Annotated[_Bucket, Field(alias="cosBucket")]
    object: Annotated[_Object, Field(alias="cosObject")]


class _Event(_Part):
    name: Annotated[str, Field(alias="eventName", pattern=r"^cos:\w+:\w+$")]
    source: Annotated[Literal["qcs::cos"], Field(alias="eventSource")] = "qcs::cos"
    at: Annotated[_NumberHint, Field(alias="eventTime")] = None


class _Record(_Part):
    cos: _Cos
    event: _Event


def changes(event: notifications.Event) -> tuple[list[ObjectChange], list[BadEvent], dict[str, str]]:
    """What the records say happened, in their order, what is wrong with those that cannot be read, and the regions of
    the buckets that they name.

    Records of anything but an object that came or went are left out quietly. A broken record does not touch the others;
    an event that is none is one BadEvent.
    """
    regions: dict[str, str] = {}

    def change(record: object, place: str) -> ObjectChange | None:
        try:
            read = _Record.model_validate(record)
        except ValidationError as error:
            raise notifications.misfit(place, error.errors(include_url=False)[0]) from error
        found = _change(read, record, place)
        if found is not None and (region := _region(read.cos)) is not None:
            regions[found.ref.bucket] = region
        return found

    good, wrong = notifications.read(event, "Records", "COS", change)
    return good, wrong, regions


def _change(read: _Record, record: object, place: str) -> ObjectChange | None:
    """None for a record of something else than an object that came or went."""
    name = read.event.name.removeprefix("cos:")
    kind = _KINDS.get(name, _KINDS.get(name.partition(":")[0]))
    if kind is None:
        return None
    bucket, seen = read.cos.bucket, read.cos.object
    key = _key(bucket, seen.key)
    if not key:
        raise BadEvent(f"{place}.cos.cosObject.key", f"{seen.key!r} names the bucket and no object")
    notifications.check_key(f"{place}.cos.cosObject.key", key, MAX_KEY)
    ref = ObjectRef("cos", f"{bucket.name}-{bucket.appid}", key)
    event_id = notifications.event_id((seen.meta or {}).get("x-cos-request-id"), ref, record)
    decoded = notifications.decoded(ref)
    return ObjectChange(ref, kind, event_id, _moment(read.event.at), size=seen.size, decoded=decoded)


def _key(bucket: _Bucket, named: str) -> str:
    """The object's key: the event writes appid and bucket in front of it. Only that is cut, since a key may begin with
    a slash or hold the same words again."""
    prefix = f"/{bucket.appid}/{bucket.name}/"
    return named.removeprefix(prefix) if named.startswith(prefix) else named.removeprefix("/")


def _region(cos: _Cos) -> str | None:
    """The vendor's samples have a short code (`cd`) in `region`, real events the whole name in one field or another."""
    bucket = cos.bucket
    for name in (bucket.s3_region, bucket.region, bucket.cos_region):
        if name is not None and _REGION.fullmatch(name):
            return name
    try:
        found = _HOST.search(urlsplit(cos.object.url or "").hostname or "")
    except ValueError:
        return None
    return found[1] if found else None


def _moment(seconds: int | None) -> str | None:
    """ISO 8601 of seconds since the epoch; None for what is none, as milliseconds are."""
    try:
        when = datetime.fromtimestamp(seconds or -1, timezone.utc)
    except (OverflowError, ValueError, OSError):
        return None
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if when.year >= 2000 else None
