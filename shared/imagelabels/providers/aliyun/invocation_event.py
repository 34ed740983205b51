"""Writes the event of OSS that tells a function that objects have come. It has the form that events.py reads.

The fields that OSS fills from the upload (ETag, size, who sent it) are left out, since nobody has looked at the
objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun import events
from imagelabels.providers.kit.invocation_event import Record, request_id, written


def event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    """Return one event for all the objects, which says that it comes from this request, or from a new one.

    Misconfigured names an object that no event of OSS can name.
    """
    at, request = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.000Z}", request or request_id()

    def record(ref: ObjectRef) -> Record:
        return {
            "eventName": "ObjectCreated:PutObject",
            "eventSource": "acs:oss",
            "eventTime": at,
            "eventVersion": "1.0",
            "oss": {"bucket": {"name": ref.bucket}, "object": {"key": ref.key}, "ossSchemaVersion": "1.0"},
            "responseElements": {"requestId": request},
        }

    return written("events", refs, record, lambda made: events.changes(made)[1])
