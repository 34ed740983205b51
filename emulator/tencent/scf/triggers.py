"""The COS trigger of a function: which changes of a bucket become events, and the form of these events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from emulator.core.parts import Change
from emulator.functions.triggers import ChangeFilter, checked_events, named_events
from emulator.tencent.account import REGION
from emulator.tencent.cos.names import BUCKETS
from emulator.tencent.scf import NAMESPACE, VERSION

REGION_CODE = "gz"
"""The name of the region in events: https://cloud.tencent.com/document/product/583/9707."""

EVENTS = named_events(
    "cos",
    {
        "ObjectCreated": "* Put Post Copy CompleteMultipartUpload Append Origin Replication",
        "ObjectRemove": "* Delete DeleteMarkerCreated",
        "ObjectRestore": "* Post Completed",
    },
)
"""The names that a trigger may have: https://cloud.tencent.com/document/product/583/9707."""
CREATED_AND_REMOVED = ("cos:ObjectCreated:*", "cos:ObjectRemove:*")
"""The events of a trigger that names none."""

KEY_ENCODINGS = ("raw", "percent")
EVENT_NAMES = ("operation", "trigger")


# Unproven encoding-of-key: The key in an event of COS is not URL-encoded; `key_encoding: percent` of a trigger turns
#   this round.
# Why: no page says whether it is.
# Ask: upload an object named "a b%2F.jpg" to a bucket with a trigger, and log cosObject.key.
@dataclass(frozen=True, slots=True)
class CosTriggerRule:
    """One native trigger of a `function`. `key_encoding` says how its events have the key: raw or percent.

    The pages show events whose name is that of the operation, and events that have the name to which the trigger is
    bound, such as cos:ObjectCreated:*. So `event_name` is operation or trigger.
    """

    function: str
    changes: ChangeFilter
    key_encoding: str = "raw"
    event_name: str = "operation"

    @classmethod
    def parse(
        cls,
        function: str,
        bucket: str,
        events: Iterable[str] = CREATED_AND_REMOVED,
        prefix: str = "",
        suffix: str = "",
        key_encoding: str = "raw",
        event_name: str = "operation",
    ) -> CosTriggerRule:
        """Return the rule. ValueError says why there cannot be such a rule."""
        if not BUCKETS.allow(bucket):
            raise ValueError(f"{bucket!r} is no bucket of COS: it ends in - and an APPID, as photos-1250000000")
        names = checked_events(events, EVENTS, "cos:ObjectCreated:Put")
        if key_encoding not in KEY_ENCODINGS:
            raise ValueError(f"key_encoding is {' or '.join(KEY_ENCODINGS)}, not {key_encoding!r}")
        if event_name not in EVENT_NAMES:
            raise ValueError(f"event_name is {' or '.join(EVENT_NAMES)}, not {event_name!r}")
        return cls(function, ChangeFilter(bucket, names, prefix, suffix), key_encoding, event_name)

    @property
    def bucket(self) -> str:
        return self.changes.bucket

    def matches(self, change: Change) -> bool:
        return self.changes.matches(change)

    def event(self, change: Change) -> bytes:
        """Return the event for the function. The signature of the change's request is left out of it."""
        name, _, appid = change.bucket.rpartition("-")
        encoded = quote(change.key, safe="/-_.~")
        key = encoded if self.key_encoding == "percent" else change.key
        meta = {"x-cos-request-id": change.request_id}
        if not change.event.startswith("ObjectRemove:"):
            meta["Content-Type"] = change.mime_type
            meta |= {name: value for name, value in change.headers.items() if name.startswith("x-cos-meta-")}
        record = {
            "cos": {
                "cosSchemaVersion": "1.0",
                "cosObject": {
                    "url": f"http://{change.bucket}.cos.{REGION}.myqcloud.com/{encoded}",
                    "meta": meta,
                    "vid": change.version,
                    "key": f"/{appid}/{name}/{key}",
                    "size": change.size,
                },
                "cosBucket": {"region": REGION_CODE, "name": name, "appid": appid},
                "cosNotificationId": "unkown",
            },
            "event": {
                "eventName": self._name(change),
                "eventVersion": "1.0",
                "eventTime": int(change.at),
                "eventSource": "qcs::cos",
                "requestParameters": {
                    "requestSourceIP": change.source_ip,
                    "requestHeaders": {"Authorization": "q-sign-algorithm=sha1"},
                },
                "eventQueue": f"qcs:0:scf:{REGION}:appid/{appid}:{NAMESPACE}.{self.function}.{VERSION}",
                "reservedInfo": "",
                "reqid": int.from_bytes(change.request_id.encode()[-4:], "big"),
            },
        }
        return json.dumps({"Records": [record]}, ensure_ascii=False, separators=(",", ":")).encode()

    def _name(self, change: Change) -> str:
        name = f"cos:{change.event}"
        if self.event_name == "operation" or name in self.changes.events:
            return name
        return f"cos:{change.event.partition(':')[0]}:*"
