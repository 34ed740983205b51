"""Finds the queues that are destinations of functions, and the messages in them.

A queue is not made by anybody: it is there as soon as a function names it. Its messages lie with those functions, and
several functions may name the same queue.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from emulator.aliyun.fc.asynchronous import QUEUE
from emulator.core.refusal import Refusal
from emulator.functions.messages import Kept, Message, Messages
from emulator.functions.running import RunningFunction

CLOUD = "aliyun"
NAME = re.compile("[A-Za-z][A-Za-z0-9-]{0,119}")
VISIBILITY = 30.0
"""A message that was received is hidden for so many seconds, unless the emulator's user says otherwise. A new queue of
the service has this value."""


@dataclass(frozen=True, slots=True)
class QueueMessage:
    """A message, and the function with which it lies."""

    function: str
    kept: Kept

    @property
    def message_id(self) -> str:
        return hashlib.md5(f"{self.function}:{self.kept.number}".encode(), usedforsecurity=False).hexdigest().upper()

    @property
    def handle(self) -> str:
        text = f"{self.function}:{self.kept.number}:{self.kept.receipt}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class _Place:
    """The messages of one function that are in the queue, under these names of the queue."""

    function: str
    messages: Messages
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue. `clock` gives seconds since the epoch, and a message that was received is hidden for `visibility`
    seconds."""

    name: str
    places: Sequence[_Place]
    clock: Callable[[], float]
    visibility: float

    def peek(self, most: int) -> list[QueueMessage]:
        """Return the first messages that can be received."""
        found = [
            QueueMessage(place.function, kept)
            for place in self.places
            for kept in place.messages.peek(place.names, self.clock(), most)
        ]
        return sorted(found, key=lambda message: (message.kept.priority, message.kept.sent))[:most]

    def receive(self, most: int) -> list[QueueMessage]:
        """Return the first messages that can be received, and hide them."""
        now, first = self.clock(), self.peek(most)
        received = []
        for place in self.places:
            if most_here := sum(1 for message in first if message.function == place.function):
                kept = place.messages.receive(place.names, now, most_here, self.visibility)
                received += [QueueMessage(place.function, each) for each in kept]
        return sorted(received, key=lambda message: (message.kept.priority, message.kept.sent))

    def send(self, body: bytes, delay: float, priority: int) -> QueueMessage:
        """Keep a message, which can be received after `delay` seconds."""
        place = self.places[0]
        now = self.clock()
        number = place.messages.keep(Message(min(place.names), body), now, delay, priority)
        return QueueMessage(place.function, Kept(number, body, now, now + delay, priority, 0, None, None))

    def delete(self, handle: str) -> None:
        """Delete the message that was received with the handle; a Refusal if that is no longer held."""
        place, number = self._held(handle)
        place.messages.delete([number])

    def hide(self, handle: str, seconds: float) -> QueueMessage:
        """Let the message be received after so many seconds; a Refusal if the handle is no longer held."""
        place, number = self._held(handle)
        return QueueMessage(place.function, place.messages.hide(number, self.clock() + seconds))

    def counts(self) -> tuple[int, int, int]:
        """Count the messages that can be received, those that are hidden, and those that are delayed."""
        each = [place.messages.counts(place.names, self.clock()) for place in self.places]
        active, inactive, delayed = (sum(numbers) for numbers in zip(*each, strict=True))
        return active, inactive, delayed

    # Unproven code-of-late-receipt: A receipt handle whose time is over, or whose message is gone, is refused with
    #   MessageNotExist, and text that never was a handle with ReceiptHandleError.
    # Why: the pages list both codes and do not tell which of the two such a handle gets.
    # Ask: DeleteMessage with a handle after its NextVisibleTime, twice with the same handle, and with the handle `x`.
    def _held(self, handle: str) -> tuple[_Place, int]:
        try:
            text = base64.urlsafe_b64decode(handle + "=" * (-len(handle) % 4)).decode()
            function, digits, receipt = text.split(":")
            number = int(digits)
        except ValueError:
            raise Refusal("ReceiptHandleError") from None
        for place in self.places:
            known = place.function == function and number.bit_length() < 64
            if known and place.messages.held(place.names, number, receipt, self.clock()):
                return place, number
        raise Refusal("MessageNotExist")


class Queues:
    """The queues of all functions of this cloud. `functions` may grow."""

    def __init__(self, functions: Sequence[RunningFunction], clock: Callable[[], float], visibility: float) -> None:
        self._functions, self._clock, self._visibility = functions, clock, visibility

    def find(self, name: str) -> Queue:
        """Return the queue of that name; a Refusal if no function names it and no message is for it."""
        if not NAME.fullmatch(name):
            raise Refusal("InvalidQueueName")
        places = list(self._places(name))
        if not places:
            raise Refusal("QueueNotExist")
        return Queue(name, places, self._clock, self._visibility)

    def _places(self, name: str) -> Iterator[_Place]:
        for function in self._functions:
            if function.deployed.platform.cloud != CLOUD:
                continue
            messages = function.queue.messages
            declared = {place.written for place in function.changing.policy.current.destinations if not place.function}
            names = frozenset(text for text in declared | messages.destinations() if _queue_of(text) == name)
            if names:
                yield _Place(function.deployed.function.name, messages, names)


def _queue_of(destination: str) -> str:
    found = QUEUE.fullmatch(destination)
    return found.group(1) if found is not None else ""
