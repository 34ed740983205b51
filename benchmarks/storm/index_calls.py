"""Counts the requests to Tablestore: of a delivery in the storm, of an ordinary event in quiet, and of a poll."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.storm.evidence import IMAGES, Call

SERVICE, REFUSED = "Tablestore", "OTSConditionCheckFail"


@dataclass(frozen=True, slots=True)
class IndexCalls:
    """The requests of deliveries on Alibaba Cloud. On COS a function has no temporary key of Tablestore to tell it."""

    deliveries: int
    operations: Mapping[str, int]
    polls: int
    """Deliveries looked so often whether another one's lock had ended."""
    while_polling: int
    """These, and attempts to lock that were refused although a look had come before them."""

    @property
    def each(self) -> float:
        return sum(self.operations.values()) / max(1, self.deliveries)

    @property
    def each_without_polls(self) -> float:
        return (sum(self.operations.values()) - self.while_polling) / max(1, self.deliveries)


def counted(calls: Iterable[Call]) -> IndexCalls:
    """Count the requests of functions. The calls are in the order in which they began."""
    operations: Counter[str] = Counter()
    rows: defaultdict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.service == SERVICE and call.invocation:
            operations[call.operation] += 1
            rows[call.invocation, call.key].append(call)
    polls = while_polling = 0
    for (_, key), row in rows.items():
        reads, requests = _polled(row) if key.startswith(f"{IMAGES}/") else (0, 0)
        polls, while_polling = polls + reads, while_polling + requests
    return IndexCalls(len({invocation for invocation, _ in rows}), operations, polls, while_polling)


def _polled(calls: Iterable[Call]) -> tuple[int, int]:
    """Return the reads of a row while a delivery waited for its lock, and these together with refused attempts.

    The first attempt is not one of them, and takes two requests: the second one is for a row that is not there yet.
    """
    reads = requests = 0
    waits = False
    for call in calls:
        refused = call.code == REFUSED
        if call.operation == "GetRow" and waits:
            reads, requests = reads + 1, requests + 1
        elif refused and reads:
            requests += 1
        if call.operation != "GetRow":
            waits = refused
    return reads, requests
