"""Counts the requests to Tablestore: of a delivery in the storm, of an ordinary event in quiet, and of a poll."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from benchmarks.storm.evidence import IMAGES, Call

SERVICE, OF_ROWS = "Tablestore", ("GetRow", "PutRow", "UpdateRow", "DeleteRow", "BatchWriteRow")
"""Nobody but the functions makes these requests in a storm."""


@dataclass(frozen=True, slots=True)
class IndexCalls:
    """Requests of deliveries to the index."""

    operations: Mapping[str, int]
    """The requests of all functions, on either cloud."""
    polls: int
    """Deliveries on Alibaba Cloud looked so often whether another one's lock had ended."""
    while_polling: int
    """These, and attempts to lock that were refused although a look had come before them."""

    @property
    def total(self) -> int:
        return sum(self.operations.values())


def counted(calls: Iterable[Call]) -> IndexCalls:
    """Count the requests of functions. The calls are in the order in which they began."""
    operations: Counter[str] = Counter()
    rows: defaultdict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in calls:
        if call.service == SERVICE and call.operation in OF_ROWS:
            operations[call.operation] += 1
            if call.invocation:  # Functions of the other cloud have no temporary keys here, which would tell theirs.
                rows[call.invocation, call.key].append(call)
    polls = while_polling = 0
    for (_, key), row in rows.items():
        reads, requests = _polled(row) if key.startswith(f"{IMAGES}/") else (0, 0)
        polls, while_polling = polls + reads, while_polling + requests
    return IndexCalls(operations, polls, while_polling)


def _polled(calls: Iterable[Call]) -> tuple[int, int]:
    """Return the reads of a row while a delivery waited for its lock, and these together with refused attempts.

    The first attempt is not one of them, and takes two requests: the second one is for a row that is not there yet.
    """
    reads = requests = 0
    waits = False
    for call in calls:
        refused = call.code == "OTSConditionCheckFail"
        if call.operation == "GetRow" and waits:
            reads, requests = reads + 1, requests + 1
        elif refused and reads:
            requests += 1
        if call.operation != "GetRow":
            waits = refused
    return reads, requests
