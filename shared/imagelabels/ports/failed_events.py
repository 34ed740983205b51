"""The queue to which a platform sends the events whose last delivery failed."""

from __future__ import annotations

from typing import Protocol

from imagelabels.domain.failed_events import FailedEvent

MOST_MESSAGES = 16
"""A queue hands out so many messages at once."""


class FailedEvents(Protocol):
    """One queue. Who receives a message holds it for the queue's visibility timeout. If it is not deleted until then,
    anybody can receive it again.

    All methods raise Misconfigured for a queue that is not there and for keys that may not do what was asked, which the
    message names, and Unavailable if the service is throttled, fails or does not answer in time (what was asked may
    have been done all the same).
    """

    def peek(self) -> list[FailedEvent]:
        """Return the first messages that nobody holds, and leave them as they are."""

    def receive(self) -> list[FailedEvent]:
        """Return the first messages that nobody holds, and hold them. No message: nothing can be received now."""

    def delete(self, event: FailedEvent) -> bool:
        """Delete a message. False: it is no longer held, so it stays in the queue, or somebody has deleted it."""

    def give_back(self, event: FailedEvent) -> None:
        """Hold a message no longer, so that it can be received again in a moment."""
