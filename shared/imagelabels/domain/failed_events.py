"""Events whose last delivery failed, as a platform's queue hands them out."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.model import ObjectRef


@dataclass(frozen=True, slots=True)
class FailedEvent:
    """A message of the queue, and the objects that its event names."""

    message_id: str
    function: str
    """The name of the function that failed; empty if the message does not say it."""
    refs: tuple[ObjectRef, ...] = ()
    faults: tuple[str, ...] = ()
    """What of the message cannot be read. If this is empty, `refs` are all objects of the event."""
    receipt: str = ""
    """Whoever received the message holds it by this; empty if somebody only looked at it."""

    def is_of(self, function: str) -> bool:
        """Tell whether it may be this function that failed, which is NAME or SERVICE/NAME."""
        return self.function in ("", function.rpartition("/")[2])
