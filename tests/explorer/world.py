"""The small world as one tuple: two states of it are the same if and only if the tuples are equal."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from imagelabels.domain.model import Answer, ImageRecord, ObjectHead
from tests.explorer.ports import Call
from tests.explorer.tree import Node
from tests.explorer.values import CONTENTS, KEYS, START, Fixed, TagPairs, head_of

T = TypeVar("T")


class Stored(NamedTuple):
    """An object, or one version of it."""

    content: str
    modified: int
    version: str | None
    tags: TagPairs

    @property
    def head(self) -> ObjectHead:
        return head_of(self.content, self.modified, self.version)


class Row(NamedTuple):
    """A row of the index."""

    record: Fixed[ImageRecord] | None = None
    waiting: str | None = None
    lock: str | None = None
    until: float = 0.0


class Kept(NamedTuple):
    """An answer, or the claim on it."""

    answer_id: str
    nonce: str
    until: float
    answer: Fixed[Answer] | None = None
    as_asked: bool = True
    """The detector saw the object that its caller had looked at."""
    rests_on: bool = False
    """A row was finished with the answer while it was unconfirmed."""
    failures: int = 0
    """So many workers that asked for it before this claim failed or died."""

    @property
    def unconfirmed(self) -> bool:
        return self.answer is not None and self.answer.value.asked is not None


class LateWrite(NamedTuple):
    """A tag write whose sender heard an error, and which may land until its signature ends."""

    key: int
    version: str | None
    tags: TagPairs
    before: float


class Due(NamedTuple):
    """An event or a command that is still to be delivered."""

    key: int
    what: str
    number: int
    attempt: int


class Faults(NamedTuple):
    """How many faults of each kind may still happen."""

    crash: int = 0
    """A worker is killed between two calls."""
    slow: int = 0
    """All is slow for some seconds, less than a lease and less than the signature of a tag write."""
    sleep: int = 0
    """All workers sleep past the leases of their locks, and go on."""
    lost: int = 0
    """A call takes effect, and its reply is lost."""
    fail: int = 0
    """A call fails without effect."""
    late: int = 0
    """A tag write lands after its sender heard an error, or never."""
    twice: int = 0
    """A write to the index lands a second time, later."""
    forbid: int = 0
    """The store answers 403."""


class World(NamedTuple):
    """Everything outside the workers, and the workers."""

    now: float = START
    step: int = 0
    """The user's next step."""
    objects: tuple[tuple[Stored | None, ...], ...] = ((),) * len(KEYS)
    """The versions of each key, oldest first; None is a delete marker. Without versions there is one at most."""
    puts: int = 0
    """How many objects were put so far."""
    rows: tuple[Row | None, ...] = (None,) * len(KEYS)
    answers: tuple[Kept, ...] = ()
    counted: int = 0
    """Calls that the budget has counted."""
    limit: int | None = None
    holds: tuple[tuple[str, str, float], ...] = ()
    """Bucket, reason and end of each hold."""
    late: tuple[LateWrite, ...] = ()
    again: tuple[Call, ...] = ()
    """Writes to the index that may land a second time."""
    due: tuple[Due, ...] = ()
    workers: tuple[Node, ...] = ()
    faults: Faults = Faults()
    calls: tuple[int, ...] = (0,) * len(CONTENTS)
    """Paid calls for each content."""
    excused: tuple[int, ...] = (0,) * len(CONTENTS)
    """The project promises that each content is paid for again at most so often."""
    in_vain: int = 0
    """Calls about the content A that ended in an error, where the scenario has such calls."""
    doubts: int = 0
    """So many faults may have made the count of failed calls too low or too high: a worker was killed, the index
    failed, or another call of the detector failed."""
    wanted: tuple[TagPairs, ...] = ((),) * len(KEYS)
    """The user's tags as the user wrote them last."""
    at_risk: tuple[bool, ...] = (False,) * len(KEYS)
    """The user's last write of tags fell within the stated round trip."""
    said: tuple[str, ...] = ("",) * len(KEYS)
    """The content for which a person's correction holds. `perhaps`: it may hold for any, or for none."""
    lines: tuple[tuple[str, str, str], ...] = ()
    """The history of events that are at work or due: event, state, reason."""
    broken: str = ""
    """A promise that was broken on the way, not only at rest."""

    def present(self, key: int) -> Stored | None:
        """Return the object that the key names now."""
        versions = self.objects[key]
        return versions[-1] if versions else None

    def stored(self, key: int, version: str | None) -> Stored | None:
        """Return a version of the object, or the present one if none is named."""
        if version is None:
            return self.present(key)
        return next((one for one in self.objects[key] if one is not None and one.version == version), None)

    def key_held(self, key: int, version: str | None, tags: TagPairs) -> World:
        """Return the world in which the object has these tags."""
        there = self.stored(key, version)
        versions = tuple(
            one._replace(tags=tags) if one is not None and one is there else one for one in self.objects[key]
        )
        return self._replace(objects=changed(self.objects, key, versions))


def changed(values: tuple[T, ...], at: int, value: T) -> tuple[T, ...]:
    """Return the tuple with another value at one place."""
    return (*values[:at], value, *values[at + 1 :])


def counted_up(counts: tuple[int, ...], content: str) -> tuple[int, ...]:
    at = CONTENTS.index(content)
    return changed(counts, at, counts[at] + 1)
