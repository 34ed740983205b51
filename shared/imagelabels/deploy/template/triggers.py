"""This module checks that triggers report exactly the creation and removal of whole objects, and do not overlap.

https://www.alibabacloud.com/help/en/functioncompute, "OSS triggers", has the names of events, the limit of ten triggers
per bucket, and the rules for filters and conflicts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from imagelabels.deploy.checks import events as checks
from imagelabels.deploy.checks import filters
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.template.resolve import ACCOUNT, REGION, TIMER_HANDLER, Resource, Stack, texts

MOST_PER_BUCKET = 10
WHOLE_OBJECTS = (
    "oss:ObjectCreated:PutObject",
    "oss:ObjectCreated:PostObject",
    "oss:ObjectCreated:CopyObject",
    "oss:ObjectCreated:CompleteMultipartUpload",
    "oss:ObjectRemoved:DeleteObject",
    "oss:ObjectRemoved:DeleteObjects",
)
"""The function's trigger has exactly these events. Each says that an object is complete or gone."""

PARTS = (
    "oss:ObjectCreated:AppendObject",
    "oss:ObjectCreated:InitiateMultipartUpload",
    "oss:ObjectCreated:UploadPart",
    "oss:ObjectCreated:UploadPartCopy",
)
"""Each says that a part of an object is there."""

EVENTS = (
    *WHOLE_OBJECTS,
    *PARTS,
    "oss:ObjectCreated:PutSymlink",
    "oss:ObjectCreated:*",
    "oss:ObjectRemoved:AbortMultipartUpload",
    "oss:ObjectModified:UpdateObjectMeta",
    "oss:ObjectReplication:ObjectCreated",
    "oss:ObjectReplication:ObjectModified",
    "oss:ObjectReplication:ObjectRemoved",
)
"""OSS knows these events and no others."""

_CONFIG = "TriggerConfig"


def check(stack: Stack) -> Iterator[Finding]:
    functions = {function.text("FunctionName") for function in stack.of("ALIYUN::FC3::Function")}
    ours, every = stack.triggers(), stack.oss_triggers()
    for trigger in ours:
        if trigger.text("FunctionName") not in functions:
            yield checks.TRIGGER_FUNCTION.finding(
                f"{trigger.name}.FunctionName", "No function of this template has this name."
            )
        source, begins = trigger.text("SourceArn"), f"acs:oss:{REGION}:{ACCOUNT}:"
        if not source.startswith(begins) or len(source) == len(begins):
            yield checks.TRIGGER_SOURCE.finding(
                f"{trigger.name}.SourceArn", f"{source!r} is not a bucket of the stack's region and account."
            )
        yield from _config(f"{trigger.name}.{_CONFIG}", trigger)
    for function in stack.labelling():
        if function.text("FunctionName") not in {trigger.text("FunctionName") for trigger in ours}:
            yield checks.TRIGGER_MISSING.finding(function.name, "No OSS trigger starts this function.")
    yield from _timers(stack)
    yield from _missing(ours)
    yield from _cases(ours)
    for first, second in combinations(every, 2):
        if (first in ours or second in ours) and (shared := _overlap(first, second)):
            yield checks.TRIGGER_OVERLAP.finding(
                f"{second.name}.{_CONFIG}", f"It overlaps with {first.name} in {', '.join(sorted(shared))}."
            )
    for bucket, number in Counter(trigger.text("SourceArn") for trigger in every).items():
        if number > MOST_PER_BUCKET:
            yield checks.TOO_MANY_TRIGGERS.finding(
                bucket, f"The bucket has {number} triggers, and the vendor takes at most {MOST_PER_BUCKET}."
            )


def _timers(stack: Stack) -> Iterator[Finding]:
    started = {
        each.text("FunctionName")
        for each in stack.of("ALIYUN::FC3::Trigger")
        if each.text("TriggerType") == "timer" and each.mapping(_CONFIG).get("enable") is True
    }
    if stack.functions() and not any(timer.text("FunctionName") in started for timer in stack.timers()):
        yield checks.TIMER_MISSING.finding("Resources", f"No timer starts a function whose handler is {TIMER_HANDLER}.")
    for function in stack.webhooks():
        if function.text("FunctionName") not in started:
            yield checks.WEBHOOKS_TIMER.finding(function.name, "No timer starts this function.")


