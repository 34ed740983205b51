"""This module lists the queues that must pass the contract suite of FailedEvents.

A contract.py in a folder beside this one adds more of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mns.queue import Message

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import FailedEvents
from imagelabels.providers.aliyun import write_event
from imagelabels.providers.aliyun.credentials import AliyunCredentials, AliyunKeys
from imagelabels.providers.aliyun.smq.client import Smq
from imagelabels.providers.aliyun.smq.failed_events import SmqFailedEvents
from tests.contract.world import elsewhere
from tests.emulator.aliyun.smq.running import Clock, failing, queue_of
from tests.emulator.invoking import running_functions
from tests.emulator.running import ROOT
from tests.failed_events import HELD, QueueInMemory


@dataclass(frozen=True)
class QueueWorld:
    """A queue as we see it, and what its users and its clock do."""

    queue: FailedEvents
    send: Callable[[list[ObjectRef]], object]
    """Puts a message about an event with these objects into the queue."""
    wait: Callable[[float], None]
    """Lets so many seconds pass for the queue."""
    held: float
    """A message is held for so many seconds."""
    others: Callable[[], FailedEvents]
    """Opens the queue with the id of the good key and another secret, and raises what its first call would raise."""


@contextmanager
def smq(folder: Path) -> Iterator[QueueWorld]:
    clock = Clock()
    with running_functions(folder, failing(folder), queue_clock=clock) as running:
        clients = [
            Smq(running.endpoint, AliyunCredentials(AliyunKeys(ROOT.id, word))) for word in ("emulator", "wrong")
        ]

        def send(refs: list[ObjectRef]) -> None:
            body = {
                "requestContext": {"functionArn": "acs:fc:cn-hangzhou:1000000000000000:functions/label"},
                "requestPayload": write_event(refs).decode() if refs else '{"events": []}',
            }
            with queue_of(running) as queue:
                queue.send_message(Message(json.dumps(body, ensure_ascii=False)))

        def wait(seconds: float) -> None:
            clock.ahead += seconds

        try:
            opened, other = (SmqFailedEvents(client, "failures") for client in clients)
            yield QueueWorld(opened, send, wait, 30.0, lambda: other)
        finally:
            for client in clients:
                client.close()


@contextmanager
def memory(folder: Path) -> Iterator[QueueWorld]:
    queue, refused = QueueInMemory(), QueueInMemory()
    refused.fails = dict.fromkeys(("peek", "receive", "delete", "give_back"), Misconfigured("wrong secret"))

    def wait(seconds: float) -> None:
        queue.now += seconds

    yield QueueWorld(queue, lambda refs: queue.send(*refs, function="label"), wait, HELD, lambda: refused)


QUEUES: dict[str, Callable[[Path], AbstractContextManager[QueueWorld]]] = {
    "smq": smq,
    "memory": memory,
    **elsewhere("QUEUES"),
}
