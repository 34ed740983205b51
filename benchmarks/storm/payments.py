"""Counts the calls of detectors that are paid for, and names the cause of each one beyond the first for a content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise

from benchmarks.storm.evidence import Call, Evidence
from benchmarks.storm.findings import Finding, Verdict
from benchmarks.storm.functions import TIMEOUT
from benchmarks.storm.index_calls import SERVICE
from benchmarks.storm.journal import Operation, Place

CHANGES = ("put", "parts", "copy", "delete", "remove")
"""The operations after which a key may show another object."""
CUTS = ("cut_before", "cut_after", "cut_within", "late")
NO_CAUSE = "none"


def judge(evidence: Evidence, verdict: Verdict) -> None:
    """Count into the verdict, and find each paid call that has no cause.

    The functions share the answers of a bucket. A content is told by its size, its CRC-64 and its ETag.
    """
    paid: defaultdict[tuple[str, ...], list[Call]] = defaultdict(list)
    deliveries: defaultdict[str, list[Call]] = defaultdict(list)
    for call in evidence.calls:
        if call.invocation:
            deliveries[call.invocation].append(call)
        if call.detected:
            paid[call.service, call.bucket, call.content, call.etag].append(call)
    verdict.counts["paid calls"] = sum(map(len, paid.values()))
    verdict.counts["distinct contents"] = len(paid)
    changes = _changes(evidence.operations)
    # Functions on COS have no temporary key of Tablestore, so nobody knows which of their requests failed.
    failures = [
        call.began for call in evidence.calls if call.service == SERVICE and call.faults and not call.invocation
    ]
    for calls in paid.values():
        for call, again in pairwise(calls):
            failed = any(call.began <= moment <= call.began + TIMEOUT for moment in failures)
            why = cause(call, again, deliveries[call.invocation], changes.get(call.place, ()), failed)
            verdict.causes[why] += 1
            if why == NO_CAUSE:
                text = f"asked at {call.began:.3f} by {call.invocation}, and at {again.began:.3f} by {again.invocation}"
                verdict.findings.append(Finding("paid", call.place.uri, text))


def cause(
    call: Call, again: Call, delivery: Iterable[Call], changes: Iterable[Operation], index_failed: bool = False
) -> str:
    """Return why the answer of a paid call did not serve, so that the same content was paid for again."""
    if "kill" in call.faults:
        return "kill"
    if any(fault in CUTS for fault in call.faults):
        return "lost reply"
    # The records of one event are worked on side by side. So what ends the process may have met a request of another
    # record, which began before this call.
    met = {fault for other in delivery for fault in other.faults}
    for fault in ("kill", "stop", "expire"):
        if fault in met:
            return fault
    looks = [other for other in delivery if other.operation == "HEAD object" and other.place == call.place]
    before = max((look.began for look in looks if look.began <= call.began), default=call.began)
    after = min((look.ended for look in looks if look.began >= call.ended), default=again.began)
    if any(change.ended >= before and change.began <= after for change in changes):
        return "overwrite"
    if (met or index_failed) and any(change.ended >= before and change.began <= again.began for change in changes):
        return "overwrite after a failure"
    return NO_CAUSE


def _changes(operations: Iterable[Operation]) -> Mapping[Place, list[Operation]]:
    found: defaultdict[Place, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.kind in CHANGES:
            found[operation.place].append(operation)
    return found
