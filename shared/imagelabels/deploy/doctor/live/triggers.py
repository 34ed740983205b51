"""This module judges the triggers of the deployed function: does each change of an object reach it exactly once?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from imagelabels.deploy.checks import account, events, filters
from imagelabels.deploy.checks.finding import Check, Finding
from imagelabels.deploy.doctor.live.target import Site
from imagelabels.deploy.template.triggers import WHOLE_OBJECTS
from imagelabels.deploy.tencent.triggers import EVENTS
from imagelabels.ports.functions import Trigger
from imagelabels.views.printing import escaped

WHOLE = {"aliyun": WHOLE_OBJECTS, "tencent": EVENTS}
"""The triggers of a bucket have these events, each of which says that an object is complete or gone."""
_PART = ("append", "uploadpart", "initiatemultipart")
"""The name of an event that reports a part of an object contains one of these words."""


def judged(site: Site, where: str, known: Sequence[Trigger]) -> Iterator[Finding]:
    """Yield what is wrong with the function's triggers of the bucket that is looked at."""
    ours = [trigger for trigger in known if trigger.bucket == site.target.bucket]
    if not ours:
        cause = f"No trigger starts the function for the bucket {escaped(site.target.bucket)}."
        yield events.TRIGGER_MISSING.finding(where, cause)
        return
    for trigger in ours:
        yield from _judged(_place(where, trigger), trigger, WHOLE[site.cloud])
    yield from _missing(site, where, ours)
    for first, second in combinations(ours, 2):
        if shared := _shared(first, second):
            cause = f"It overlaps with {escaped(first.name)} in {', '.join(map(escaped, shared))}."
            yield events.TRIGGER_OVERLAP.finding(_place(where, second), cause)
    yield from _cases(where, ours)


def shared(site: Site, where: str, known: Sequence[Trigger], theirs: Sequence[Trigger]) -> Iterator[Finding]:
    """Yield which triggers of another function report what a trigger of ours reports."""
    ours = [trigger for trigger in known if trigger.bucket == site.target.bucket]
    for trigger in theirs:
        if trigger.bucket != site.target.bucket:
            continue
        events_of_both = {event for own in ours for event in _shared(own, trigger)}
        if events_of_both:
            cause = f"It reports {', '.join(map(escaped, sorted(events_of_both)))} of objects that we label."
            yield account.ANOTHER_FUNCTION.finding(_place(where, trigger), cause)


def _place(where: str, trigger: Trigger) -> str:
    return f"{where}, trigger {escaped(trigger.name)}"


def _judged(where: str, trigger: Trigger, whole: Sequence[str]) -> Iterator[Finding]:
    if not trigger.enabled:
        yield account.TRIGGER_OFF.finding(where, "The trigger is switched off.")
    for event in trigger.events:
        if (fault := _fault(event, whole)) is not None:
            yield fault.finding(where, f"It reports {escaped(event)}.")
    for check, cause in filters.literal(trigger.prefix, trigger.suffix):
        yield check.finding(where, escaped(cause))


def _fault(event: str, whole: Sequence[str]) -> Check | None:
    if event in whole:
        return None
    if "*" in event:
        return events.EVENT_WILDCARD
    if filters.of_metadata(event):
        return events.EVENT_LOOP
    return events.EVENT_OF_A_PART if any(word in event.lower() for word in _PART) else events.EVENT_UNNEEDED


def _missing(site: Site, where: str, ours: Sequence[Trigger]) -> Iterator[Finding]:
    missing = [event for event in WHOLE[site.cloud] if not any(_reports(trigger, event) for trigger in ours)]
    if missing:
        yield events.EVENT_MISSING.finding(where, f"No trigger reports {', '.join(missing)}.")


def _reports(trigger: Trigger, event: str) -> bool:
    return any(name == event or (name[-1:] == "*" and event.startswith(name[:-1])) for name in trigger.events)


def _shared(first: Trigger, second: Trigger) -> list[str]:
    """Return the events that both report for an object whose key fits both."""
    if not filters.overlap((first.prefix, first.suffix), (second.prefix, second.suffix)):
        return []
    return [
        event
        for event in dict.fromkeys((*first.events, *second.events))
        if _reports(first, event) and _reports(second, event)
    ]


def _cases(where: str, ours: Sequence[Trigger]) -> Iterator[Finding]:
    """Compare the suffixes of triggers that differ in nothing else."""
    groups: dict[tuple[tuple[str, ...], str], dict[str, str]] = {}
    for trigger in ours:
        group = groups.setdefault((tuple(sorted(trigger.events)), trigger.prefix), {})
        group[trigger.suffix] = _place(where, trigger)
    for suffixes in groups.values():
        for place, cause in filters.one_case([(place, suffix) for suffix, place in suffixes.items()]):
            yield events.LETTER_CASE.finding(place, escaped(cause))
