"""The vendor's unmodified client of Simple Message Queue, and a function whose failures go to a queue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from mns.account import Account
from mns.mns_exception import MNSServerException

from emulator.core.parts import Key
from emulator.functions.deployment import Deployed
from emulator.functions.settings import Asynchronous, Destination, Settings
from tests.emulator.invoking import RunningFunctions, deployed
from tests.emulator.running import ROOT

QUEUE = "acs:mns:cn-hangzhou:1000000000000000:/queues/failures/messages"


class Clock:
    """The time of messages, which stands still unless a test moves it. It is later than the real time, by which
    messages are sent."""

    def __init__(self) -> None:
        self._start, self.ahead = time.time() + 3600, 0.0

    def __call__(self) -> float:
        return self._start + self.ahead


def failing(folder: Path, name: str = "label", queue: str = QUEUE) -> Deployed:
    """Return a function that sends each event that makes it raise to a queue, at once."""
    to_queue = Asynchronous((), on_failure=Destination(queue))
    return deployed(folder, name, settings=Settings(asynchronous=to_queue))


@contextmanager
def queue_of(running: RunningFunctions, name: str = "failures", key: Key = ROOT, base64: bool = False) -> Iterator[Any]:
    """Yield the client's queue. Function Compute writes messages without Base64."""
    account = Account(running.endpoint, key.id, key.secret, key.token or "")
    queue = account.get_queue(name)
    queue.set_encoding(base64)
    try:
        yield queue
    finally:
        account.mns_client.close_connection()


def fail(running: RunningFunctions, text: str, name: str = "label") -> None:
    """Let the function fail on an event, and wait until the message is in the queue."""
    running.fc3(name, {"raise": text}, x_fc_invocation_type="Async")
    running.settle(name)


def raised(message: Any) -> str:
    """Return the text with which the function failed, by its message."""
    document = json.loads(message.message_body)
    text: str = json.loads(document["requestPayload"])["raise"]
    return text


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(MNSServerException) as caught:
        yield
    assert caught.value.type == code


def by_hand(
    running: RunningFunctions,
    method: str = "GET",
    target: str = "/queues/failures/messages",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, bytes]:
    """Send a request that is signed, and that the client itself would not send. The headers take the place of its
    own."""
    status, _, answer = running.raw(method, target, signed(method, target, headers), body)
    return status, answer


def signed(method: str, target: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the headers of a request with its signature."""
    sent = {"Date": formatdate(time.time(), usegmt=True), "x-mns-version": "2015-06-06", **(headers or {})}
    lower = {name.lower(): value for name, value in sent.items()}
    lines = [method, *(lower.get(name, "") for name in ("content-md5", "content-type", "date"))]
    named = [f"{name}:{lower[name]}" for name in sorted(lower) if name.startswith("x-mns-")]
    text = "\n".join([*lines, *named, target])
    digest = base64.b64encode(hmac.new(ROOT.secret.encode(), text.encode(), hashlib.sha1).digest()).decode()
    sent.setdefault("Authorization", f"MNS {ROOT.id}:{digest}")
    return sent
