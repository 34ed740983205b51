"""These rows, answers and history lines are samples for the contract suites."""

from __future__ import annotations

from imagelabels.domain.model import Answer, Detection, EventEntry, ImageRecord, Label, ObjectHead, ObjectRef, crc64
from imagelabels.domain.outcomes import Reason, State
from imagelabels.ports import Ledger

NOW = 1_700_000_000.125
"""The store's clock, in seconds since 1970."""

REF = ObjectRef("oss", "album", "summer/dog.jpg")
HEAD = ObjectHead(
    "5D41402ABC4B2A76B9719D911017C592", 4096, crc64("xz", "17906320234890243213"), 1_700_000_000, "v7", "image/jpeg"
)

ODD_KEYS = (
    "with space.jpg",
    "plus+percent%25&hash#.jpg",
    'it\'s "quoted"; DROP TABLE images;--.jpg',
    "under_score%.jpg",
    "line\nbreak\ttab\x1b[31m.jpg",
    "露营/鹿.jpg",
    "emoji-😀-👨‍👩‍👧.jpg",
    "back\\slash//double/../dots.jpg",
    "not-unicode-\udcff.jpg",
    "ß" * 511 + "x",
)
"""The last one has 1,023 bytes."""


def label(label_id: str, confidence: float = 0.9, parent: str | None = None, name: str | None = None) -> Label:
    return Label(label_id, name or label_id.title(), "en", 3, parent, confidence, 0.5)


DETECTION = Detection((label("dog", 0.93, "mammal"), label("imm:露营", 0.71)), "oss", "2023", '{"Labels":[]}', True)

ANSWER = Answer(None, "", DETECTION, 640, 480)
REFUSAL = Answer(Reason.DETECTOR_REFUSED, "the picture is upside down")


def record(
    ref: ObjectRef = REF,
    labels: tuple[Label, ...] = (label("dog", 0.93, "mammal"),),
    state: str = "labelled",
    reason: str | None = None,
    updated_at: int = 1_700_000_000_125,
    ancestors: dict[str, tuple[str, ...]] | None = None,
) -> ImageRecord:
    return ImageRecord(
        ref=ref,
        state=State(state),
        reason=reason,
        head=HEAD,
        content="c0ffee",
        setting="oss/2023",
        policy="0123456789abcdef",
        detector="oss",
        model="2023",
        labels=labels,
        ancestors={} if ancestors is None else ancestors,
        notes=("tag_taken", "tags_left_out"),
        tags_written={"label:dog": "mammal"},
        tags_left_out=("beach",),
        width=640,
        height=480,
        taken_at="2023-07-01T12:00:00",
        updated_at=updated_at,
    )


def entry(event_id: str = "e1", state: str = "labelled", at: int = 1_700_000_000_125) -> EventEntry:
    return EventEntry(
        event_id, State(state), None, at, 1, {"user": "1"}, {"user": "1", "label:dog": "mammal"}, ("tag_taken",)
    )


def put(ledger: Ledger, row: ImageRecord, event_id: str = "e1") -> None:
    """Write a row as a delivery does, with a lock and a finish."""
    assert ledger.lock(row.ref, event_id, NOW + 30, NOW, event_id)
    assert ledger.finish(row.ref, event_id, row, entry(event_id))


def remove(ledger: Ledger, ref: ObjectRef) -> None:
    assert ledger.lock(ref, "removal", NOW + 30, NOW, "removal")
    assert ledger.drop(ref, "removal", entry("removal", "removed"))
