"""Sends how asynchronous invocations ended to the destinations of their function."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.functions.deployment import Deployed
from emulator.functions.function import Answer
from emulator.functions.messages import Message
from emulator.functions.queue import Ended
from emulator.functions.settings import Asynchronous

# Unproven most-hops: An event may pass 8 functions as their destinations.
# Why: no page has such a limit. Without one, two functions that are each other's destination would never end.
# Ask: make two functions each other's destination on success, invoke one of them, and count the lines of their logs.
MOST_HOPS = 8
LARGEST_EVENT = 128 * 1024
"""A function may be invoked asynchronously with so many bytes: the pages of both clouds on their limits."""
SHOWN = 300
"""A line shows so many characters of an error's text."""

Enqueue = Callable[[bytes, int], str]
"""It takes an event and the number of functions that it has passed, and returns its request id."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """The destinations of one function. `find` returns how to invoke another function of the same cloud by name."""

    deployed: Deployed
    find: Callable[[str], Enqueue | None]
    log: Path
    policy: Callable[[], Asynchronous]

    def ended(self, event: Ended) -> Message | None:
        """Tell people of a failure, and invoke the function that is the destination or return the message for a queue.

        If the emulator dies before the queue notes that the event has ended, the event is delivered again and so is
        this. The service promises no more: it delivers at least once.
        """
        failed = event.answer.error_type is not None
        function = self.deployed.function
        if failed:
            print(failure(function.name, event.request_id, event.answer, self.log), file=sys.stderr, flush=True)
        policy = self.policy()
        place = policy.on_failure if failed else policy.on_success
        if place is None:
            return None
        body = self.deployed.platform.message(function, event)
        if not place.function:
            return Message(place.written, body)
        self._invoke(place.function, body, event.hops + 1)
        return None

    def _invoke(self, name: str, body: bytes, hops: int) -> None:
        enqueue, reason = self.find(name), ""
        if hops > MOST_HOPS:
            reason = f"the event has passed {MOST_HOPS} functions already, whose destinations seem to form a circle"
        if len(body) > LARGEST_EVENT:
            reason = f"the message has {len(body)} bytes, and an event may have {LARGEST_EVENT}"
        if reason:
            own = self.deployed.function.name
            print(
                f"emulator: function {own} does not invoke its destination {name}: {reason}",
                file=sys.stderr,
                flush=True,
            )
        elif enqueue is not None:
            enqueue(body, hops)


def check(functions: Sequence[Deployed]) -> None:
    """Raise ValueError if a destination is a function that is not deployed."""
    known = {(deployed.platform.cloud, deployed.function.name) for deployed in functions}
    for deployed in functions:
        policy = deployed.function.settings.asynchronous
        for place in policy.destinations if policy is not None else ():
            if place.function and (deployed.platform.cloud, place.function) not in known:
                raise ValueError(
                    f"function {deployed.function.name}: its destination {place.written} is the function"
                    f" {place.function}, which is not deployed"
                )


def failure(name: str, request_id: str, answer: Answer, log: Path) -> str:
    """Return one line about an event whose last retry has failed, and about where to read more."""
    shown = "".join(char if char.isprintable() else " " for char in answer.reason[:SHOWN])
    return (
        f"emulator: function {name} failed for good on the event with request id {request_id}: {shown};"
        f" {log} has the function's output, GET /_emulator/functions/{name}/failures lists the event"
    )
