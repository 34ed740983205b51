"""The ports that a worker sees: each call becomes a value, and its result comes from the recorded ones."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from imagelabels.domain.budget import UNLIMITED, Limits, Spending
from imagelabels.domain.errors import Rejected
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import (
    Answer,
    Detection,
    EventEntry,
    ImageRecord,
    Look,
    ObjectHead,
    ObjectRef,
    Picture,
    Tags,
)
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.ports import Claim, Proof, StoredAnswer, StoredRow
from tests.explorer.values import detection_of, fix_answer, fix_record, key_of, pairs


class Call(NamedTuple):
    """A port call. Its arguments can be compared: keys by their number, tags as pairs, records and answers fixed."""

    port: str
    method: str
    args: tuple[Hashable, ...]


class Answered(NamedTuple):
    """What a paid call came to."""

    content: str
    """The picture that the detector saw."""
    as_asked: bool
    """It is the object that the worker had looked at. The worker does not hear this."""
    refused: bool = False


class Asks(Protocol):
    """The results come from an object like this."""

    @property
    def now(self) -> float: ...
    def ask(self, call: Call) -> Any: ...


class _Port:
    def __init__(self, run: Asks) -> None:
        self._run = run


class Objects(_Port):
    """Implements ports.ObjectStore."""

    def _ask(self, method: str, *args: Hashable) -> Any:
        return self._run.ask(Call("objects", method, args))

    def head(self, ref: ObjectRef) -> Look:
        look: Look = self._ask("head", key_of(ref))
        return look

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        data: bytes = self._ask("read", key_of(ref), head)
        return data[start : start + length]

    def tags(self, ref: ObjectRef) -> Tags:
        return dict(self._ask("tags", key_of(ref), ref.version))

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        self._ask("put_tags", key_of(ref), ref.version, pairs(tags), before)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        raise AssertionError("no use case in the scenarios lists a bucket")


class Detector(_Port):
    """Implements ports.LabelDetector."""

    name = "fake"
    paid = True
    formats = frozenset({"jpeg", "png"})
    least_side = 50
    calls = 1
    most_bytes = MAX_BYTES
    suffixes: tuple[str, ...] = ()
    timeout = 15.0
    default_threshold = 0.7

    def __init__(self, run: Asks, setting: str) -> None:
        super().__init__(run)
        self.setting = setting

    def detect(self, picture: Picture) -> Detection:
        answer: Answered = self._run.ask(Call("detector", "detect", (key_of(picture.ref), picture.head)))
        if answer.refused:
            raise Rejected("detector_refused", answer.content)
        return detection_of(answer.content)


class Time(_Port):
    """Implements ports.Clock."""

    def monotonic(self) -> float:
        return self._run.now

    def time(self) -> float:
        return self._run.now

    def sleep(self, seconds: float) -> None:
        self._run.ask(Call("clock", "sleep", (seconds,)))


class Ledger(_Port):
    """Implements ports.Ledger."""

    def _ask(self, method: str, *args: Hashable) -> Any:
        return self._run.ask(Call("ledger", method, args))

    def lock(
        self, ref: ObjectRef, token: str, until: float, now: float, event_id: str, former: str | None = None
    ) -> bool:
        return bool(self._ask("lock", key_of(ref), token, until, now, former))

    def release(self, ref: ObjectRef, token: str, waiting: str | None = None) -> None:
        self._ask("release", key_of(ref), token, waiting)

    def finish(
        self,
        ref: ObjectRef,
        token: str,
        record: ImageRecord | None,
        entry: EventEntry,
        proof: Proof | None = None,
        waiting: str | None = None,
    ) -> bool:
        row = fix_record(record) if record is not None else None
        return bool(self._ask("finish", key_of(ref), token, row, _line(entry), proof, waiting))

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        return bool(self._ask("drop", key_of(ref), token, _line(entry)))

    def row(self, ref: ObjectRef) -> StoredRow | None:
        row = self._ask("row", key_of(ref))
        if row is None:
            return None
        record = row.record.value if row.record is not None else None
        return StoredRow(record, row.waiting, row.lock, row.until if row.lock is not None else None)

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        raise AssertionError("no use case in the scenarios reads many rows at once")

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        raise AssertionError("no use case in the scenarios looks for a picture by its id")

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        raise AssertionError("no use case in the scenarios reads the history")

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        kind, answer, failures = self._ask("claim", answer_id, nonce, until, now)
        return Claim(kind, answer.value if answer is not None else None, failures)

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        return bool(self._ask("store", answer_id, nonce, fix_answer(answer)))

    def answer(self, answer_id: str) -> StoredAnswer | None:
        found = self._ask("answer", answer_id)
        if found is None:
            return None
        answer, until = found
        return StoredAnswer(answer.value if answer is not None else None, until)

    def give_back(self, answer_id: str, nonce: str) -> None:
        self._ask("give_back", answer_id, nonce)

    def take_over(self, answer_id: str, old: str, nonce: str, until: float, failures: int = 0) -> bool:
        return bool(self._ask("take_over", answer_id, old, nonce, until, failures))

    def forget_refusal(self, answer_id: str) -> bool:
        raise AssertionError("no use case that is explored forgets a refusal")

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        reason: str | None = self._ask("take", bucket, limits)
        return reason

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        self._ask("hold", bucket, reason, until)

    def free(self, detector: str, bucket: str) -> None:
        raise AssertionError("no use case in the scenarios ends a hold")

    def spending(self, detector: str, now: float) -> Spending:
        raise AssertionError("no use case in the scenarios reads what is spent")


def _line(entry: EventEntry) -> tuple[str, str, str]:
    """Return the event's id and its outcome."""
    return entry.event_id, entry.state, entry.reason or ""
