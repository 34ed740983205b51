"""The trigger by which EventBridge calls a function for the events of OSS.

The function gets one event for each invocation. In this mode, which the vendor calls event-driven and which is the only
one that has OSS as its source, batches cannot be set:
https://help.aliyun.com/zh/functioncompute/fc/developer-reference/api-fc-2023-03-30-struct-runoptions
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timezone

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc.triggers import OssTriggerRule, written
from emulator.core.parts import Change

CLOUD_EVENTS, RAW_DATA = "CloudEvents", "RawData"
SCHEMAS = (CLOUD_EVENTS, RAW_DATA)
"""The whole event, or its data alone:
https://help.aliyun.com/zh/functioncompute/api-fc-2023-03-30-struct-deliveryoption."""


@dataclass(frozen=True, slots=True)
class EventBridgeRule:
    """It takes the changes that a native trigger would take, and makes another event of each."""

    native: OssTriggerRule
    schema: str = CLOUD_EVENTS

    def __post_init__(self) -> None:
        if self.schema not in SCHEMAS:
            raise ValueError(f"eventSchema is {' or '.join(SCHEMAS)}, not {self.schema!r}")

    @property
    def bucket(self) -> str:
        return self.native.bucket

    def matches(self, change: Change) -> bool:
        return self.native.matches(change)

    def event(self, change: Change) -> bytes:
        """Return the event for the function."""
        # Unproven data-of-oss-event: `data` of an event of EventBridge is the record of a native trigger.
        # Why: the page of the events of OSS lists their types and shows no data.
        # Ask: send the events of a bucket through EventBridge to a function, upload an object, and log the event.
        record = self.native.record(change)
        return written(record if self.schema == RAW_DATA else cloud_event(change, record))


def cloud_event(change: Change, record: dict[str, object]) -> dict[str, object]:
    """Return the event with the attributes of the vendor's sample: https://help.aliyun.com/document_detail/2513567.html."""
    published = datetime.now(timezone.utc)
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{change.request_id}/{change.bucket}/{change.key}/{change.event}")),
        "source": "acs.oss",
        "specversion": "1.0",
        "type": f"oss:{change.event}",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": f"acs:oss:{REGION}:{ACCOUNT}:{change.bucket}/{change.key}",
        "time": record["eventTime"],
        "aliyunaccountid": ACCOUNT,
        "aliyuneventbusname": "default",
        "aliyunpublishtime": f"{published:%Y-%m-%dT%H:%M:%S}.{published.microsecond // 1000:03d}Z",
        "aliyunregionid": REGION,
        "data": record,
    }


def rule(native: OssTriggerRule, schema: str | None, batch: object) -> OssTriggerRule | EventBridgeRule:
    """Return the native rule, or the one of EventBridge if the trigger has a schema."""
    if batch is not None:
        raise ValueError(
            "batchWindow cannot be set: EventBridge gives a function each event of OSS by itself, and has batches for"
            " streams of other services only"
        )
    return native if schema is None else EventBridgeRule(native, schema)
