"""This module checks that the triggers of a plan report each upload and each removal exactly once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from itertools import combinations
from typing import Any

from imagelabels.deploy.checks import events as checks
from imagelabels.deploy.checks import filters
from imagelabels.deploy.tencent import description
from imagelabels.deploy.tencent.plan import Step
from imagelabels.deploy.tencent.problem import Path, Problem

Made = tuple[Step, Mapping[str, Any]]
"""A step with the resolved parameters of the call that makes it."""

EVENTS = (
    "cos:ObjectCreated:Put",
    "cos:ObjectCreated:Post",
    "cos:ObjectCreated:Copy",
    "cos:ObjectCreated:CompleteMultipartUpload",
    "cos:ObjectRemove:Delete",
    "cos:ObjectRemove:DeleteMarkerCreated",
)
"""What changes an object's content: https://cloud.tencent.com/document/product/583/9707."""


def check(steps: Sequence[Made]) -> Iterator[Problem]:
    """Yield everything that would lose events or bring too many."""
    triggers = [made for made in steps if made[0].call.action == "CreateTrigger" and made[1]["Type"] == "cos"]
    if not triggers:
        yield Problem(checks.TRIGGER_MISSING, (), "No step of the plan makes a trigger of the type cos.")
    names = {made["FunctionName"] for step, made in steps if step.call.action == "CreateFunction"}
    for step, made in triggers:
        if names and made["FunctionName"] not in names:
            cause = f"No step makes a function with the name {made['FunctionName']}."
            yield Problem(checks.TRIGGER_FUNCTION, (*step.call.path, "FunctionName"), cause)
        yield from _event(step, made)
        for name in description.unknown(made):
            cause = f"The filter has the unknown member {name}."
            yield Problem(checks.TRIGGER_FIELD, _path(step), cause, "Its members are Prefix and Suffix.")
        for check, cause in filters.literal(*description.keys(made)):
            yield Problem(check, _path(step), cause)
    yield from _missing(triggers)
    yield from _cases(triggers)
    for (_, first), (step, second) in combinations(triggers, 2):
        if _same_event(first, second) and filters.overlap(description.keys(first), description.keys(second)):
            cause = f"Another step makes a trigger of this bucket for {description.event(second)} and the same keys."
            yield Problem(checks.TRIGGER_OVERLAP, _path(step), cause)


def _path(step: Step) -> Path:
    return (*step.call.path, "TriggerDesc")


def _same_event(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Return whether both triggers bring the same event of one bucket."""
    events = description.event(first), description.event(second)
    same = fnmatchcase(*events) or fnmatchcase(*reversed(events))
    return same and first["TriggerName"] == second["TriggerName"]


def _event(step: Step, trigger: Mapping[str, Any]) -> Iterator[Problem]:
    event = description.event(trigger)
    if event in EVENTS:
        return
    cure = ""
    if "*" in event:
        check, cause = checks.EVENT_WILDCARD, f"{event} is a wildcard."
    elif filters.of_metadata(event):
        check, cause = checks.EVENT_LOOP, f"{event} reports that metadata changed."
    else:
        near = get_close_matches(event, EVENTS, 1)
        check, cause = checks.EVENT_UNKNOWN, f"{event} is no event that changes content."
        cure = f"Did you mean {near[0]}?" if near else ""
    yield Problem(check, _path(step), cause, cure)


def _missing(triggers: Sequence[Made]) -> Iterator[Problem]:
    groups: dict[tuple[str, ...], list[Made]] = defaultdict(list)
    for step, made in triggers:
        key = (made["FunctionName"], made["TriggerName"], *description.keys(made))
        groups[key].append((step, made))
    for group in groups.values():
        step, events = group[0][0], [description.event(made) for _, made in group]
        for event in EVENTS:
            if not any(name == event or ("*" in name and event.startswith(name.partition("*")[0])) for name in events):
                path = (*step.call.path[:-1], "each")
                yield Problem(checks.EVENT_MISSING, path, f"No trigger brings {event}.", "Add this event.")


def _cases(triggers: Sequence[Made]) -> Iterator[Problem]:
    groups: dict[tuple[str, ...], list[tuple[Step, str]]] = defaultdict(list)
    for step, made in triggers:
        prefix, suffix = description.keys(made)
        groups[made["FunctionName"], made["TriggerName"], prefix].append((step, suffix))
    for suffixes in groups.values():
        for step, cause in filters.one_case(suffixes):
            yield Problem(checks.LETTER_CASE, _path(step), cause)
