"""Ports in memory: the same promises as the real adapters, and doors for what can go wrong between two calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from imagelabels.domain.budget import UNLIMITED, Hold, Limits, Spending, day, last_expired_day, refusal
from imagelabels.domain.changes import Change
from imagelabels.domain.errors import Gone, NoBucket, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import (
    Answer,
    Detection,
    EventEntry,
    ImageRecord,
    Label,
    Look,
    ObjectHead,
    ObjectRef,
    Picture,
    Tags,
    crc64,
)
from imagelabels.pictures.picture import MAX_BYTES
from imagelabels.ports import MARGIN, Claim, Proof, StoredAnswer, StoredRow
from imagelabels.records.rows import forgets, image_pk

START = 1_700_000_000.25


class FakeClock:
    """Time moves only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def time(self) -> float:
        """This machine's own clock, which nothing may depend on: an hour slow."""
        return self.store - 3600.0

    @property
    def store(self) -> float:
        """The true time at the store."""
        return START + self.now - 1000.0


def jpeg(content: str, width: int = 640, height: int = 480) -> bytes:
    """The head of a JPEG of that size, with the content's name where the pixels would be."""
    sof = b"\xff\xc0\x00\x11\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big")
    sof += b"\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + sof + b"|" + content.encode()


@dataclass
class FakeObject:
    data: bytes
    head: ObjectHead
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class PendingWrite:
    """A tag write whose sender has given up, still on its way to the store."""

    ref: ObjectRef
    tags: Tags
    before: float


