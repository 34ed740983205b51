"""The judge: it compares what the clients did with what the stores, the index and the emulator show at rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from benchmarks.storm import payments
from benchmarks.storm.buckets import keeps_versions
from benchmarks.storm.evidence import Evidence, Row
from benchmarks.storm.findings import Finding, Verdict
from benchmarks.storm.journal import Operation, Place, Shown
from benchmarks.storm.pictures import Wanted, is_ours
from benchmarks.storm.round_trips import RoundTrips, is_within, round_trips, was_overwritten

TAGGING = ("tag", "batch")
"""The operations that change the tags of an object that is there already."""

Expected = Callable[[str, str], Wanted]


class Judge:
    """Judges one storm."""

    def __init__(self, evidence: Evidence, expected: Expected) -> None:
        self._evidence, self._expected = evidence, expected
        self._trips: RoundTrips = round_trips(evidence.calls)
        self._operations: Mapping[Place, list[Operation]] = _by_place(evidence.operations)
        self._verdict = Verdict()

    def verdict(self) -> Verdict:
        for operation in self._evidence.operations:
            if operation.error:
                self._find("client", operation.place.uri, f"{operation.kind}: {operation.error}")
        for place, operations in sorted(self._operations.items(), key=lambda item: item[0].uri):
            if not any(operation.error for operation in operations):
                self._judge_object(place, operations)
        self._judge_rows()
        self._judge_events()
        payments.judge(self._evidence, self._verdict)
        return self._verdict

    def _find(self, kind: str, where: str, text: str) -> None:
        self._verdict.findings.append(Finding(kind, where, text))

    def _judge_object(self, place: Place, operations: list[Operation]) -> None:
        for earlier, later in pairwise(operations):
            if later.lost:
                self._judge_harm(earlier, f"{dict(later.lost)} was missing when the client looked again")
        last, tags = operations[-1], self._evidence.objects.get(place)
        if (tags is None) != (last.shows is None):
            self._find("client", place.uri, f"after {last.kind} there is {'no' if tags is None else 'an'} object")
        if tags is None or last.shows is None:
            return
        self._judge_labels(last, last.shows, tags)
        theirs = {name: value for name, value in tags.items() if not is_ours(name)}
        if theirs != last.shows.tags:
            self._judge_harm(last, f"has {theirs}, and should have {dict(last.shows.tags)}")

    def _judge_labels(self, last: Operation, shows: Shown, tags: Mapping[str, str]) -> None:
        uri, row = last.place.uri, self._evidence.rows.get(last.place.uri)
        if row is None or row.state != "labelled":
            self._judge_unlabelled(uri, row)
            return
        wanted = self._expected(last.place.bucket, shows.content)
        if row.labels != wanted.labels:
            self._find("stale", uri, f"its row has {sorted(row.labels)} and not {sorted(wanted.labels)}")
            return
        ours = {name: value for name, value in tags.items() if is_ours(name)}
        assert row.record is not None
        right = wanted.tags if wanted.tags is not None else row.record["tags_written"]
        if ours == right:
            return
        if last.wrote == tags and self._undid_labels(self._operations[last.place]):
            # The client read the tags before our write and wrote them after it. No event tells of that.
            self._verdict.counts["labels that a client's own write of tags undid"] += 1
            return
        self._find("stale" if ours else "lost", uri, f"its tags are {ours} and should be {dict(right)}")

    def _undid_labels(self, operations: list[Operation]) -> bool:
        """Tell whether one of the client's last writes of tags undid our labels. Later ones do not bring them back."""
        for operation in reversed(operations):
            if operation.kind not in TAGGING:
                return False
            if was_overwritten(self._trips, operation):
                return True
            if any(is_ours(tag) for tag in operation.read or {}):
                return False
        return False

    def _judge_unlabelled(self, uri: str, row: Row | None) -> None:
        reason = (row.record or {}).get("reason") or row.waiting if row is not None else None
        if row is None or reason is None:
            self._find("lost", uri, "it has no row" if row is None else f"its row is {row}, and says no reason")
            return
        self._verdict.counts[f"rows without labels: {row.state or 'unfinished'}, {reason}"] += 1

    def _judge_harm(self, operation: Operation, text: str) -> None:
        if any(is_within(self._trips, each) for each in self._writers(operation)):
            self._verdict.counts["user tags harmed within the round trip"] += 1
            return
        self._find("tags", operation.place.uri, f"after {operation.kind} at {operation.began:.3f} it {text}")

    def _writers(self, operation: Operation) -> Iterator[Operation]:
        """Yield the operations that made the tags: those on the object, and those on the objects it was copied from.

        A delivery names the version that it looked at. So it has no excuse for harm to the tags of a version that came
        while it worked.
        """
        maker: Operation | None = operation
        while maker is not None:
            if maker.kind == "remove":
                maker = self._maker_of_older(maker)
                continue
            if maker.kind in TAGGING or not keeps_versions(maker.place.bucket):
                yield maker
            maker = self._maker_of_source(maker)

    def _maker_of_older(self, removal: Operation) -> Operation | None:
        """Return what made the tags of the older version that shows again since the removal of a newer one."""
        return self._last_before(removal, removal.place, lambda earlier: earlier.shows == removal.shows)

    def _maker_of_source(self, copy: Operation) -> Operation | None:
        if copy.source is None:
            return None
        return self._last_before(copy, Place(copy.place.bucket, copy.source), lambda _: True)

    def _last_before(self, operation: Operation, place: Place, fits: Callable[[Operation], bool]) -> Operation | None:
        earlier = [each for each in self._operations.get(place, []) if each.ended <= operation.began and fits(each)]
        return earlier[-1] if earlier else None

    def _judge_rows(self) -> None:
        there = {place.uri for place in self._evidence.objects}
        for uri, row in self._evidence.rows.items():
            if uri not in there and row.record is not None:
                self._find("removed", uri, f"its row says {row.state}")
            if row.locked:
                self._verdict.counts["rows that are locked at rest"] += 1
            if row.waiting:
                self._verdict.counts["rows that wait at rest"] += 1

    def _judge_events(self) -> None:
        """Look for the line of each change. A dead letter that is left is due, but nothing has healed it."""
        ended = {line.event.partition("/")[0] for line in self._evidence.history}
        due = " ".join(str(letter["payload"]) for letter in self._evidence.dead_letters)
        for operation in self._evidence.operations:
            if operation.request and operation.request not in ended and operation.request not in due:
                self._find("outcome", operation.place.uri, f"{operation.kind}, request {operation.request}")
        for letter in self._evidence.dead_letters:
            self._find("dead", str(letter["request_id"]), f"{str(letter['error'])[:300]}")
        for line in self._evidence.history:
            state = f"{line.state}, {line.reason}" if line.reason else line.state
            self._verdict.counts[f"outcomes: {state}"] += 1


def _by_place(operations: list[Operation]) -> Mapping[Place, list[Operation]]:
    places: defaultdict[Place, list[Operation]] = defaultdict(list)
    for operation in operations:
        places[operation.place].append(operation)
    return places
