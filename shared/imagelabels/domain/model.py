"""The nouns: an object, its labels, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NewType, overload

from imagelabels.domain.errors import LabelingError
from imagelabels.domain.outcomes import Note, Reason, State
from imagelabels.pictures.picture import Head

Tags = dict[str, str]
"""An object's tags, key to value."""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """Names an object. `store` is the scheme of its URI; `version` only where HEAD showed one."""

    store: str
    bucket: str
    key: str
    version: str | None = None

    @property
    def uri(self) -> str:
        """One index row per URI: it carries no version."""
        return f"{self.store}://{self.bucket}/{self.key}"


Crc64 = NewType("Crc64", str)
"""A checksum of 64 bits together with its kind, made by `crc64`: equal texts are of one polynomial."""


@overload
def crc64(kind: str, value: str) -> Crc64: ...
@overload
def crc64(kind: str, value: str | None) -> Crc64 | None: ...
def crc64(kind: str, value: str | None) -> Crc64 | None:
    """Return a checksum, a decimal number, with its kind in lower case; None where a store tells none.

    The kind names all parameters, as in the catalogue of CRCs (https://reveng.sourceforge.io/crc-catalogue/all.htm).
    Rows and kept answers hold `xz` without its name, since the first releases knew no other.
    """
    if value is None:
        return None
    return Crc64(value if kind == "xz" else f"{kind}:{value}")


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """Everything that HEAD shows of an object; two looks saw the same object if and only if their heads are equal."""

    etag: str
    """Without quotes, as the store spells it."""
    size: int
    """Bytes."""
    crc64: Crc64 | None
    """The checksum that the store tells; None where it tells none."""
    last_modified: int
    """Seconds since the epoch, store clock."""
    version: str | None = None
    content_type: str | None = None
    archived: bool = False
    """True when the bytes cannot be read without restoring them first."""
    symlink: bool = False


def versioned(ref: ObjectRef, head: ObjectHead) -> ObjectRef:
    """Where HEAD showed a version, every later call names it."""
    return ref if ref.version == head.version else replace(ref, version=head.version)


@dataclass(frozen=True, slots=True)
class Look:
    """What HEAD answered: the store's Date (seconds since the epoch), and the object, if there is one."""

    date: float
    head: ObjectHead | None


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """A record of an event: a hint to look at `ref`, nothing more. The rest is for the log and for `resolve`."""

    ref: ObjectRef
    kind: Literal["created", "removed"]
    event_id: str
    at: str | None = None
    etag: str | None = None
    size: int | None = None
    decoded: ObjectRef | None = None
    """The other reading of the key, if the event's key could be URL-encoded."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a detector gets: the object, its head, and `read(start, length)`, a ranged read with If-Match."""

    ref: ObjectRef
    head: ObjectHead
    read: Callable[[int, int], bytes]
    seen: Head | None = None
    """What its first bytes said, where somebody looked."""


@dataclass(frozen=True, slots=True)
class DetectorTraits:
    """What is known of a detector without opening it; ports.Described explains the fields."""

    name: str
    setting: str
    most_bytes: int
    suffixes: tuple[str, ...] = ()
    default_threshold: float = 0.7
    formats: frozenset[str] = frozenset({"jpeg", "png"})
    least_side: int = 1
    paid: bool = True
    calls: int = 1


@dataclass(frozen=True, slots=True)
class Label:
    """One thing seen in a picture. `id` never changes and is never reused; scores are in 0..1."""

    id: str
    name: str
    language: str
    level: int
    parent_id: str | None
    confidence: float
    centric_score: float | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's whole answer, at its floor: `raw` is the answer as it came, JSON or XML; `paid`: it was billed."""

    labels: tuple[Label, ...]
    detector: str
    model: str
    raw: str
    paid: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """The call that brought an answer: it names the object and what HEAD had shown of it just before."""

    nonce: str
    """One call has it and no other one ever will."""
    ref: ObjectRef
    head: ObjectHead


