"""The documents of Simple Message Queue: what requests bring, and what answers hold."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from emulator.aliyun.smq import errors
from emulator.aliyun.smq.queues import Queue, QueueMessage
from emulator.core.refusal import Refusal
from emulator.objectstore import xml

NAMESPACE = "http://mns.aliyuncs.com/doc/v1/"
LARGEST_MESSAGE = 65_536
"""A message has so many bytes at most: https://www.alibabacloud.com/help/doc-detail/128343.htm."""
LONGEST_DELAY = 604_800
RETENTION = 604_800


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a client sends."""

    body: bytes
    delay: int
    priority: int


def sent(body: bytes) -> tuple[list[Sent], bool]:
    """Return the messages that a request sends, and whether it is the form for several."""
    root = _parsed(body)
    several = root.tag == _named("Messages")
    nodes = list(root) if several else [root]
    if not all(node.tag == _named("Message") for node in nodes):
        raise Refusal("MalformedXML")
    _check_count(len(nodes))
    return [_sent(node) for node in nodes], several


def receipt_handles(body: bytes) -> list[str]:
    """Return the handles of the messages that a request deletes."""
    root = _parsed(body)
    if root.tag != _named("ReceiptHandles"):
        raise Refusal("MalformedXML")
    handles = [node.text or "" for node in root.iter(_named("ReceiptHandle"))]
    _check_count(len(handles))
    return handles


def number(params: Mapping[str, str], name: str, low: int, high: int, default: int) -> int:
    """Return the whole number that a parameter has, or the default if there is no such parameter."""
    value = params.get(name.lower())
    if value is None:
        return default
    if not (re.fullmatch("[0-9]{1,9}", value) and low <= int(value) <= high):
        raise errors.out_of_range(name, low, high)
    return int(value)


def of_received(message: QueueMessage) -> str:
    """Return the document of a message that was received."""
    more = (("ReceiptHandle", message.handle), ("NextVisibleTime", _milliseconds(message.kept.visible)))
    return _message(message, more)


def of_peeked(message: QueueMessage) -> str:
    """Return the document of a message that was only looked at."""
    return _message(message, ())


def of_sent(message: QueueMessage) -> str:
    """Return the document that tells of a message that was sent."""
    return _element("Message", (("MessageId", message.message_id), ("MessageBodyMD5", _md5(message.kept.body))))


def of_hidden(message: QueueMessage) -> bytes:
    """Return the document that tells until when a message is hidden."""
    values = (("ReceiptHandle", message.handle), ("NextVisibleTime", _milliseconds(message.kept.visible)))
    return document(_element("ChangeVisibility", values))


def of_queue(queue: Queue) -> bytes:
    """Return the attributes of a queue. Those that the emulator does not let anybody set are a new queue's own."""
    active, inactive, delayed = queue.counts()
    values = {
        "QueueName": queue.name,
        "CreateTime": "0",
        "LastModifyTime": "0",
        "VisibilityTimeout": str(round(queue.visibility)),
        "MaximumMessageSize": str(LARGEST_MESSAGE),
        "MessageRetentionPeriod": str(RETENTION),
        "DelaySeconds": "0",
        "PollingWaitSeconds": "0",
        "ActiveMessages": str(active),
        "InactiveMessages": str(inactive),
        "DelayMessages": str(delayed),
        "LoggingEnabled": "False",
    }
    return document(_element("Queue", values.items()))


def of_refusal(code: str, message: str, request_id: str, host: str) -> bytes:
    values = (("Code", code), ("Message", xml.readable(message)), ("RequestId", request_id), ("HostId", host))
    return document(_element("Error", values))


def of_undeleted(refused: Sequence[tuple[str, Refusal]]) -> bytes:
    """Return the document that tells which messages were not deleted."""
    each = (
        _element(
            "Error",
            (
                ("ErrorCode", refusal.code),
                ("ErrorMessage", errors.TABLE.message(refusal)),
                ("ReceiptHandle", xml.readable(handle)),
            ),
        )
        for handle, refusal in refused
    )
    return document(xml.element("Errors", *each))


def document(text: str) -> bytes:
    """Return the document with a root element, which gets the namespace."""
    name, rest = text[1:].split(">", 1)
    return xml.HEAD + f'<{name} xmlns="{NAMESPACE}">{rest}'.encode()


def several(messages: Iterable[str]) -> bytes:
    return document(xml.element("Messages", *messages))


def _message(message: QueueMessage, more: Iterable[tuple[str, str]]) -> str:
    kept = message.kept
    values = (
        ("MessageId", message.message_id),
        ("MessageBodyMD5", _md5(kept.body)),
        ("MessageBody", xml.readable(kept.body.decode("utf-8", "replace"))),
        ("EnqueueTime", _milliseconds(kept.sent)),
        ("FirstDequeueTime", _milliseconds(kept.first_received or kept.sent)),
        ("DequeueCount", str(kept.received)),
        ("Priority", str(kept.priority)),
        *more,
    )
    return _element("Message", values)


def _element(name: str, values: Iterable[tuple[str, str]]) -> str:
    return xml.element(name, *(xml.text(each, value) for each, value in values))


def _sent(node: ElementTree.Element) -> Sent:
    values = {child.tag.rpartition("}")[2].lower(): child.text or "" for child in node}
    body = values.get("messagebody", "").encode()
    if not 1 <= len(body) <= LARGEST_MESSAGE:
        raise errors.out_of_range("MessageBody", 1, LARGEST_MESSAGE)
    delay = number(values, "DelaySeconds", 0, LONGEST_DELAY, 0)
    return Sent(body, delay, number(values, "Priority", 1, 16, 8))


def _parsed(body: bytes) -> ElementTree.Element:
    text = body.decode("utf-8", "replace")
    if "<!" in text:
        raise Refusal("MalformedXML")
    try:
        return ElementTree.fromstring(text.encode())
    except ElementTree.ParseError:
        raise Refusal("MalformedXML") from None


def _check_count(count: int) -> None:
    if not errors.LEAST_MESSAGES <= count <= errors.MOST_MESSAGES:
        raise errors.out_of_range("the number of messages", errors.LEAST_MESSAGES, errors.MOST_MESSAGES)


def _named(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest().upper()


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