class FakeObjects:
    """A store: ObjectStore for the product, the rest for the test's user."""

    def __init__(self, clock: FakeClock, store: str = "oss") -> None:
        self.clock = clock
        self.store = store
        self.there: dict[str, FakeObject] = {}
        self.pending: list[PendingWrite] = []
        self.refuse_tags = False
        self.tag_writes_fail: list[Exception] = []
        """The next tag writes end with these errors, one each, and write nothing."""
        self.missing_bucket = "no-such-bucket"

    def put(self, ref: ObjectRef, data: bytes, tags: Tags | None = None, **head: Any) -> None:
        seen = ObjectHead(
            etag=hashlib.md5(data, usedforsecurity=False).hexdigest().upper(),
            size=len(data),
            crc64=crc64("xz", str(int.from_bytes(hashlib.sha256(data).digest()[:8], "big"))),
            last_modified=int(self.clock.store),
            content_type="image/jpeg",
        )
        self.there[ref.uri] = FakeObject(data, replace(seen, **head), dict(tags or {}))

    def delete(self, ref: ObjectRef) -> None:
        self.there.pop(ref.uri, None)

    def user_tag(self, ref: ObjectRef, key: str, value: str) -> None:
        self.there[ref.uri].tags[key] = value

    def land(self) -> None:
        """The writes under way arrive, whatever has happened since; the store refuses those past their signature."""
        for write in self.pending:
            if self.clock.store <= write.before and write.ref.uri in self.there:
                self.there[write.ref.uri].tags = dict(write.tags)
        self.pending = []

    def head(self, ref: ObjectRef) -> Look:
        found = self.there.get(ref.uri)
        return Look(float(int(self.clock.store)), found.head if found else None)

    def read(self, ref: ObjectRef, head: ObjectHead, start: int, length: int) -> bytes:
        found = self.there.get(ref.uri)
        if found is None or found.head.etag != head.etag:
            raise Gone
        return found.data[start : start + length]

    def tags(self, ref: ObjectRef) -> Tags:
        if ref.bucket == self.missing_bucket:
            raise NoBucket
        if ref.uri not in self.there:
            raise Gone
        return dict(self.there[ref.uri].tags)

    def put_tags(self, ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        if self.tag_writes_fail:
            raise self.tag_writes_fail.pop(0)
        if ref.uri not in self.there:
            raise Gone
        if self.refuse_tags or len(tags) > 10:
            raise Rejected("tags_refused", "InvalidTag")
        if self.clock.store > before:
            raise Unavailable("busy", "the request has expired")
        self.there[ref.uri].tags = dict(tags)

    def list(self, bucket: str, prefix: str = "", after: str = "") -> Iterator[Listed]:
        start = f"{self.store}://{bucket}/"
        for uri in sorted(self.there, key=str.encode):
            key = uri[len(start) :]
            if uri.startswith(start) and key.startswith(prefix) and key.encode() > after.encode():
                head = self.there[uri].head
                ref = ObjectRef(self.store, bucket, key)
                kept_as = "Archive" if head.archived else "Standard"
                # A list shows a link itself, and HEAD shows its target.
                etag = "link" if head.symlink else head.etag
                yield Listed(ref, etag, head.size, float(head.last_modified), kept_as)


class FakeDetector:
    """Sees what the fake JPEG says that it shows. Does not look at versions: like an API that reads by key."""

    name = "fake"
    setting = "fake"
    paid = True
    formats = frozenset({"jpeg", "png"})
    least_side = 50
    calls = 1
    most_bytes = MAX_BYTES
    suffixes: tuple[str, ...] = ()
    timeout = 15.0
    default_threshold = 0.7

    def __init__(self, objects: FakeObjects) -> None:
        self.objects = objects
        self.asked: list[str] = []
        self.fails: list[Exception] = []
        self.refuses: set[str] = set()
        self.shows: dict[str, tuple[Label, ...]] = {}

    def detect(self, picture: Picture) -> Detection:
        found = self.objects.there.get(picture.ref.uri)
        if found is None:
            raise Gone
        content = found.data.rpartition(b"|")[2].decode()
        self.asked.append(content)
        if self.fails:
            raise self.fails.pop(0)
        if content in self.refuses:
            raise Rejected("detector_refused", "BadPicture")
        labels = self.shows.get(content) or (label(content),)
        return Detection(labels, self.name, "fake-1", json.dumps(content), True)


def label(label_id: str, confidence: float = 0.9, parent: str | None = None, centric: float | None = 0.5) -> Label:
    return Label(label_id, label_id.title(), "en", 3, parent, confidence, centric)


@dataclass
class _Row:
    record: ImageRecord | None = None
    waiting: str | None = None
    lock: str | None = None
    until: float = 0.0


@dataclass
class _Kept:
    owner: str
    until: float
    answer: Answer | None = None
    failures: int = 0

    @property
    def unconfirmed(self) -> bool:
        return self.answer is not None and self.answer.asked is not None


class FakeLedger:
    """Locks, answers, rows and history in dictionaries."""

    def __init__(self) -> None:
        self.there: dict[str, _Row] = {}
        self.answers: dict[str, _Kept] = {}
        self.counted: list[tuple[str, float, int]] = []
        """For each request: the detector, the moment, and the calls that it is billed as."""
        self.held: dict[tuple[str, str], Hold] = {}
        self.lines: dict[str, dict[tuple[str, str], EventEntry]] = {}
        self.changes: list[Change] = []
        self.refs: dict[str, ObjectRef] = {}
        """The objects that ever had a row, by the ids of their rows."""

    def lock(
        self, ref: ObjectRef, token: str, until: float, now: float, event_id: str, former: str | None = None
    ) -> bool:
        row = self.there.setdefault(ref.uri, _Row())
        self.refs[image_pk(ref)] = replace(ref, version=None)
        if row.lock in (None, token, former) or row.until + MARGIN < now:
            row.lock, row.until = token, until
            return True
        return False

    def release(self, ref: ObjectRef, token: str, waiting: str | None = None) -> None:
        row = self.there.get(ref.uri)
        if row is not None and row.lock == token:
            row.lock, row.waiting = None, waiting or row.waiting
            if row.record is None and row.waiting is None:
                del self.there[ref.uri]

    def finish(
        self,
        ref: ObjectRef,
        token: str,
        record: ImageRecord | None,
        entry: EventEntry,
        proof: Proof | None = None,
        waiting: str | None = None,
    ) -> bool:
        row = self.there.get(ref.uri)
        if row is None or row.lock != token or (record is not None and forgets(record, row.record)):
            return False
        row.record, row.waiting, row.lock = record or row.record, None if record else waiting, None
        if row.record is None:
            del self.there[ref.uri]
        if record is not None:
            self.changes.append(Change(ref, image_pk(ref), "written", entry.at))
        self.lines.setdefault(ref.uri, {})[entry.event_id, token] = entry
        if proof is not None:
            kept = self.answers.get(proof.answer_id)
            if kept is not None and kept.owner == proof.nonce and kept.answer is not None:
                kept.answer = replace(kept.answer, asked=None)
        return True

    def drop(self, ref: ObjectRef, token: str, entry: EventEntry) -> bool:
        row = self.there.get(ref.uri)
        if row is None or row.lock != token:
            return False
        if row.record is not None:
            self.changes.append(Change(ref, image_pk(ref), "removed", entry.at))
        del self.there[ref.uri]
        self.lines.setdefault(ref.uri, {})[entry.event_id, token] = entry
        return True

    def claim(self, answer_id: str, nonce: str, until: float, now: float) -> Claim:
        kept = self.answers.get(answer_id)
        if kept is not None and kept.answer is not None:
            return Claim("kept", kept.answer)
        if kept is None or kept.owner == nonce or kept.until < now:
            failures = 0 if kept is None else kept.failures + (kept.owner != nonce)
            self.answers[answer_id] = _Kept(nonce, until, failures=failures)
            return Claim("mine", failures=failures)
        return Claim("busy")

    def store(self, answer_id: str, nonce: str, answer: Answer) -> bool:
        kept = self.answers.get(answer_id)
        if kept is None or kept.owner != nonce or (kept.answer is not None and not kept.unconfirmed):
            return False
        kept.answer, kept.failures = answer, 0
        return True

    def answer(self, answer_id: str) -> StoredAnswer | None:
        kept = self.answers.get(answer_id)
        if kept is None:
            return None
        return StoredAnswer(kept.answer, kept.until if kept.answer is None else None)

    def give_back(self, answer_id: str, nonce: str) -> None:
        kept = self.answers.get(answer_id)
        if kept is not None and kept.owner == nonce and (kept.answer is None or kept.unconfirmed):
            del self.answers[answer_id]

    def take_over(self, answer_id: str, old: str, nonce: str, until: float, failures: int = 0) -> bool:
        kept = self.answers.get(answer_id)
        if kept is None or kept.owner != old or not kept.unconfirmed:
            return False
        self.answers[answer_id] = _Kept(nonce, until, failures=failures)
        return True

    def forget_refusal(self, answer_id: str) -> bool:
        kept = self.answers.get(answer_id)
        if kept is None or kept.answer is None or kept.unconfirmed or kept.answer.reason is None:
            return False
        del self.answers[answer_id]
        return True

    def take(self, detector: str, bucket: str, now: float, limits: Limits = UNLIMITED, calls: int = 1) -> str | None:
        if (reason := refusal(self.spending(detector, now), limits, bucket, calls)) is not None:
            return reason
        self.counted.append((detector, now, calls))
        return None

    def hold(self, detector: str, bucket: str, reason: str, until: float) -> None:
        self.held[detector, bucket] = Hold(reason, until)

    def free(self, detector: str, bucket: str) -> None:
        self.held.pop((detector, bucket), None)

    def spending(self, detector: str, now: float) -> Spending:
        counted = [(at, calls) for name, at, calls in self.counted if name == detector]
        last = max((at for at, _ in counted), default=now)
        kept = [(at, calls) for at, calls in counted if day(at) > day(last_expired_day(last))]
        return Spending(
            sum(calls for _, calls in counted),
            sum(calls for at, calls in kept if day(at) == day(now)),
            sum(int(at) == int(now) for at, _ in counted),
            {bucket: hold for (name, bucket), hold in self.held.items() if name == detector and hold.until > now},
        )

    def row(self, ref: ObjectRef) -> StoredRow | None:
        row = self.there.get(ref.uri)
        return StoredRow(row.record, row.waiting, row.lock, row.until if row.lock else None) if row else None

    def rows(self, refs: Sequence[ObjectRef]) -> tuple[StoredRow | None, ...]:
        return tuple(self.row(ref) for ref in refs)

    def ref_by_id(self, picture: str) -> ObjectRef | None:
        ref = self.refs.get(picture)
        return ref if ref is not None and ref.uri in self.there else None

    def history(self, ref: ObjectRef) -> tuple[EventEntry, ...]:
        return tuple(self.lines.get(ref.uri, {}).values())


class Killed(BaseException):
    """The process is gone: nothing that it does from now on has any effect."""


class Wire:
    """One worker's line to the world: every port call passes here, is numbered, and can be cut before or after it."""

    def __init__(self, *ports: tuple[str, Any]) -> None:
        self.calls: list[str] = []
        self.dead = False
        self.kill_at: tuple[int, str] | None = None
        self.before: dict[str, list[Callable[[], object]]] = {}
        self.after: dict[str, list[Callable[[], object]]] = {}
        self.instead: dict[str, list[Callable[..., Any]]] = {}
        self.ports = {name: _Port(self, name, port) for name, port in ports}

    def do(self, name: str, call: Callable[..., Any], *args: Any) -> Any:
        if self.dead:
            raise Killed
        self.calls.append(name)
        number = len(self.calls)
        self._meet(self.before, name)
        if self.kill_at == (number, "before"):
            self.dead = True
            raise Killed
        result = (self.instead[name].pop(0) if self.instead.get(name) else call)(*args)
        if self.kill_at == (number, "after"):
            self.dead = True
            raise Killed
        self._meet(self.after, name)
        return result

    def _meet(self, hooks: dict[str, list[Callable[[], object]]], name: str) -> None:
        if hooks.get(name):
            hooks[name].pop(0)()


class _Port:
    def __init__(self, wire: Wire, name: str, port: Any) -> None:
        self._wire, self._name, self._port = wire, name, port

    def __getattr__(self, method: str) -> Any:
        value = getattr(self._port, method)
        if not callable(value):
            return value
        return lambda *args: self._wire.do(f"{self._name}.{method}", value, *args)
