"""The queue of Simple Message Queue to which Function Compute sends the events whose last delivery failed.

https://www.alibabacloud.com/help/en/functioncompute/fc/user-guide/result-callback shows the message.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

from imagelabels.domain.calls import Call
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.failed_events import FailedEvent
from imagelabels.ports.failed_events import MOST_MESSAGES
from imagelabels.providers.aliyun import events
from imagelabels.providers.aliyun.smq import failures
from imagelabels.providers.aliyun.smq.client import Smq, name_of, text_of

NAME = "[A-Za-z][A-Za-z0-9-]{0,119}"
WAIT = 1
"""The service waits for so many seconds before it says that there is no message: one may just be on its way."""
FUNCTION = r"functions/(?:[\w-]+\$)?([\w-]+)"
GONE = frozenset({"MessageNotExist", "ReceiptHandleError"})
EMPTY = frozenset({"MessageNotExist"})
SOON = "1"
"""A message that is given back can be received after so many seconds, the least that the service takes."""


class SmqFailedEvents:
    """These are the FailedEvents of one queue."""

    def __init__(self, smq: Smq, queue: str) -> None:
        if not re.fullmatch(NAME, queue, re.ASCII):
            raise Misconfigured(
                f"{queue!r} is no name of a queue: write what stands behind /queues/ in its address, as "
                "imagelabels-failures"
            )
        self._smq, self._queue = smq, queue

    def peek(self) -> list[FailedEvent]:
        params = {"peekonly": "true", "numOfMessages": str(MOST_MESSAGES)}
        return self._read("BatchPeekMessage", params)

    def receive(self) -> list[FailedEvent]:
        params = {"numOfMessages": str(MOST_MESSAGES), "waitseconds": str(WAIT)}
        return self._read("BatchReceiveMessage", params, WAIT)

    def delete(self, event: FailedEvent) -> bool:
        params = {"ReceiptHandle": event.receipt}
        return not self._smq.ask("DeleteMessage", "DELETE", self._queue, params, GONE)[0]

    def give_back(self, event: FailedEvent) -> None:
        params = {"receiptHandle": event.receipt, "visibilityTimeout": SOON}
        self._smq.ask("ChangeMessageVisibility", "PUT", self._queue, params, GONE)

    def _read(self, operation: str, params: Mapping[str, str], wait: float = 0.0) -> list[FailedEvent]:
        """Ask for messages, and read them. Another document, which somebody else may have sent, is no empty queue."""
        code, document = self._smq.ask(operation, "GET", self._queue, params, EMPTY, wait)
        if code:
            return []
        if document is None or name_of(document) != "Messages":
            call = Call(operation, f"mns:{operation}", self._queue)
            raise failures.raised_for(failures.ANSWER, call, ("it has no messages",))
        return [_event(node) for node in document if name_of(node) == "Message"]


def _event(node: ElementTree.Element) -> FailedEvent:
    message_id, receipt = text_of(node, "MessageId"), text_of(node, "ReceiptHandle")
    message = _message(text_of(node, "MessageBody"))
    if message is None or not isinstance(message.get("requestPayload"), str | dict | list):
        fault = "it is no message of Function Compute about an event, which has a requestPayload"
        return FailedEvent(message_id, "", faults=(fault,), receipt=receipt)
    changes, bad = events.changes(message["requestPayload"])
    refs = tuple(dict.fromkeys(change.ref for change in changes))
    faults = tuple(str(error) for error in bad)
    return FailedEvent(message_id, _function(message.get("requestContext")), refs, faults, receipt)


def _function(context: object) -> str:
    """Return the name of the function that failed. A version or an alias may stand behind it, and a service of Function
    Compute 2.0 before it."""
    arn = context.get("functionArn") if isinstance(context, Mapping) else None
    found = re.search(FUNCTION, arn, re.ASCII) if isinstance(arn, str) else None
    return found[1] if found else ""


def _message(body: str) -> Mapping[str, Any] | None:
    """Read the JSON object of a message, which may be written in Base64 as by the vendor's clients; None if the body
    is none."""
    texts = [body]
    with suppress(ValueError):
        texts.append(base64.b64decode(body, validate=True).decode())
    for text in texts:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(message, Mapping):
            return message
    return None
