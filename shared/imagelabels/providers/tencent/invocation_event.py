"""Writes the event of COS that tells a function that objects have come. It has the form that events.py reads.

The fields that COS fills from the upload (size, headers, who sent it) are left out, since nobody has looked at the
objects. The region is left out too: a function and the buckets that it works on are in the same region.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.kit.invocation_event import Record, request_id, written
from imagelabels.providers.tencent import events


def event(refs: Sequence[ObjectRef], request: str | None = None) -> bytes:
    """Return one event for all the objects, which says that it comes from this request, or from a new one.

    Misconfigured names an object that no event of COS can name.
    """
    at, request = int(time.time()), request or request_id()

    def record(ref: ObjectRef) -> Record:
        name, _, appid = ref.bucket.rpartition("-")
        if not name or not re.fullmatch("[0-9]+", appid, re.ASCII):
            raise Misconfigured(f"{ref.bucket!r} is no bucket of COS: one ends in the APPID, as photos-1250000000")
        return {
            "cos": {
                "cosSchemaVersion": "1.0",
                "cosBucket": {"name": name, "appid": appid},
                "cosObject": {"key": f"/{appid}/{name}/{ref.key}", "meta": {"x-cos-request-id": request}, "vid": ""},
            },
            "event": {
                "eventName": "cos:ObjectCreated:Put",
                "eventVersion": "1.0",
                "eventTime": at,
                "eventSource": "qcs::cos",
            },
        }

    return written("Records", refs, record, lambda made: events.changes(made)[1])
