"""What `imagelabels redrive --queue` does with a queue, and says of its messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from imagelabels.cli.functions import Handed, print_line
from imagelabels.clouds import FunctionPlatform
from imagelabels.domain.failed_events import FailedEvent
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.failed_events import MOST_MESSAGES, FailedEvents
from imagelabels.ports.invoker import Invoker
from imagelabels.usecases.failed_events import Drain, Drained, asked_for, is_recorded
from imagelabels.usecases.tools import Tools
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say
from imagelabels.views.printing import escaped, number_of


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The first messages of a queue, which were only looked at."""

    prefix: str
    queue: str
    function: str
    events: Sequence[FailedEvent]

    @property
    def pictures(self) -> int:
        return len({ref for event in self.events for ref in asked_for(event, self.prefix, self.function)})

    @property
    def unreadable(self) -> list[FailedEvent]:
        return [event for event in self.events if event.faults]

    @property
    def other_functions(self) -> Counter[str]:
        """Count the messages of each other function that failed, but for those that cannot be read."""
        readable = (event for event in self.events if not event.faults)
        return Counter(event.function for event in readable if not event.is_of(self.function))

    @property
    def has_more(self) -> bool:
        """Tell whether there may be more messages than those that a queue shows at once."""
        return len(self.events) >= MOST_MESSAGES

    def show(self, form: str, most_calls: int, most_cost: str | None) -> None:
        """Print what the messages name, and what that may cost."""
        if form == "json":
            shown = {"prefix": self.prefix, "queue": self.queue, "foreseen": True, "messages": len(self.events)}
            counts = {"has_more": self.has_more, "pictures": self.pictures, "unreadable": len(self.unreadable)}
            others = {"other_functions": dict(self.other_functions)}
            print(one_line(shown | counts | others | {"most_calls": most_calls, "most_cost": most_cost}))
            return
        print(f"{escaped(self.prefix)} in the queue {escaped(self.queue)}")
        print_line(f"  {self._told()}")
        for function, number in sorted(self.other_functions.items()):
            of = f"{number_of(number, 'message')} of the function {escaped(function)}"
            print_line(f"  {of} will stay there: if that one labels pictures, name it by --function")
        if self.unreadable:
            print_line(
                f"  {number_of(len(self.unreadable), 'message')} cannot be read as an event, and will stay there"
            )
        if self.pictures:
            cost = f", which {'costs' if most_calls == 1 else 'cost'} {most_cost}" if most_cost else ""
            these = " for these pictures" if self.has_more else ""
            print_line(f"  at most {number_of(most_calls, 'call')} to the detector{these}{cost}")

    def _told(self) -> str:
        if not self.events:
            return "no message can be received now: whatever somebody else has received comes back later"
        which = f"the first {len(self.events)} messages" if self.has_more else number_of(len(self.events), "message")
        return f"{number_of(self.pictures, 'picture')} in {which}" + (
            ", and there may be more" if self.has_more else ""
        )


def work_through(
    failed: FailedEvents, foreseen: Foreseen, form: str, by: Tools, function: tuple[str, FunctionPlatform, Invoker]
) -> int:
    """Give the pictures of all messages to the function, and delete the messages of which all is recorded. Return the
    command's exit status."""
    handed = Handed(by)

    def hand(refs: Sequence[ObjectRef]) -> set[ObjectRef]:
        request = f"redrive-{uuid4().hex}"
        recorded = {*handed.hand(*function, refs, request)}
        return recorded | {ref for ref in refs if ref not in recorded and is_recorded(by, ref, request)}

    drain = Drain(failed, foreseen.prefix, foreseen.function, hand)
    try:
        for event in drain.run():
            name_unreadable(event)
    finally:
        # What was done before must not stay unsaid, whatever ends it.
        show_done(form, foreseen, handed, drain.drained)
    drained = drain.drained
    return 1 if handed.left or drained.unreadable or drained.unrecorded or drained.late else 0


def name_unreadable(event: FailedEvent) -> None:
    """Say on stderr which message is no event, and why."""
    function = f" of {event.function}" if event.function else ""
    for fault in event.faults:
        say(f"message {escaped(event.message_id)}{escaped(function)}: {escaped(fault)}: it stays in the queue")


def show_done(form: str, foreseen: Foreseen, handed: Handed, drained: Drained) -> None:
    """Print what became of the pictures and of the messages."""
    if form == "json":
        shown = {"prefix": foreseen.prefix, "queue": foreseen.queue, "foreseen": False, "states": dict(handed.states)}
        counts = {"failed": handed.failed, "paid_calls": handed.paid_calls, "left": handed.left}
        messages = {name: getattr(drained, name) for name in Drained.__slots__}
        print(one_line(shown | counts | messages))
        return
    became = ", ".join(f"{number} {state}" for state, number in sorted(handed.states.items())) or "none was answered"
    print_line(f"{became}; {number_of(handed.paid_calls, 'paid call')}; {handed.left} still not done")
    stay = {
        "about other pictures or other functions": drained.elsewhere,
        "no event that can be read": drained.unreadable,
        "of which nothing is recorded": drained.unrecorded,
        "to be deleted by another run": drained.late,
    }
    words = ", ".join(f"{number} {why}" for why, number in stay.items() if number)
    left = f"; {sum(stay.values())} left in the queue: {words}" if words else "; none left"
    print_line(f"{number_of(drained.deleted, 'message')} deleted{left}")
