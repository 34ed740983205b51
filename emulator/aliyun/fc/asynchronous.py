"""The asynchronous configuration of a function, and the message that its destinations get.

https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/result-callback and, for the fields,
https://www.alibabacloud.com/help/en/ros/developer-reference/aliyun-fc3-asyncinvokeconfig
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from emulator.aliyun.account import ACCOUNT, REGION
from emulator.functions.fields import FieldTypes, checked
from emulator.functions.function import Function
from emulator.functions.queue import Ended
from emulator.functions.settings import Asynchronous, Destination

FIELDS: FieldTypes = {
    "maxAsyncRetryAttempts": int,
    "maxAsyncEventAgeInSeconds": int,
    "destinationConfig": dict,
    "asyncTask": bool,
}
DESTINATIONS: FieldTypes = {"onSuccess": dict, "onFailure": dict}
RETRIES, MOST_RETRIES = 3, 8
LONGEST = 604_800
"""An event may be kept for so many seconds."""
FUNCTION = re.compile(r"acs:fc:[^:]*:[^:]*:(?:services/[^/]+/)?functions/([^/]+)(?:/[^/]+)?")
QUEUE = re.compile(r"acs:mns:[^:]*:[^:]*:/queues/([^/]+)/messages")


# Unproven waits-of-retries: A failed asynchronous invocation is tried again after 1, 2, 4 and so on seconds.
# Why: no page has the waits for errors of a function.
# Ask: invoke a function that always raises asynchronously, and read the times of its invocations in the log.
def waits(retries: int) -> tuple[float, ...]:
    """Return the seconds before each retry."""
    return tuple(2.0**number for number in range(retries))


def parse(fields: Mapping[str, Any]) -> Asynchronous:
    """Return what `asyncInvokeConfig` says. ValueError says what is wrong with it."""
    named = checked(fields, FIELDS, place="asyncInvokeConfig")
    retries, age = named.get("maxAsyncRetryAttempts", RETRIES), named.get("maxAsyncEventAgeInSeconds")
    if not 0 <= retries <= MOST_RETRIES:
        raise ValueError(f"maxAsyncRetryAttempts is 0 to {MOST_RETRIES}, not {retries}")
    if age is not None and not 1 <= age <= LONGEST:
        raise ValueError(f"maxAsyncEventAgeInSeconds is 1 to {LONGEST}, not {age}")
    places = checked(named.get("destinationConfig", {}), DESTINATIONS, place="destinationConfig")
    on_success, on_failure = (_destination(places.get(name), name) for name in DESTINATIONS)
    return Asynchronous(waits(retries), age, on_success, on_failure, named.get("asyncTask", False))


def _destination(described: Any, name: str) -> Destination | None:
    if described is None:
        return None
    written = checked(described, {"destination": str}, place=name).get("destination", "")
    if function := FUNCTION.fullmatch(written):
        return Destination(written, function.group(1))
    if QUEUE.fullmatch(written):
        return Destination(written)
    raise ValueError(
        f"{name}: the emulator's destinations are functions (acs:fc:REGION:ACCOUNT:functions/NAME) and queues of"
        f" Simple Message Queue (acs:mns:REGION:ACCOUNT:/queues/NAME/messages), not {written[:200]!r}"
    )


def message(function: Function, event: Ended) -> bytes:
    """Return what a destination gets. The page has the fields."""
    # Unproven message-of-fc-destination: `condition` and `functionError` have the error type, and `timestamp` is a
    #   number of milliseconds.
    # Why: no page shows the first two after a failure, and one page shows the last as text (2020-08-20T12:00:00.000Z).
    # Ask: set onFailure to a queue, invoke a function that raises asynchronously, and read the message.
    error_type = event.answer.error_type or ""
    document = {
        "timestamp": round(event.at * 1000),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": f"acs:fc:{REGION}:{ACCOUNT}:functions/{function.name}",
            "condition": error_type,
            "approximateInvokeCount": event.calls,
        },
        "requestPayload": event.payload.decode("utf-8", "replace"),
        "responseContext": {"statusCode": 200, "functionError": error_type},
        "responsePayload": event.answer.body.decode("utf-8", "replace"),
    }
    # Unproven body-of-fc-destination: The body of a message in a queue is the JSON itself, not Base64 of it.
    # Why: no page shows the message as a client of the queue receives it. Clients of the queue write Base64 by default.
    # Ask: set onFailure to a queue, invoke a function that raises asynchronously, and receive the message as XML.
    text = json.dumps(document, ensure_ascii=False)
    # The message is handed out in XML, which cannot hold these two characters.
    return text.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff").encode()
