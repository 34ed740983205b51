"""Looks at the first bytes of a file before a call, and at the object after it: what is written rests on
the second look, and so does an answer that is not confirmed."""

from __future__ import annotations

from imagelabels.domain.errors import Gone, Misconfigured, Rejected
from imagelabels.domain.model import Answer, Asked, ObjectHead, ObjectRef, Tags, versioned
from imagelabels.domain.outcomes import Reason, reason_of
from imagelabels.pictures import picture
from imagelabels.ports import Described
from imagelabels.usecases.found import Found, store
from imagelabels.usecases.tools import Tools, tags_of

FRESH = 0.5
"""Seconds after which tags that were read are read again before they are written: a user may have changed them."""


def look_into(read: picture.Read, size: int, detector: Described) -> tuple[picture.Head, Answer | None]:
    """Return what the first bytes of a file say, and the refusal if the detector is not to be asked about it."""
    seen = picture.probe(read, size)
    word = picture.refusal(seen, detector.formats, detector.least_side)
    return seen, None if word is None else refused(seen, reason_of(word))


def is_refused(by: Tools, ref: ObjectRef) -> bool:
    """Return whether the first bytes of the object show that the detector is not to be asked about it."""
    head = by.look(ref).head
    if head is None:
        return False
    named = versioned(ref, head)
    try:
        seen = picture.probe(lambda start, length: by.objects.read(named, head, start, length), head.size)
    except Gone:
        return False
    return picture.refusal(seen, by.detector.formats, by.detector.least_side) is not None


def refused(seen: picture.Head, reason: Reason, message: str = "") -> Answer:
    """Return the answer that says why there are no labels, with what the first bytes told."""
    return Answer(reason, message, None, seen.width, seen.height, seen.taken_at, seen.format)


def second_look(
    by: Tools, found: Found, ref: ObjectRef, head: ObjectHead | None, deadline: float
) -> tuple[ObjectHead | None, Tags | None]:
    """Ask for HEAD again and for the tags, while a new answer is stored; the tags are fresh when this ends.

    Gone: there was no object when the tags were read.
    """
    if head is None:
        return by.look(ref).head, None
    answered = 0.0

    def tags() -> Tags:
        nonlocal answered
        held = tags_of(by, ref, head)
        answered = by.clock.monotonic()
        return held

    def look() -> ObjectHead | None:
        return by.look(ref).head

    if found.new:
        repeated, now, held = by.at_once(lambda: store(by.answers, found, by.clock, deadline), look, tags)
    else:
        now, held = by.at_once(look, tags)
        repeated = False
    if repeated or by.clock.monotonic() - answered > FRESH:
        now, held = by.at_once(look, tags)
    return now, held


def is_unchanged(by: Tools, asked: Asked) -> bool:
    """Tell whether the object that an answer was asked for is the same as before the call: then the answer is right.

    What we may not look at shows nothing.
    """
    try:
        return by.look(asked.ref).head == asked.head
    except (Gone, Misconfigured, Rejected):
        return False
