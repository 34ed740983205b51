"""A small world for use cases: a store, a detector, a ledger, a user, and as many workers as a story needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagelabels.domain import content
from imagelabels.domain.concept import Concept
from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.domain.model import ImageRecord, ObjectChange, ObjectRef, Outcome
from imagelabels.domain.policy import Policy
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import Ledger, StoredRow, traits_of
from imagelabels.usecases.reconcile import Labeler
from imagelabels.usecases.tools import Tools
from tests.fakes import FakeClock, FakeDetector, FakeLedger, FakeObjects, Killed, PendingWrite, Wire, jpeg

CONCEPTS = Taxonomy(
    [
        Concept("mammal", 1, None, {"en": "Mammals", "zh-Hans": "哺乳动物"}, {}),
        Concept("pet", 2, "mammal", {"en": "Pets", "zh-Hans": "宠物"}, {"imm": ("Companion",)}),
        Concept("cat", 3, "pet", {"en": "Cat", "zh-Hans": "猫"}, {}),
        Concept("dog", 3, "pet", {"en": "Dog", "zh-Hans": "狗"}, {}),
        Concept("vehicle", 1, None, {"en": "Vehicles", "zh-Hans": "车辆"}, {}),
        Concept("car", 2, "vehicle", {"en": "Cars", "zh-Hans": "汽车"}, {}),
    ],
    1,
    vocabularies=("ci", "imm"),
)
K = ObjectRef("oss", "photos", "k.jpg")
J = ObjectRef("oss", "photos", "j.jpg")
L = ObjectRef("oss", "photos", "l.jpg")
TIMEOUT = 90.0
"""Seconds after which the platform kills a worker: twice the lease of a lock and a detector's time-out."""


class Worker:
    """A process that gets one event."""

    def __init__(self, world: World, **tools: Any) -> None:
        self.world = world
        self.wire = Wire(("objects", world.objects), ("detector", world.detector), ("ledger", world.ledger))
        ports = self.wire.ports
        ledger, detector, policy = ports["ledger"], ports["detector"], tools.pop("policy", Policy())
        self.tools = Tools(
            ports["objects"], ledger, ledger, ledger, traits_of(detector), policy, CONCEPTS, world.clock, **tools
        )
        self.labeler = Labeler(self.tools, detector, ledger)

    def before(self, call: str, *then: Callable[[], object]) -> Worker:
        self.wire.before.setdefault(call, []).append(lambda: [step() for step in then])
        return self

    def after(self, call: str, *then: Callable[[], object]) -> Worker:
        self.wire.after.setdefault(call, []).append(lambda: [step() for step in then])
        return self

    def instead(self, call: str, then: Callable[..., Any]) -> Worker:
        self.wire.instead.setdefault(call, []).append(then)
        return self

    def fails(self, call: str, error: LabelingError, times: int = 1) -> Worker:
        """The next calls of that name end in an error, and nothing happens."""

        def fail(*_: object) -> None:
            raise error

        for _ in range(times):
            self.instead(call, fail)
        return self

    def tag_write_hangs(self) -> Worker:
        """The request for the tag write goes out, its answer never comes."""

        def hang(ref: ObjectRef, tags: dict[str, str], before: float, until: float) -> None:
            self.world.objects.pending.append(PendingWrite(ref, tags, before))
            raise Unavailable("timeout")

        return self.instead("objects.put_tags", hang)

    def dies_after(self, call: str) -> Worker:
        return self.after(call, self._die)

    def dies_before(self, call: str) -> Worker:
        return self.before(call, self._die)

    def _die(self) -> None:
        self.wire.dead = True
        raise Killed

    def gets(self, ref: ObjectRef, timeout: float = TIMEOUT, kind: str = "created", **change: Any) -> Outcome | str:
        """The outcome; or the reason that the platform hears, or "killed"."""
        event = ObjectChange(ref, kind, change.pop("event_id", f"event of {ref.key}"), **change)  # type: ignore[arg-type]
        try:
            return self.labeler.reconcile(event, self.world.clock.monotonic() + timeout)
        except Killed:
            return "killed"
        except LabelingError as error:
            return error.reason


class World:
    def __init__(self, ledger: Ledger | None = None) -> None:
        self.clock = FakeClock()
        self.objects = FakeObjects(self.clock)
        self.detector = FakeDetector(self.objects)
        self.ledger: Ledger = ledger or FakeLedger()

    def worker(self, **tools: Any) -> Worker:
        return Worker(self, **tools)

    def user_puts(self, ref: ObjectRef, shows: str, **put: Any) -> Callable[[], None]:
        """For use now (call it) or as a step in a story."""

        def put_now() -> None:
            self.clock.sleep(1.5)  # so that Last-Modified tells two uploads apart
            self.objects.put(ref, jpeg(shows), **put)

        return put_now

    def answer_id(self, ref: ObjectRef) -> str:
        """The name under which the ledger keeps the answer for what the object shows now."""
        return content.answer_id(ref, self.objects.there[ref.uri].head, self.detector.setting, "bucket")

    def is_confirmed(self, ref: ObjectRef) -> bool:
        """Whether an answer is kept for what the object shows now, and may be given to everybody."""
        kept = self.ledger.answer(self.answer_id(ref))
        return kept is not None and kept.answer is not None and kept.answer.asked is None

    def row(self, ref: ObjectRef) -> StoredRow:
        row = self.ledger.row(ref)
        assert row is not None
        return row

    def record(self, ref: ObjectRef) -> ImageRecord:
        record = self.row(ref).record
        assert record is not None
        return record

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def tags(self, ref: ObjectRef) -> dict[str, str]:
        return self.objects.there[ref.uri].tags

    def labels(self, ref: ObjectRef) -> tuple[str, ...] | None:
        """Of the row; None without a row, or while it only holds a lock."""
        row = self.ledger.row(ref)
        return tuple(label.id for label in row.record.labels) if row and row.record else None

    def state(self, ref: ObjectRef) -> str | None:
        row = self.ledger.row(ref)
        return row.record.state if row and row.record else None

    def until_done(self, ref: ObjectRef, tries: int = 4) -> Outcome | str:
        """The platform delivers again, a while later each time, until the event is taken."""
        got: Outcome | str = "killed"
        for _ in range(tries):
            got = self.worker().gets(ref)
            if isinstance(got, Outcome):
                return got
            self.wait(60)
        return got
