"""Translates trigger events of OSS, as Function Compute and EventBridge deliver them, into changes of objects.

https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/oss-triggers shows the record; which fields it has
differs between pages and years, so only those that name the object are asked for, and the rest are hints.
"""

from __future__ import annotations

from collections.abc import Mapping

from imagelabels.domain import notifications
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import ObjectChange, ObjectRef
from imagelabels.domain.notifications import Kind

MAX_KEY = 1023
"""A key has at most so many bytes of UTF-8: https://www.alibabacloud.com/help/en/oss/user-guide/object-naming-conventions"""

_BUCKET = "[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"

# Replication and the end of a restore bring an object about as much as an upload does. While parts of an upload come,
# there is no object yet, or none came of it.
_KINDS: dict[str, Kind | None] = {
    "objectcreated": "created",
    "objectcreated:initiatemultipartupload": None,
    "objectcreated:uploadpart": None,
    "objectcreated:uploadpartcopy": None,
    "objectremoved": "removed",
    "objectremoved:abortmultipartupload": None,
    "objectreplication": "created",
    "objectreplication:objectremoved": "removed",
    "objectrestore": "created",
}


def changes(event: notifications.Event) -> tuple[list[ObjectChange], list[BadEvent]]:
    """Return what the records say happened, in their order, and what is wrong with those that cannot be read.

    Records of anything but a whole object that came or went are left out quietly: parts of an upload, reads, changes of
    metadata. A broken record does not touch the others; an event that is none is one BadEvent.
    """
    return notifications.read(event, "events", "OSS", _change, _unwrapped)


def payload(event: notifications.Event) -> str:
    """Return the text that a time trigger was given to carry, which says what its run is about.

    https://www.alibabacloud.com/help/en/functioncompute, "Time triggers", shows the event.
    """
    return notifications.carried(event, "payload")


# Unproven data-of-eventbridge: The data of an event of EventBridge are the record of OSS, or its `oss` alone.
# Why: the page lists the types of events and does not show their data.
# Ask: send the events of a bucket through EventBridge to a function, upload an object, and log the event.
def _unwrapped(envelope: Mapping[str, object]) -> Mapping[str, object] | None:
    """Take the record out of an event of EventBridge, which is a CloudEvent with the record as its data, or the record.

    https://www.alibabacloud.com/help/en/eventbridge/user-guide/oss-events lists the types. Guides by
    others show bucket and object without the `oss` around them, so that form is read too.
    """
    if "oss" in envelope:
        return envelope
    data = envelope.get("data")
    kind = envelope.get("type")
    if not isinstance(data, Mapping) or not ("oss" in data or (isinstance(kind, str) and kind.startswith("oss:"))):
        return None
    return {"eventName": kind} | (dict(data) if "oss" in data else {"oss": data})


def _change(record: object, place: str) -> ObjectChange | None:
    """Read a record; None if it tells of something else than an object that came or went."""
    kind = notifications.kind_of(notifications.hint(record, str, "eventName"), "oss", _KINDS)
    if kind is None:
        return None
    bucket = notifications.needed_text(record, place, "oss", "bucket", "name", pattern=_BUCKET)
    key = notifications.needed_text(record, place, "oss", "object", "key")
    notifications.check_key(f"{place}.oss.object.key", key, MAX_KEY)
    ref = ObjectRef("oss", bucket, key)
    at = notifications.hint(record, str, "eventTime")
    etag = notifications.hint(record, str, "oss", "object", "eTag")
    size = notifications.hint(record, int, "oss", "object", "size")
    request = notifications.hint(record, str, "responseElements", "requestId")
    return ObjectChange(
        ref=ref,
        kind=kind,
        event_id=notifications.event_id(request, ref, kind, at, etag, size),
        at=at,
        etag=etag,
        size=size,
        decoded=notifications.decoded(ref),
    )
