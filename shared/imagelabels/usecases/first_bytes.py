"""Tells by the first bytes of a file whether a detector is to be asked about it, which costs no call."""

from __future__ import annotations

from imagelabels.domain.model import Answer
from imagelabels.domain.outcomes import Reason, reason_of
from imagelabels.pictures import picture
from imagelabels.ports import Described


def look_into(read: picture.Read, size: int, detector: Described) -> tuple[picture.Head, Answer | None]:
    """Return what the first bytes of a file say, and the refusal if the detector is not to be asked about it."""
    seen = picture.probe(read, size)
    word = picture.refusal(seen, detector.formats, detector.least_side)
    return seen, None if word is None else refused(seen, reason_of(word))


def refused(seen: picture.Head, reason: Reason, message: str = "") -> Answer:
    """Return the answer that says why there are no labels, with what the first bytes told."""
    return Answer(reason, message, None, seen.width, seen.height, seen.taken_at, seen.format)
