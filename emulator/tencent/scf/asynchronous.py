"""The asynchronous configuration of a function, and the message that its dead-letter queue gets.

https://cloud.tencent.com/document/product/583/41138 and https://cloud.tencent.com/document/product/583/51666. The
fields are those of CreateFunction and UpdateFunctionEventInvokeConfig.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from emulator.functions.fields import FieldTypes, checked
from emulator.functions.function import Function
from emulator.functions.queue import Ended
from emulator.functions.settings import Asynchronous, Destination
from emulator.tencent.account import APPID, UIN
from emulator.tencent.scf import NAMESPACE, results

TRIGGER: FieldTypes = {"RetryConfig": list, "MsgTTL": int}
RETRY: FieldTypes = {"RetryNum": int}
DEAD_LETTER: FieldTypes = {"Type": str, "Name": str, "FilterType": str}
QUEUE = "CMQ-QUEUE"
MINUTE = 60.0
RETRIES = 2
LONGEST = 21_600
"""An event may be kept for so many seconds."""
BEIJING = timezone(timedelta(hours=8))


def waits(retries: int) -> tuple[float, ...]:
    return (MINUTE,) * retries


def parse(config: Mapping[str, Any], dead_letter: Mapping[str, Any]) -> Asynchronous:
    """Return what AsyncTriggerConfig and DeadLetterConfig say. ValueError says what is wrong with them."""
    fields = checked(config, TRIGGER, place="AsyncTriggerConfig")
    retries = [checked(entry, RETRY, ("RetryNum",), "RetryConfig") for entry in fields.get("RetryConfig", [])]
    number, age = max((entry["RetryNum"] for entry in retries), default=RETRIES), fields.get("MsgTTL")
    if not 0 <= number <= RETRIES:
        raise ValueError(f"RetryNum is 0 to {RETRIES}, not {number}")
    if age is not None and not 1 <= age <= LONGEST:
        raise ValueError(f"MsgTTL is 1 to {LONGEST} seconds, not {age}")
    return Asynchronous(waits(number), age, None, _queue(dead_letter), tasks=True)


def _queue(described: Mapping[str, Any]) -> Destination | None:
    if not described:
        return None
    fields = checked(described, DEAD_LETTER, ("Type", "Name"), "DeadLetterConfig")
    if fields["Type"] != QUEUE or fields.get("FilterType"):
        raise ValueError(f"DeadLetterConfig: the emulator has queues only: Type is {QUEUE}, and FilterType is left out")
    return Destination(fields["Name"])


def message(function: Function, event: Ended) -> bytes:
    """Return what the dead-letter queue gets: the fields of the page and, as far as it has them, its values."""
    error = results.failure(event.answer, function) or {}
    pushed = datetime.fromtimestamp(event.at, BEIJING)
    document = {
        "RequestId": event.request_id,
        "ErrorCode": -1,
        "ErrorMessage": error.get("stackTrace") or error.get("errorMessage", ""),
        "Body": {
            "AppId": int(APPID),
            "Uin": UIN,
            "SubAccountUin": UIN,
            # Unproven source-of-dead-letter: RequestSource is TRIGGER_COS for an event of COS and API for any other.
            # Why: the page shows the message for a timer only.
            # Ask: give a function that raises a dead-letter queue, upload an object to its bucket, invoke it
            #   asynchronously, and read both messages.
            "RequestSource": "TRIGGER_COS" if b'"cosSchemaVersion"' in event.payload else "API",
            "FunctionName": function.name,
            "Namespace": NAMESPACE,
            "Qualifier": "$DEFAULT",
            "InvocationType": "RequestResponse",
            "ClientContext": event.payload.decode("utf-8", "replace"),
            "LogType": "",
            "TimeStampForInvoker": str(round(event.enqueued * 1000)),
            "RequestId": event.request_id,
            "PushTime": pushed.isoformat(),
            "RetryNum": max(0, event.calls - 1),
            "Ttl": 0,
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()
