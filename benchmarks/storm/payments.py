"""Counts the calls of detectors that are paid for, and names the cause of each one beyond the first for a content."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.storm.attempts import Attempt, Attempts, of_call
from benchmarks.storm.evidence import ANSWERS, Call, Evidence
from benchmarks.storm.findings import Finding, Verdict
from benchmarks.storm.index_calls import SERVICE
from benchmarks.storm.journal import Operation, Place

CHANGES = ("put", "parts", "copy", "delete", "remove")
"""The operations after which a key may show another object."""
CUTS = ("cut_before", "cut_after", "cut_within", "late")
PATIENCE = 15.0
"""The functions wait so many seconds for the answer of a detector. A later one is lost."""
NO_CAUSE = "none"


@dataclass(frozen=True, slots=True)
class Payment:
    """A paid call, and all that was known of its content and its object until the same content was paid for again."""

    call: Call
    attempt: Attempt
    """The attempt to deliver an event in which the call was made."""
    delivery: list[Call]
    """All requests of that attempt that name their process. On COS those to Tablestore do not."""
    changes: Iterable[Operation]
    """All changes of the object that the detector was asked about."""

    @property
    def met(self) -> set[str]:
        return {fault for call in self.delivery for fault in call.faults}

    @property
    def was_stored(self) -> bool:
        """Tell whether the answer was stored for certain. Of several paid calls nobody knows whose answer it was."""
        paid = sum(bool(call.detected) for call in self.delivery)
        return paid == 1 and any(
            call.service == SERVICE
            and call.operation == "UpdateRow"
            and call.key.startswith(f"{ANSWERS}/")
            and call.worked
            and call.began >= self.call.ended
            for call in self.delivery
        )

    @property
    def looked(self) -> float:
        """Return when the delivery began its last look at the object before it called."""
        looks = [look.began for look in self._looks() if look.began <= self.call.began]
        return max(looks, default=self.call.began)

    @property
    def looked_again(self) -> float:
        """Return when the first look after the call ended, or else the attempt."""
        looks = [look.ended for look in self._looks() if look.began >= self.call.ended]
        return min(looks, default=self.attempt.ended)

    @property
    def saw_another(self) -> bool:
        """Tell whether the detector may have seen another content than it was asked about. Only IMM takes no ETag."""
        return self.call.operation == "DetectImageLabels" and self.changed(self.looked, self.call.ended)

    def _looks(self) -> Iterator[Call]:
        return (call for call in self.delivery if call.operation == "HEAD object" and call.place == self.call.place)

    def changed(self, since: float, until: float) -> bool:
        return any(change.ended >= since and change.began <= until for change in self.changes)


def judge(evidence: Evidence, verdict: Verdict) -> None:
    """Count into the verdict, and find each paid call that has no cause.

    The functions share the answers of a bucket. A content is told by its size, its CRC-64 and its ETag.
    """
    paid: defaultdict[tuple[str, ...], list[Call]] = defaultdict(list)
    for call in evidence.calls:
        if call.detected:
            paid[call.service, call.bucket, call.content, call.etag].append(call)
    verdict.counts["paid calls"] = sum(map(len, paid.values()))
    verdict.counts["distinct contents"] = len(paid)
    again = [pair for calls in paid.values() for pair in pairwise(calls)]
    deliveries = _deliveries(evidence.calls, {call.invocation for pair in again for call in pair})
    changes = _changes(evidence.operations)
    for first, second in again:
        payments = [_payment(call, evidence.attempts, deliveries, changes) for call in (first, second)]
        why = cause(*payments)
        verdict.causes[why] += 1
        text = f"asked at {first.began:.3f} by {first.invocation}, and at {second.began:.3f} by {second.invocation}"
        verdict.repeats.append(Finding(why, first.place.uri, text))
        if why == NO_CAUSE:
            verdict.findings.append(Finding("paid", first.place.uri, text))


def _payment(
    call: Call, told: Attempts, deliveries: Mapping[str, list[Call]], changes: Mapping[Place, list[Operation]]
) -> Payment:
    attempt = of_call(told, call.invocation, call.began) or Attempt(call.began, call.ended, "good")
    during = [each for each in deliveries[call.invocation] if attempt.began <= each.began <= attempt.ended]
    return Payment(call, attempt, during, changes.get(call.place, ()))


def cause(payment: Payment, again: Payment) -> str:
    """Return why the answer of a paid call did not serve, so that the same content was paid for again.

    The cause lies in the attempt that paid first, or it is a change of the object that this attempt asked about.
    """
    call, attempt, met = payment.call, payment.attempt, payment.met
    if any(fault in CUTS for fault in call.faults) or call.ended - call.began > PATIENCE:
        return "lost reply"
    if attempt.ending == "died" and not payment.was_stored:
        # The records of one event are worked on side by side. So what ends the process may have met a request of
        # another record. A process may also be ended because its time is over.
        return next((fault for fault in ("kill", "stop") if fault in met), "time is over")
    if attempt.ending == "raised" and "expire" in met and not payment.was_stored:
        return "expire"
    if payment.changed(payment.looked, payment.looked_again):
        return "overwrite"
    # The answer is confirmed when its delivery finishes the row. Until then it is void for all others as soon as the
    # object that it was asked about has changed.
    if payment.changed(payment.looked, min(attempt.ended, again.call.began)):
        return "overwrite before the answer was confirmed"
    if attempt.ending != "good" and payment.changed(payment.looked, again.call.began):
        return "overwrite after a failure"
    return "overwrite before the second call" if again.saw_another else NO_CAUSE


def _deliveries(calls: Iterable[Call], invocations: set[str]) -> Mapping[str, list[Call]]:
    deliveries: defaultdict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.invocation in invocations:
            deliveries[call.invocation].append(call)
    return deliveries


def _changes(operations: Iterable[Operation]) -> Mapping[Place, list[Operation]]:
    places: defaultdict[Place, list[Operation]] = defaultdict(list)
    for operation in operations:
        if operation.kind in CHANGES:
            places[operation.place].append(operation)
    return places
