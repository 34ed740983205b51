"""The round trips of deliveries: from reading the tags of an object to the end of writing them.

A user's write within it may be lost, because stores offer no conditional write of tags.
docs/architecture.md says what that means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.storm.evidence import Call
from benchmarks.storm.journal import Operation, Place

READ, WRITE = "GET object?tagging", "PUT object?tagging"
LONGEST = 5.0
"""A write that begins later after its read, in a process that was not stopped, is not within one round trip."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """A delivery read the tags of an object, and wrote them. Times are seconds since the epoch."""

    read: float
    """The read began then."""
    began: float
    written: float
    """The write had taken effect then."""

    def meets(self, began: float, ended: float) -> bool:
        return self.read <= ended and self.written >= began


RoundTrips = Mapping[Place, list[RoundTrip]]


def round_trips(calls: Iterable[Call]) -> RoundTrips:
    """Find the round trips of all deliveries. The calls are in the order in which they began."""
    reads: dict[tuple[Place, str], Call] = {}
    stopped: set[str] = set()
    found: defaultdict[Place, list[RoundTrip]] = defaultdict(list)
    for call in calls:
        if not call.invocation:
            continue  # a client's
        if "stop" in call.faults:
            stopped.add(call.invocation)
        if call.operation == READ and call.worked:
            reads[call.place, call.invocation] = call
        elif call.operation == WRITE and call.worked:
            read = reads.get((call.place, call.invocation), call)
            is_one = call.began - read.ended <= LONGEST or call.invocation in stopped
            found[call.place].append(RoundTrip(read.began if is_one else call.began, call.began, call.ended))
    return found


def is_within(trips: RoundTrips, operation: Operation) -> bool:
    """Tell whether the operation changed an object or its tags within a round trip."""
    return any(trip.meets(operation.began, operation.ended) for trip in trips.get(operation.place, ()))


def was_overwritten(trips: RoundTrips, operation: Operation) -> bool:
    """Tell whether a client wrote tags over those that a delivery had written since the client read them."""
    seen = operation.read_began, operation.ended
    return any(trip.began <= seen[1] and trip.written >= seen[0] for trip in trips.get(operation.place, ()))
