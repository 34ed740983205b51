"""Triggers: exactly the events that mean a whole object came or went, and no two that get into each other's way.

https://www.alibabacloud.com/help/en/functioncompute, "OSS triggers": the names of events, ten triggers per bucket, and
when two are in conflict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from deploy.resolve import ACCOUNT, REGION, Resource, Stack
from emulator.aliyun.fc.triggers import EVENTS, WHOLE_OBJECTS

MOST_PER_BUCKET = 10


def check(stack: Stack) -> Iterator[str]:
    triggers = [one for one in stack.of("ALIYUN::FC3::Trigger") if one.properties.get("TriggerType") == "oss"]
    functions = {one.properties.get("FunctionName") for one in stack.of("ALIYUN::FC3::Function")}
    for trigger in triggers:
        if trigger.properties.get("FunctionName") not in functions:
            yield f"{trigger.name}.FunctionName: no function of this template has that name"
        source, begins = trigger.properties.get("SourceArn", ""), f"acs:oss:{REGION}:{ACCOUNT}:"
        if not source.startswith(begins) or len(source) == len(begins):
            yield f"{trigger.name}.SourceArn: must be acs:oss:<region>:<account>:<bucket> of the stack, not {source!r}"
        yield from _config(f"{trigger.name}.TriggerConfig", trigger.properties.get("TriggerConfig", {}))
    for one, other in combinations(triggers, 2):
        if shared := _overlap(one, other):
            yield (
                f"{other.name}.TriggerConfig: overlaps with {one.name} ({', '.join(sorted(shared))}): OSS refuses it: "
                "give them prefixes or suffixes of which none begins or ends another, or other events"
            )
    for bucket, number in Counter(one.properties.get("SourceArn") for one in triggers).items():
        if number > MOST_PER_BUCKET:
            yield f"{bucket}: has {number} triggers: at most {MOST_PER_BUCKET}"


def _config(path: str, config: Mapping[str, Any]) -> Iterator[str]:
    if unknown := config.keys() - {"events", "filter"}:
        yield f"{path}: unknown field {min(unknown)}: known are events and filter"
    events = config.get("events", [])
    for event in events:
        if event.endswith("*"):
            yield f"{path}.events: {event} also fires for parts of an upload, before there is an object: name events"
        elif event not in EVENTS:
            near = get_close_matches(event, EVENTS, 1)
            yield f"{path}.events: there is no {event}" + (f": did you mean {near[0]}?" if near else "")
        elif event not in WHOLE_OBJECTS:
            yield f"{path}.events: {event} does not mean that a whole object came or went: take it out"
    for event in WHOLE_OBJECTS:
        if not any(one == event or (one.endswith("*") and event.startswith(one[:-1])) for one in events):
            yield f"{path}.events: {event} is missing: such objects would be overlooked"
    key = config.get("filter", {}).get("key", {})
    if config.get("filter", {}).keys() != {"key"} or key.keys() != {"prefix", "suffix"}:
        yield f"{path}.filter: must be key with prefix and suffix, '' for any"
    elif not all(isinstance(one, str) for one in key.values()):
        yield f"{path}.filter.key: prefix and suffix are texts"


def _overlap(one: Resource, other: Resource) -> set[str]:
    """Events that both take of an object whose key fits both."""
    if one.properties.get("SourceArn") != other.properties.get("SourceArn"):
        return set()
    first, second = (trigger.properties.get("TriggerConfig", {}) for trigger in (one, other))
    keys = [config.get("filter", {}).get("key", {}) for config in (first, second)]
    begin, end = sorted((key.get("prefix", "") for key in keys), key=len)
    tail, whole = sorted((key.get("suffix", "") for key in keys), key=len)
    if not (end.startswith(begin) and whole.endswith(tail)):
        return set()
    return _named(first) & _named(second)


def _named(config: Mapping[str, Any]) -> set[str]:
    """The events of a configuration, with those that a wildcard stands for."""
    events = config.get("events", [])
    return {
        event for event in EVENTS for one in events if event == one or (one[-1:] == "*" and event.startswith(one[:-1]))
    }
