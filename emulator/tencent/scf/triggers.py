"""The COS trigger of a function: which changes of a bucket become events, and what these look like."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from emulator.core.parts import Change
from emulator.tencent.cos import REGION
from emulator.tencent.cos import names as cos_names
from emulator.tencent.scf import NAMESPACE, VERSION

REGION_CODE = "gz"
"""Events name the region so: https://cloud.tencent.com/document/product/583/9707."""

EVENTS = frozenset(
    f"cos:{kind}:{name}"
    for kind, names in {
        "ObjectCreated": "* Put Post Copy CompleteMultipartUpload Append Origin Replication",
        "ObjectRemove": "* Delete DeleteMarkerCreated",
        "ObjectRestore": "* Post Completed",
    }.items()
    for name in names.split()
)
"""Event names of a trigger's configuration: https://cloud.tencent.com/document/product/583/9707."""

KEY_ENCODINGS = ("raw", "percent")


@dataclass(frozen=True, slots=True)
class TriggerRule:
    """One native trigger: one bucket, one prefix, one suffix (both case-sensitive), no patterns.

    No page says whether the key in an event is URL-encoded: `key_encoding` is raw or percent.
    """

    function: str
    bucket: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""
    key_encoding: str = "raw"

    @classmethod
    def parse(
        cls,
        function: str,
        bucket: str,
        events: Iterable[str],
        prefix: str = "",
        suffix: str = "",
        key_encoding: str = "raw",
    ) -> TriggerRule:
        """A checked rule; ValueError says what is wrong."""
        names = tuple(dict.fromkeys(events))
        if not cos_names.bucket(bucket):
            raise ValueError(f"{bucket!r} is no bucket of COS: it ends in - and an APPID, as photos-1250000000")
        if not names:
            raise ValueError("the trigger needs at least one event, such as cos:ObjectCreated:Put")
        if unknown := [name for name in names if name not in EVENTS]:
            raise ValueError(f"no such trigger event: {', '.join(unknown)}; known are {', '.join(sorted(EVENTS))}")
        if key_encoding not in KEY_ENCODINGS:
            raise ValueError(f"key_encoding is {' or '.join(KEY_ENCODINGS)}, not {key_encoding!r}")
        return cls(function, bucket, names, prefix, suffix, key_encoding)

    def matches(self, change: Change) -> bool:
        kind = change.event.partition(":")[0]
        return (
            change.bucket == self.bucket
            and change.key.startswith(self.prefix)
            and change.key.endswith(self.suffix)
            and not {f"cos:{change.event}", f"cos:{kind}:*"}.isdisjoint(self.events)
        )

    def event(self, change: Change) -> bytes:
        """The event as the function gets it. A signature is not handed on."""
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
                    "vid": "",
                    "key": f"/{appid}/{name}/{key}",
                    "size": change.size,
                },
                "cosBucket": {"region": REGION_CODE, "name": name, "appid": appid},
                "cosNotificationId": "unkown",
            },
            "event": {
                "eventName": f"cos:{change.event}",
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
