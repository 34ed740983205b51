"""The OSS trigger of a function: which changes of a bucket become events, and what these look like."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from emulator.aliyun.fc import REGION
from emulator.aliyun.oss.owner import ACCOUNT
from emulator.core.parts import Change

EVENTS = frozenset(
    f"oss:{kind}:{name}"
    for kind, names in {
        "ObjectCreated": "PutObject PostObject CopyObject PutSymlink AppendObject InitiateMultipartUpload UploadPart"
        " UploadPartCopy CompleteMultipartUpload *",
        "ObjectRemoved": "DeleteObject DeleteObjects AbortMultipartUpload",
        "ObjectModified": "UpdateObjectMeta",
        "ObjectReplication": "ObjectCreated ObjectModified ObjectRemoved",
    }.items()
    for name in names.split()
)
"""Event names of a trigger's configuration: https://www.alibabacloud.com/help/en/functioncompute, "OSS triggers"."""


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """One native trigger: one bucket, one prefix, one suffix (both case-sensitive), no patterns."""

    bucket: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    @classmethod
    def parse(cls, bucket: str, events: Iterable[str], prefix: str = "", suffix: str = "") -> TriggerRule:
        """A checked rule; ValueError says what is wrong."""
        names = tuple(dict.fromkeys(events))
        if not bucket:
            raise ValueError("the trigger needs the name of a bucket")
        if not names:
            raise ValueError("the trigger needs at least one event, such as oss:ObjectCreated:PutObject")
        if unknown := [name for name in names if name not in EVENTS]:
            raise ValueError(f"no such trigger event: {', '.join(unknown)}; known are {', '.join(sorted(EVENTS))}")
        return cls(bucket, names, prefix, suffix)

    def matches(self, change: Change) -> bool:
        kind = change.event.partition(":")[0]
        return (
            change.bucket == self.bucket
            and change.key.startswith(self.prefix)
            and change.key.endswith(self.suffix)
            and not {f"oss:{change.event}", f"oss:{kind}:*"}.isdisjoint(self.events)
        )

    @property
    def id(self) -> str:
        return hashlib.sha1(repr(self).encode(), usedforsecurity=False).hexdigest()

    def event(self, change: Change) -> bytes:
        """The event as the function gets it; the key is as it is, in UTF-8, not URL-encoded."""
        at = datetime.fromtimestamp(change.at, timezone.utc)
        record = {
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
                },
                "ossSchemaVersion": "1.0",
                "ruleId": self.id,
            },
            "region": REGION,
            "requestParameters": {"sourceIPAddress": change.source_ip},
            "responseElements": {"requestId": change.request_id},
            "userIdentity": {"principalId": ACCOUNT},
        }
        return json.dumps({"events": [record]}, ensure_ascii=False, separators=(",", ":")).encode()
