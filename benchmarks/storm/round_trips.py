"""The round trips of deliveries: from reading the tags of an object to the end of writing them.

A user's write within it may be lost, because stores offer no conditional write of tags.
docs/architecture.md says what that means.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from benchmarks.storm.evidence import IMAGES, Call
from benchmarks.storm.index_calls import REFUSED, SERVICE
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


@dataclass(slots=True)
class _Seen:
    """What the requests of all deliveries have shown so far. A delivery is told by the id of its invocation."""

    reads: dict[tuple[Place, str], Call] = field(default_factory=dict)
    rows: dict[tuple[str, str], float] = field(default_factory=dict)
    """When a delivery began last to read a row of the index."""
    waited: set[tuple[str, str]] = field(default_factory=set)
    """A delivery waited for the lock of a row. Two records of its event may be about one object."""
    stopped: set[str] = field(default_factory=set)


def round_trips(calls: Iterable[Call]) -> RoundTrips:
    """Find the round trips of all deliveries. The calls are in the order in which they began."""
    seen = _Seen()
    trips: defaultdict[Place, list[RoundTrip]] = defaultdict(list)
    for call in calls:
        if not call.invocation:
            continue  # a client's
        if "stop" in call.faults:
            seen.stopped.add(call.invocation)
        if call.service == SERVICE:
            _see_row(call, seen)
        elif call.operation == READ and call.worked:
            seen.reads[call.place, call.invocation] = call
        elif call.operation == WRITE and call.worked:
            trips[call.place].append(_trip(call, seen))
    return trips


def _see_row(call: Call, seen: _Seen) -> None:
    row = call.key, call.invocation
    if call.operation == "GetRow":
        seen.rows[row] = call.began
    elif call.operation == "PutRow" and call.code == REFUSED:
        seen.waited.add(row)


def _trip(write: Call, seen: _Seen) -> RoundTrip:
    """Return the round trip that this write of tags ends. It is the write alone where more than a read came before."""
    read = seen.reads.get((write.place, write.invocation), write)
    is_short = write.began - read.ended <= LONGEST or write.invocation in seen.stopped
    row = row_of(write.place), write.invocation
    reads_row_within = read.ended < seen.rows.get(row, 0) < write.began and row not in seen.waited
    return RoundTrip(read.began if is_short and not reads_row_within else write.began, write.began, write.ended)


def row_of(place: Place) -> str:
    """Return the key of the object's row in the list of calls. The index makes it of the SHA-256 of the URI."""
    return f"{IMAGES}/{hashlib.sha256(place.uri.encode()).hexdigest()[:32]}"


def is_within(trips: RoundTrips, operation: Operation) -> bool:
    """Tell whether the operation changed an object or its tags within a round trip."""
    return any(trip.meets(operation.began, operation.ended) for trip in trips.get(operation.place, ()))


def was_overwritten(trips: RoundTrips, operation: Operation) -> bool:
    """Tell whether a client wrote tags over those that a delivery had written since the client read them."""
    seen = operation.read_began, operation.ended
    return any(trip.began <= seen[1] and trip.written >= seen[0] for trip in trips.get(operation.place, ()))
