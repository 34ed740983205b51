"""This module checks that triggers report exactly the creation and removal of whole objects, and do not overlap.

https://www.alibabacloud.com/help/en/functioncompute, "OSS triggers", has the names of events, the limit of ten triggers
per bucket, and the rule for conflicts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from imagelabels.deploy.template.resolve import ACCOUNT, REGION, Resource, Stack

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

EVENTS = (
    *WHOLE_OBJECTS,
    "oss:ObjectCreated:PutSymlink",
    "oss:ObjectCreated:AppendObject",
    "oss:ObjectCreated:InitiateMultipartUpload",
    "oss:ObjectCreated:UploadPart",
    "oss:ObjectCreated:UploadPartCopy",
    "oss:ObjectCreated:*",
    "oss:ObjectRemoved:AbortMultipartUpload",
    "oss:ObjectModified:UpdateObjectMeta",
    "oss:ObjectReplication:ObjectCreated",
    "oss:ObjectReplication:ObjectModified",
    "oss:ObjectReplication:ObjectRemoved",
)
"""OSS knows these events and no others."""


def check(stack: Stack) -> Iterator[str]:
    triggers = [each for each in stack.of("ALIYUN::FC3::Trigger") if each.properties.get("TriggerType") == "oss"]
    functions = {function.properties.get("FunctionName") for function in stack.of("ALIYUN::FC3::Function")}
    for trigger in triggers:
        if trigger.properties.get("FunctionName") not in functions:
            yield f"{trigger.name}.FunctionName: no function of this template has that name"
        source, begins = trigger.properties.get("SourceArn", ""), f"acs:oss:{REGION}:{ACCOUNT}:"
        if not source.startswith(begins) or len(source) == len(begins):
            yield f"{trigger.name}.SourceArn: must be acs:oss:<region>:<account>:<bucket> of the stack, not {source!r}"
        yield from _config(f"{trigger.name}.TriggerConfig", trigger.properties.get("TriggerConfig", {}))
    for first, second in combinations(triggers, 2):
        if shared := _overlap(first, second):
            yield (
                f"{second.name}.TriggerConfig: overlaps with {first.name} ({', '.join(sorted(shared))}), "
                "which OSS refuses: use other events, prefixes of which none begins another, or suffixes of which none "
                "ends another"
            )
    for bucket, number in Counter(trigger.properties.get("SourceArn") for trigger in triggers).items():
        if number > MOST_PER_BUCKET:
            yield f"{bucket}: has {number} triggers: at most {MOST_PER_BUCKET}"


def _config(path: str, config: Mapping[str, Any]) -> Iterator[str]:
    if unknown := config.keys() - {"events", "filter"}:
        yield f"{path}: unknown field {min(unknown)}: known are events and filter"
    events = config.get("events", [])
    for event in events:
        if event.endswith("*"):
            yield f"{path}.events: {event} also reports parts of an upload, before there is an object: name the events"
        elif event not in EVENTS:
            near = get_close_matches(event, EVENTS, 1)
            yield f"{path}.events: there is no {event}" + (f": did you mean {near[0]}?" if near else "")
        elif event not in WHOLE_OBJECTS:
            yield f"{path}.events: {event} does not report that a whole object was created or removed: remove it"
    for event in WHOLE_OBJECTS:
        if not any(name == event or (name.endswith("*") and event.startswith(name[:-1])) for name in events):
            yield f"{path}.events: {event} is missing: such objects would not be handled"
    key = config.get("filter", {}).get("key", {})
    if config.get("filter", {}).keys() != {"key"} or key.keys() != {"prefix", "suffix"}:
        yield f"{path}.filter: must be key with prefix and suffix; '' stands for any"
    elif not all(isinstance(text, str) for text in key.values()):
        yield f"{path}.filter.key: prefix and suffix must be texts"


def _overlap(first: Resource, second: Resource) -> set[str]:
    """Return the events that both triggers report for an object whose key fits both."""
    if first.properties.get("SourceArn") != second.properties.get("SourceArn"):
        return set()
    configs = [trigger.properties.get("TriggerConfig", {}) for trigger in (first, second)]
    keys = [config.get("filter", {}).get("key", {}) for config in configs]
    short_prefix, long_prefix = sorted((key.get("prefix", "") for key in keys), key=len)
    short_suffix, long_suffix = sorted((key.get("suffix", "") for key in keys), key=len)
    if not (long_prefix.startswith(short_prefix) and long_suffix.endswith(short_suffix)):
        return set()
    return _events(configs[0]) & _events(configs[1])


def _events(config: Mapping[str, Any]) -> set[str]:
    """Return the events of a configuration, including those that a wildcard stands for."""
    names = config.get("events", [])
    return {
        event
        for event in EVENTS
        for name in names
        if event == name or (name[-1:] == "*" and event.startswith(name[:-1]))
    }
