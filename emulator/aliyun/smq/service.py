"""The service Simple Message Queue: it checks who calls, finds the operation, and turns whatever happens into an
answer."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiohttp import web

from emulator.aliyun.account import REGION
from emulator.aliyun.smq import errors, forms
from emulator.aliyun.smq.auth import SmqGate, check_body
from emulator.aliyun.smq.queues import VISIBILITY, Queue, QueueMessage, Queues
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.http_request import HttpRequest, read_body, received
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.functions.running import RunningFunction

VERSION = "2015-06-06"
PATH = re.compile("/queues/([^/]+)(/messages)?")
LARGEST_BODY = errors.MOST_MESSAGES * 2 * forms.LARGEST_MESSAGE
"""The body of a request has so many bytes at most: its messages may be written as references."""
LONGEST_WAIT = 30
LONGEST_HIDDEN = 43_200
LOOK_AGAIN = 0.1
"""A request that waits for a message looks again after so many seconds."""
OPERATIONS = {
    "BatchDeleteMessage": ("DELETE /queues/NAME/messages", ()),
    "BatchPeekMessage": ("GET /queues/NAME/messages?peekonly&numOfMessages", ("numOfMessages", "peekonly")),
    "BatchReceiveMessage": ("GET /queues/NAME/messages?numOfMessages", ("numOfMessages", "waitseconds")),
    "BatchSendMessage": ("POST /queues/NAME/messages", ()),
    "ChangeMessageVisibility": (
        "PUT /queues/NAME/messages?receiptHandle&visibilityTimeout",
        ("receiptHandle", "visibilityTimeout"),
    ),
    "DeleteMessage": ("DELETE /queues/NAME/messages?ReceiptHandle", ("ReceiptHandle",)),
    "GetQueueAttributes": ("GET /queues/NAME", ()),
    "PeekMessage": ("GET /queues/NAME/messages?peekonly", ("peekonly",)),
    "ReceiveMessage": ("GET /queues/NAME/messages", ("waitseconds",)),
    "SendMessage": ("POST /queues/NAME/messages", ()),
}
"""The request of each operation, and the parameters that it knows. Their names may be written in any case, since the
vendor's pages and its client write them differently."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    operation: str
    queue: str
    params: dict[str, str]
    """The parameters by their names in lower case."""
    body: bytes


class SimpleMessageQueueService:
    """The endpoint of Simple Message Queue. It has the queues that are destinations of `functions`.

    `clock` tells the time of messages, and `real_time` that of signatures. A message that was received is hidden for
    `visibility` seconds.
    """

    host_names = ""

    def __init__(
        self,
        functions: Sequence[RunningFunction],
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
        real_time: Callable[[], float] = time.time,
        visibility: float = VISIBILITY,
    ) -> None:
        self._queues, self._gate = Queues(functions, clock, visibility), SmqGate(keyring, real_time)

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take what has the service's version or its signature. Its paths may be those of a bucket, too."""
        signed = request.headers.get("Authorization", "").startswith("MNS ")
        return not host.label and (signed or "x-mns-version" in request.headers)

    async def answer(self, request: web.Request, host: Host) -> web.Response:
        path, asked = received(request, secrets.token_hex(12).upper())
        request_id = asked.request_id
        request_log.note("SMQ", lambda: path, request_id)
        headers = {"x-mns-request-id": request_id, "x-mns-version": VERSION, "Content-Type": "text/xml;charset=utf-8"}
        try:
            status, body = await self._answer(asked, path)
        except Refusal as refusal:
            status, body = _refused(refusal, request_id)
        except Exception:  # A fault of ours is answered as the service answers one of its own, and the log tells it.
            log.exception("%s failed, request id %s", path, request_id)
            status, body = _refused(Refusal("InternalError"), request_id)
        return web.Response(status=status, headers=headers, body=body)

    async def _answer(self, request: HttpRequest, path: str) -> tuple[int, bytes]:
        target = request.request.raw_path
        self._gate.check(request, target)
        if request.header("x-mns-version") != VERSION:
            raise Refusal("InvalidArgument", f"The version of the API is {VERSION}.")
        found = PATH.fullmatch(path)
        if found is None:
            raise Refusal("InvalidRequestURL", f"The emulator does not have this: {request.method} {path[:200]}")
        too_large = Refusal("InvalidArgument", f"The body has more than {LARGEST_BODY} bytes.")
        incomplete = Refusal("InvalidArgument", "The body ended before its length was reached.")
        body = await read_body(request.request, LARGEST_BODY, too_large, incomplete)
        check_body(request, body)
        asked = _asked(request, found, body)
        OPERATION.set(f"SMQ {asked.operation}")
        await admitted("", asked.queue, lambda: self._gate.check(request, target), "QpsLimitExceeded")
        return await _done(self._queues.find(asked.queue), asked)


