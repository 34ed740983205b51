"""The OSS trigger of a function: which changes of a bucket become events, and the form of these events."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.core.parts import Change
from emulator.functions.triggers import ChangeFilter, checked_events, named_events
from emulator.objectstore.store import BUCKET_NAME

EVENTS = named_events(
    "oss",
    {
        "ObjectCreated": "PutObject PostObject CopyObject PutSymlink AppendObject InitiateMultipartUpload UploadPart"
        " UploadPartCopy CompleteMultipartUpload *",
        "ObjectRemoved": "DeleteObject DeleteObjects AbortMultipartUpload",
        "ObjectModified": "UpdateObjectMeta",
        "ObjectReplication": "ObjectCreated ObjectModified ObjectRemoved",
    },
)
"""The names that a trigger may have: https://www.alibabacloud.com/help/en/functioncompute, "OSS triggers"."""
WHOLE_OBJECTS = (
    "oss:ObjectCreated:PutObject",
    "oss:ObjectCreated:PostObject",
    "oss:ObjectCreated:CopyObject",
    "oss:ObjectCreated:CompleteMultipartUpload",
    "oss:ObjectRemoved:DeleteObject",
    "oss:ObjectRemoved:DeleteObjects",
)
"""The events of a trigger that names none: an object that is complete has come, or an object has gone."""


@dataclass(frozen=True, slots=True)
class OssTriggerRule:
    """One native trigger."""

    changes: ChangeFilter

    @classmethod
    def parse(
        cls, bucket: str, events: Iterable[str] = WHOLE_OBJECTS, prefix: str = "", suffix: str = ""
    ) -> OssTriggerRule:
        """Return the rule. ValueError says why there cannot be such a rule."""
        if not BUCKET_NAME.fullmatch(bucket):
            raise ValueError(f"bucket: {bucket!r} is no bucket name: 3 to 63 of a-z, 0-9 and -, no - at either end")
        names = checked_events(events, EVENTS, "oss:ObjectCreated:PutObject")
        return cls(ChangeFilter(bucket, names, prefix, suffix))

    @property
    def bucket(self) -> str:
        return self.changes.bucket

    def matches(self, change: Change) -> bool:
        return self.changes.matches(change)

    @property
    def id(self) -> str:
        return hashlib.sha1(repr(self).encode(), usedforsecurity=False).hexdigest()

    def event(self, change: Change) -> bytes:
        """Return the event for the function."""
        return written({"events": [self.record(change)]})

    def record(self, change: Change) -> dict[str, object]:
        """Return what an event tells of a change. Its key is in UTF-8 and not URL-encoded."""
        at = datetime.fromtimestamp(change.at, timezone.utc)
        position = {} if change.position is None else {"position": change.position}
        return {
            "eventName": change.event,
            "eventSource": "acs:oss",
            "eventTime": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
            "eventVersion": "1.0",
            "oss": {
                "bucket": {
                    "arn": f"acs:oss:{REGION}:{ACCOUNT}:{change.bucket}",
                    "name": change.bucket,
                    "ownerIdentity": ACCOUNT,
                    "virtualBucket": "",
                },
                "object": {
                    "deltaSize": change.delta,
                    "eTag": change.etag,
                    "key": change.key,
                    "objectMeta": {"mimeType": change.mime_type, "userMeta": {}},
                    "size": change.size,
                    **position,
                },
                "ossSchemaVersion": "1.0",
                "ruleId": self.id,
            },
            "region": REGION,
            "requestParameters": {"sourceIPAddress": change.source_ip},
            "responseElements": {"requestId": change.request_id},
            "userIdentity": {"principalId": ACCOUNT},
        }


def written(event: object) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
