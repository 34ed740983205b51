"""A queue of failed events in memory: it keeps the promises of the real one, and has doors for what can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.failed_events import FailedEvent
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import MOST_MESSAGES

HELD = 60.0


@dataclass
class _Message:
    event: FailedEvent
    visible: float = 0.0


@dataclass
class QueueInMemory:
    """These are the FailedEvents of a queue whose time is `now`."""

    now: float = 0.0
    fails: dict[str, LabelingError] = field(default_factory=dict)
    """The calls of these names end with an error, and have no effect."""
    on_receive: Callable[[], object] = lambda: None
    """It is called each time before messages are received."""
    calls: list[str] = field(default_factory=list)
    _messages: list[_Message] = field(default_factory=list)
    _receipts: int = 0
    _sent: int = 0

    def send(self, *refs: ObjectRef, faults: tuple[str, ...] = (), function: str = "imagelabels") -> str:
        """Put a message into the queue, and return its id."""
        self._sent += 1
        message_id = f"M{self._sent}"
        self._messages.append(_Message(FailedEvent(message_id, function, refs, faults)))
        return message_id

    @property
    def ids(self) -> list[str]:
        """Return the ids of all messages that are in the queue, held or not."""
        return [message.event.message_id for message in self._messages]

    @property
    def free(self) -> list[str]:
        """Return the ids of the messages that nobody holds."""
        return [message.event.message_id for message in self._messages if message.visible <= self.now]

    def peek(self) -> list[FailedEvent]:
        self._call("peek")
        return [replace(message.event, receipt="") for message in self._first()]

    def receive(self) -> list[FailedEvent]:
        self.on_receive()
        self._call("receive")
        received = self._first()
        for message in received:
            self._receipts += 1
            message.event = replace(message.event, receipt=f"R{self._receipts}")
            message.visible = self.now + HELD
        return [message.event for message in received]

    def delete(self, event: FailedEvent) -> bool:
        self._call("delete")
        held = self._held(event)
        if held is not None:
            self._messages.remove(held)
        return held is not None

    def give_back(self, event: FailedEvent) -> None:
        self._call("give_back")
        if (held := self._held(event)) is not None:
            held.visible = self.now

    def _first(self) -> list[_Message]:
        return [message for message in self._messages if message.visible <= self.now][:MOST_MESSAGES]

    def _held(self, event: FailedEvent) -> _Message | None:
        mine = [message for message in self._messages if message.event.receipt == event.receipt != ""]
        return next((message for message in mine if message.visible > self.now), None)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name in self.fails:
            raise self.fails[name]
