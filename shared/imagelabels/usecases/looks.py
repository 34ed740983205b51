"""The second look at an object: what is written next rests on it."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.model import ObjectHead, ObjectRef, Tags
from imagelabels.usecases.answers import Answers, Found
from imagelabels.usecases.tools import Tools

FRESH = 0.5
"""Seconds after which tags that were read are read again before they are written: a user may have changed them."""


def versioned(ref: ObjectRef, head: ObjectHead) -> ObjectRef:
    """Where HEAD showed a version, every later call names it."""
    return ref if ref.version == head.version else replace(ref, version=head.version)


def second_look(
    by: Tools, answers: Answers, found: Found, ref: ObjectRef, head: ObjectHead | None
) -> tuple[ObjectHead | None, Tags]:
    """HEAD again and the tags, while a new answer is stored; the tags are fresh when this ends.

    Gone: there was no object when the tags were read.
    """
    if head is None:
        return by.look(ref).head, {}
    answered = 0.0

    def tags() -> Tags:
        nonlocal answered
        held = by.objects.tags(versioned(ref, head))
        answered = by.clock.monotonic()
        return held

    def look() -> ObjectHead | None:
        return by.look(ref).head

    if found.new:
        repeated, now, held = by.at_once(lambda: answers.store(found), look, tags)
    else:
        now, held = by.at_once(look, tags)
        repeated = False
    if repeated or by.clock.monotonic() - answered > FRESH:
        now, held = by.at_once(look, tags)
    return now, held
