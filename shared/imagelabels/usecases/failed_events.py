"""Works through the queue of events whose last delivery failed, and deletes those that the index tells of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from imagelabels.domain.errors import LabelingError, Misconfigured
from imagelabels.domain.failed_events import FailedEvent
from imagelabels.domain.model import ObjectRef
from imagelabels.domain.outcomes import State
from imagelabels.ports.failed_events import FailedEvents
from imagelabels.usecases.backfill import is_of
from imagelabels.usecases.tools import Tools

Hand = Callable[[Sequence[ObjectRef]], Collection[ObjectRef]]
"""It gives objects to the function, and returns those of which an outcome is recorded or which are due."""


@dataclass(slots=True)
class Drained:
    """What became of the messages of the queue. Each is counted once, or not at all if nobody got to it."""

    deleted: int = 0
    elsewhere: int = 0
    """They are about other objects than those that were asked for, or another function failed. They stay in the queue:
    what another function has not done is not done when this one has labelled the object."""
    unreadable: int = 0
    """They are no events that can be read, and stay in the queue."""
    unrecorded: int = 0
    """They stay in the queue, because nothing is recorded of one of their objects or more."""
    late: int = 0
    """All is recorded, but they were held too long, so they come again. They need nothing then but to be deleted."""


@dataclass(slots=True)
class Drain:
    """It works through a queue once. `prefix` is what the URIs of the objects that are asked for begin with, and the
    messages are those of the `function`."""

    queue: FailedEvents
    prefix: str
    function: str
    hand: Hand
    drained: Drained = field(default_factory=Drained)
    _recorded: set[str] = field(default_factory=set)
    _left: dict[str, FailedEvent] = field(default_factory=dict)

    def run(self) -> Iterator[FailedEvent]:
        """Receive messages until none can be received that is new, and yield those that cannot be read.

        A message is deleted when an outcome is recorded for each of its objects. Whatever ends this in between, the
        others come again, and the function pays for no content twice. Those that stay are given back at the end.
        """
        try:
            repeated = 0
            while repeated <= len(self._left) and (received := self.queue.receive()):
                # The queue hands out again what was held too long, so a slow run would never end.
                new = [event for event in received if event.message_id not in self._left]
                repeated = 0 if new else repeated + len(received)
                for event in received:
                    if event.message_id in self._left:
                        self._again(event)
                goes_on = self._work(new)
                yield from (event for event in new if event.faults)
                if not goes_on:
                    return
        finally:
            self._give_back()

    def _work(self, events: Sequence[FailedEvent]) -> bool:
        """Work on new messages. False: the function took nothing of what it was given, so going on is of no use."""
        self._left |= {event.message_id: event for event in events}
        refs = list(dict.fromkeys(ref for event in events for ref in self._asked_for(event)))
        recorded = set(self.hand(refs)) if refs else set[ObjectRef]()
        for event in events:
            if event.faults:
                self.drained.unreadable += 1
            elif not event.is_of(self.function) or len(self._asked_for(event)) < len(event.refs):
                self.drained.elsewhere += 1
            elif not recorded.issuperset(event.refs):
                self.drained.unrecorded += 1
            elif self._deleted(event):
                self.drained.deleted += 1
            else:
                self._recorded.add(event.message_id)
                self.drained.late += 1
        return not refs or bool(recorded)

    def _asked_for(self, event: FailedEvent) -> list[ObjectRef]:
        return asked_for(event, self.prefix, self.function)

    def _again(self, event: FailedEvent) -> None:
        """Take a message that was received before and is held no longer. It may need nothing but to be deleted."""
        self._left[event.message_id] = event
        if event.message_id in self._recorded and self._deleted(event):
            self.drained.late -= 1
            self.drained.deleted += 1

    def _deleted(self, event: FailedEvent) -> bool:
        deleted = self.queue.delete(event)
        if deleted:
            del self._left[event.message_id]
        return deleted

    def _give_back(self) -> None:
        """Let others receive at once what stays in the queue. If that fails, nothing more is given back, since each
        attempt may take long: others have to wait until the messages are held no longer."""
        with suppress(LabelingError):
            for event in self._left.values():
                self.queue.give_back(event)


def asked_for(event: FailedEvent, prefix: str, function: str) -> list[ObjectRef]:
    """Return the objects of an event whose URIs begin with the prefix; none if another function failed."""
    return [ref for ref in event.refs if ref.uri.startswith(prefix)] if event.is_of(function) else []


def is_recorded(by: Tools, ref: ObjectRef, request: str) -> bool:
    """Tell whether the index has an outcome of the delivery with this request, or will have one: the object is due.

    What is due waits for something, or a delivery that died holds its lock; the timer tries it again. Any other row may
    be of an earlier content, so it tells nothing by itself.
    """
    try:
        row = by.rows.row(ref)
        if row is None:
            return False
        stands = row.record is not None and row.record.state in (State.PARKED, State.WAITING)
        if stands or row.waiting is not None or row.lock is not None:
            return True
        return any(is_of(request, line.event_id) for line in by.rows.history(ref))
    except Misconfigured:
        raise
    except LabelingError:
        return False