def _asked(request: HttpRequest, found: re.Match[str], body: bytes) -> _Asked:
    """Return what a request asks for; a Refusal names the operation or the parameter that is not there."""
    params = {name.lower(): value for name, value in request.params}
    operation = _operation(request.method, found[2] is not None, params, body)
    if unknown := params.keys() - {name.lower() for name in OPERATIONS[operation][1]}:
        raise Refusal("InvalidQueryString", f"{operation} of the emulator has no parameter {min(unknown)[:100]}.")
    return _Asked(operation, found[1], params, body)


def _operation(method: str, of_messages: bool, params: dict[str, str], body: bytes) -> str:
    if not of_messages:
        if method != "GET":
            raise Refusal("InvalidRequestURL", f"The emulator does not have this: {method} of a queue.")
        return "GetQueueAttributes"
    batch = "Batch" if "numofmessages" in params else ""
    if method == "GET":
        return f"{batch}PeekMessage" if params.get("peekonly") == "true" else f"{batch}ReceiveMessage"
    if method == "DELETE":
        return "BatchDeleteMessage" if body else "DeleteMessage"
    if method == "PUT":
        return "ChangeMessageVisibility"
    if method == "POST":
        return "BatchSendMessage" if b"<Messages" in body else "SendMessage"
    raise Refusal("InvalidRequestURL", f"The emulator does not have this: {method} of messages.")


async def _done(queue: Queue, asked: _Asked) -> tuple[int, bytes]:
    """Do what was asked for, and return status and body of the answer."""
    if asked.operation == "GetQueueAttributes":
        return 200, forms.of_queue(queue)
    if asked.operation in ("SendMessage", "BatchSendMessage"):
        messages, is_batch = forms.sent(asked.body)
        kept = [forms.of_sent(queue.send(each.body, each.delay, each.priority)) for each in messages]
        return 201, forms.several(kept) if is_batch else forms.document(kept[0])
    if asked.operation == "BatchDeleteMessage":
        return _batch_deleted(queue, forms.receipt_handles(asked.body))
    if asked.operation in ("DeleteMessage", "ChangeMessageVisibility"):
        return _changed(queue, asked)
    return await _read(queue, asked)


async def _read(queue: Queue, asked: _Asked) -> tuple[int, bytes]:
    """Receive messages, or look at them."""
    most = forms.number(asked.params, "numOfMessages", errors.LEAST_MESSAGES, errors.MOST_MESSAGES, 1)
    if asked.operation.endswith("PeekMessage"):
        documents = [forms.of_peeked(message) for message in queue.peek(most)]
    else:
        wait = forms.number(asked.params, "waitseconds", 0, LONGEST_WAIT, 0)
        documents = [forms.of_received(message) for message in await _received(queue, most, wait)]
    if not documents:
        raise Refusal("MessageNotExist")
    return 200, forms.several(documents) if asked.operation.startswith("Batch") else forms.document(documents[0])


async def _received(queue: Queue, most: int, wait: int) -> Sequence[QueueMessage]:
    """Receive messages, and wait for one if there is none."""
    until = time.monotonic() + wait
    while not (found := queue.receive(most)) and time.monotonic() < until:
        await asyncio.sleep(LOOK_AGAIN)
    return found


def _changed(queue: Queue, asked: _Asked) -> tuple[int, bytes]:
    """Delete or hide the message that was received with a handle."""
    handle = asked.params.get("receipthandle")
    if not handle:
        raise Refusal("MissingReceiptHandle")
    if asked.operation == "DeleteMessage":
        queue.delete(handle)
        return 204, b""
    if "visibilitytimeout" not in asked.params:
        raise Refusal("MissingVisibilityTimeout")
    seconds = forms.number(asked.params, "VisibilityTimeout", 1, LONGEST_HIDDEN, 0)
    return 200, forms.of_hidden(queue.hide(handle, seconds))


def _batch_deleted(queue: Queue, handles: Sequence[str]) -> tuple[int, bytes]:
    refused = []
    for handle in handles:
        try:
            queue.delete(handle)
        except Refusal as refusal:
            refused.append((handle, refusal))
    return (404, forms.of_undeleted(refused)) if refused else (204, b"")


def _refused(refusal: Refusal, request_id: str) -> tuple[int, bytes]:
    """Return the status and the body with which a request is refused."""
    message = errors.TABLE.message(refusal)
    request_log.note_refusal(refusal, message)
    host = f"mns.{REGION}.aliyuncs.com"
    return errors.TABLE.status(refusal), forms.of_refusal(refusal.code, message, request_id, host)