def _config(path: str, trigger: Resource) -> Iterator[Finding]:
    config = trigger.mapping(_CONFIG)
    if unknown := config.keys() - {"events", "filter"}:
        yield checks.TRIGGER_FIELD.finding(
            path, f"It has the unknown field {min(unknown)}.", "Known fields are events and filter."
        )
    for event in texts(config.get("events", [])):
        yield from _event(f"{path}.events", event)
    key = trigger.mapping(_CONFIG, "filter", "key")
    if trigger.mapping(_CONFIG, "filter").keys() != {"key"} or key.keys() != {"prefix", "suffix"}:
        yield checks.TRIGGER_FIELD.finding(
            f"{path}.filter",
            "The filter is not key with prefix and suffix.",
            "Write filter: {key: {prefix: '', suffix: ''}}, where '' stands for any.",
        )
    elif not all(isinstance(text, str) for text in key.values()):
        yield checks.TRIGGER_FIELD.finding(f"{path}.filter.key", "Prefix and suffix are not texts.")
    for check, cause in filters.literal(*_filter(trigger)):
        yield check.finding(f"{path}.filter.key", cause)


def _event(path: str, event: str) -> Iterator[Finding]:
    if event.endswith("*"):
        yield checks.EVENT_WILDCARD.finding(path, f"{event} is a wildcard.")
    elif event not in EVENTS:
        check = checks.EVENT_LOOP if filters.of_metadata(event) else checks.EVENT_UNKNOWN
        near = get_close_matches(event, [name for name in EVENTS if "*" not in name], 1)
        yield check.finding(path, f"There is no {event}.", f"Did you mean {near[0]}?" if near else "")
    elif event in PARTS:
        yield checks.EVENT_OF_A_PART.finding(path, f"{event} reports a part of an upload.")
    elif filters.of_metadata(event):
        yield checks.EVENT_LOOP.finding(path, f"{event} reports that metadata changed.")
    elif event not in WHOLE_OBJECTS:
        yield checks.EVENT_UNNEEDED.finding(
            path, f"{event} does not report that a user made or removed a whole object."
        )


def _filter(trigger: Resource) -> tuple[str, str]:
    """Return prefix and suffix."""
    return trigger.text(_CONFIG, "filter", "key", "prefix"), trigger.text(_CONFIG, "filter", "key", "suffix")


def _missing(triggers: list[Resource]) -> Iterator[Finding]:
    """Yield the events that are missing. Several triggers with the same filter may share the events."""
    groups: dict[tuple[str, ...], list[Resource]] = defaultdict(list)
    for trigger in triggers:
        key = (trigger.text("FunctionName"), trigger.text("SourceArn"), *_filter(trigger))
        groups[key].append(trigger)
    for group in groups.values():
        names = [name for trigger in group for name in texts(trigger.mapping(_CONFIG).get("events", []))]
        for event in WHOLE_OBJECTS:
            if not any(name == event or (name.endswith("*") and event.startswith(name[:-1])) for name in names):
                yield checks.EVENT_MISSING.finding(
                    f"{group[0].name}.{_CONFIG}.events", f"{event} is missing.", "Add this event to the trigger."
                )


def _cases(triggers: list[Resource]) -> Iterator[Finding]:
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for trigger in triggers:
        prefix, suffix = _filter(trigger)
        place = f"{trigger.name}.{_CONFIG}.filter.key.suffix"
        groups[trigger.text("FunctionName"), trigger.text("SourceArn"), prefix].append((place, suffix))
    for suffixes in groups.values():
        for place, cause in filters.one_case(suffixes):
            yield checks.LETTER_CASE.finding(place, cause)


def _overlap(first: Resource, second: Resource) -> set[str]:
    """Return the events that both triggers report for an object whose key fits both."""
    if first.text("SourceArn") != second.text("SourceArn") or not filters.overlap(_filter(first), _filter(second)):
        return set()
    return _events(first.mapping(_CONFIG)) & _events(second.mapping(_CONFIG))


def _events(config: Mapping[str, Any]) -> set[str]:
    """Return the events of a configuration, including those that a wildcard stands for."""
    names = texts(config.get("events", []))
    return {
        event
        for event in EVENTS
        for name in names
        if event == name or (name[-1:] == "*" and event.startswith(name[:-1]))
    }