@dataclass(frozen=True, slots=True)
class Answer:
    """What is kept for a content: a detection, or the reason why there is none. `reason` None means labels."""

    reason: Reason | None = None
    message: str = ""
    detection: Detection | None = None
    width: int | None = None
    height: int | None = None
    """Pixels as stored in the file, before any EXIF orientation; None where the head did not tell."""
    taken_at: str | None = None
    """Local time by the file's EXIF data, as domain.exif has it."""
    format: str | None = None
    """Of the file, as domain.picture names it; None for no picture, and where nobody looked."""
    asked: Asked | None = None
    """Set until a later look has shown that the object was still the same after the call; None once that is known."""
    failures: int = 0
    """If this is not 0, there is no answer: so many billed calls in a row ended without one, the last one by `reason`.
    Such an entry is never confirmed, so it counts as an answer for nobody."""
    rests_until: int | None = None
    """The content is not asked about before then, in milliseconds since 1970. None: it may be at once."""


SCHEMA = 1
"""Version of ImageRecord. It grows only by optional fields."""


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person said of one content; another content in the same object has none. Words as they were typed."""

    content: str
    without: tuple[str, ...] = ()
    """Not so, and nothing below it."""
    add: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.without or self.add)


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One index row: what is true of one object. Labels are those that the policy chose."""

    ref: ObjectRef
    state: State
    reason: Reason | str | None
    """A plain text is a reason that a newer version wrote."""
    head: ObjectHead | None
    content: str | None
    """domain.content.content_id of the head."""
    setting: str
    """The detector's setting that the answer belongs to."""
    policy: str
    """Digest of the policy that chose the labels."""
    detector: str
    model: str
    labels: tuple[Label, ...] = ()
    ancestors: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each label id, the ids above it that its answer named, nearest first."""
    notes: tuple[Note | str, ...] = ()
    """A plain text is a format that no detector reads (outcomes.format_note), or a note that a newer version wrote."""
    tags_written: Tags = field(default_factory=dict)
    tags_left_out: tuple[str, ...] = ()
    """Label ids that found no room or a taken key."""
    width: int | None = None
    height: int | None = None
    taken_at: str | None = None
    updated_at: int = 0
    """Milliseconds since the epoch, store clock, of the write that finished it."""
    schema: int = SCHEMA
    corrections: Corrections | None = None
    """None: the writer knew of none. Without words: they were forgotten."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event."""

    state: State
    reason: Reason | None = None
    notes: tuple[Note | str, ...] = ()
    labels: tuple[str, ...] = ()
    paid_calls: int = 0
    """Billed calls that this delivery sent, answered or not."""


@dataclass(frozen=True, slots=True)
class EventEntry:
    """One line of an object's history; every delivery of an event that was finished leaves one of its own.

    A delivery that had to start again leaves a line for each time that it ended, and tells each billed call once.
    """

    event_id: str
    state: State
    reason: Reason | str | None
    at: int
    """Milliseconds since the epoch, store clock."""
    paid_calls: int = 0
    tags_before: Tags | None = None
    tags_after: Tags | None = None
    notes: tuple[Note | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Spent:
    """This is what the work on one record took. Times are seconds."""

    detector: str
    """This detector would be asked about the picture, whether or not it was."""
    model: str | None
    """The detector named this model in its answer; None if it was not asked, or names none."""
    total: float
    steps: Mapping[str, float]
    """The time of each step that was taken. Steps that ran at the same time count in full, so their sum may be more
    than the total."""
    calls: Mapping[str, int]
    """How many calls were made, by what they are made to."""
    paid_calls: int
    failure: LabelingError | None = None
    """The last error of a call. The outcome may have its reason, but never has its words."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record and what became of it: an outcome, or the error that asks the platform to deliver again."""

    change: ObjectChange
    outcome: Outcome | None
    error: LabelingError | None = None
    spent: Spent | None = None
    """None where nobody measured the work."""

    @property
    def ref(self) -> ObjectRef:
        """The object that was acted on: the one whose key the event names, or that key decoded."""
        is_decoded = self.outcome is not None and Note.KEY_DECODED in self.outcome.notes
        return self.change.decoded or self.change.ref if is_decoded else self.change.ref
