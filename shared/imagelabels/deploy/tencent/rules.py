"""This module holds our own rules about a plan, which the vendor's model cannot know."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from imagelabels import clouds, settings
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.tencent import permissions
from imagelabels.deploy.tencent.plan import Path, Step
from imagelabels.domain.errors import Misconfigured
from imagelabels.usecases.tools import LEASE

Made = tuple[Step, Mapping[str, Any]]
"""A step with the resolved parameters of the call that makes it."""
Found = Iterator[tuple[Step, Path, str]]

DETECTOR_TIMEOUT = 15.0
"""The detectors wait at most this many seconds for an answer."""
LEAST = 2 * LEASE + DETECTOR_TIMEOUT
"""A function needs this many seconds, so that a waiting delivery outlives the lease of a worker that died."""
LAYERS = 5
"""https://cloud.tencent.com/document/product/583/11637: a function has at most this many layers."""
RETRIES, LONGEST = 2, 21600
"""https://cloud.tencent.com/document/product/583/41138: a failed event is delivered again at most twice, and waits for
at most six hours."""
EVENTS = (
    "cos:ObjectCreated:Put",
    "cos:ObjectCreated:Post",
    "cos:ObjectCreated:Copy",
    "cos:ObjectCreated:CompleteMultipartUpload",
    "cos:ObjectRemove:Delete",
    "cos:ObjectRemove:DeleteMarkerCreated",
)
"""What changes an object's content: https://cloud.tencent.com/document/product/583/9707."""
RESERVED = ("SCF_", "QCLOUD_", "TENCENTCLOUD_")
"""https://cloud.tencent.com/document/product/583/14570: SCF keeps the names that begin so for itself."""
RUNTIMES = tuple(name.capitalize() for name in CLOUDS["tencent"].runtimes)


def check(steps: Sequence[Made]) -> Found:
    """Yield (step, path in the file, message) for everything that would fail or do harm."""
    yield from _archives(steps)
    yield from _triggers(steps)
    for step, function in _of(steps, "CreateFunction"):
        yield from _function(step, function)
        yield from _environment(step, function)
        yield from _deliveries(steps, step, function)
        for path, message in permissions.check(step, function, steps):
            yield step, path, message


def _of(steps: Sequence[Made], action: str) -> list[Made]:
    return [(step, made) for step, made in steps if step.call.action == action]


def _at(step: Step, *names: str | int) -> Path:
    return (*step.call.path, *names)


def _archives(steps: Sequence[Made]) -> Found:
    for step, made in steps:
        for name in ("Code", "Content"):
            if name in made:
                inline, stored = "ZipFile" in made[name], {"CosBucketName", "CosObjectName"} & made[name].keys()
                if inline == bool(stored):
                    yield step, _at(step, name), "must have ZipFile or a bucket and a key, and not both"
                elif stored and len(stored) < 2:
                    yield step, _at(step, name), "must have CosBucketName and CosObjectName"
    for step, layer in _of(steps, "PublishLayerVersion"):
        for runtime in set(layer["CompatibleRuntimes"]) - set(RUNTIMES):
            yield step, _at(step, "CompatibleRuntimes"), f"SCF runs our packages on {RUNTIMES[0]}, not on {runtime}"


def _triggers(steps: Sequence[Made]) -> Found:
    triggers = [(step, made) for step, made in _of(steps, "CreateTrigger") if made["Type"] == "cos"]
    events = set()
    for step, made in triggers:
        event = _event(made)
        events.add(event)
        if "*" in event:
            message = f"{event} is a wildcard, which brings events that change nothing: name {', '.join(EVENTS)}"
        elif event not in EVENTS:
            near = get_close_matches(event, EVENTS, 1)
            message = f"{event} is no event that changes content" + (f": did you mean {near[0]}?" if near else "")
        else:
            continue
        yield step, _at(step, "TriggerDesc"), message
    if not triggers:
        step = steps[-1][0]
        yield step, (), "no step of the plan makes a trigger of type cos"
    elif missing := [event for event in EVENTS if event not in events]:
        step = triggers[0][0]
        yield step, (*step.call.path[:-1], "each"), f"no trigger brings {', '.join(missing)}"


def _event(trigger: Mapping[str, Any]) -> str:
    try:
        return str(json.loads(trigger.get("TriggerDesc", ""))["event"])
    except (ValueError, KeyError, TypeError):
        return "(none)"


def _function(step: Step, function: Mapping[str, Any]) -> Found:
    timeout = function.get("Timeout", 3)
    if timeout < LEAST:
        message = f"{timeout} s is less than twice a key's lease plus the detector's time-out: at least {LEAST:g}"
        yield step, _at(step, "Timeout"), message
    runtime = function.get("Runtime", "Python2.7")
    if runtime not in RUNTIMES:
        yield step, _at(step, "Runtime"), f"must be {RUNTIMES[0]}, the newest that SCF has, not {runtime}"
    if function.get("Type", "Event") != "Event":
        yield step, _at(step, "Type"), "must be Event: COS starts no other function"
    if len(function.get("Layers", [])) > LAYERS:
        yield step, _at(step, "Layers"), f"has {len(function['Layers'])} layers: a function has at most {LAYERS}"
    if "DeadLetterConfig" not in function:
        yield step, _at(step), "DeadLetterConfig is missing: events whose last delivery failed would be lost"


def _environment(step: Step, function: Mapping[str, Any]) -> Found:
    path = _at(step, "Environment", "Variables")
    given = function.get("Environment", {}).get("Variables", [])
    variables = {entry["Key"]: entry["Value"] for entry in given if entry.keys() == {"Key", "Value"}}
    known = [name for name, _, _ in settings.table()]
    for name in variables:
        if name.startswith(RESERVED):
            yield step, path, f"{name}: SCF keeps names that begin so for itself"
        elif name.startswith(settings.PREFIX) and name not in known:
            near = get_close_matches(name, known, 1)
            yield step, path, f"{name} is not a setting" + (f": did you mean {near[0]}?" if near else "")
    try:
        ours = {name: value for name, value in variables.items() if name in known}
        settings.load(ours)
        settings.of(clouds.provider_of("cos"), ours)
    except Misconfigured as error:
        yield step, path, str(error)
    index = str(variables.get("IMAGELABELS_INDEX", ""))
    if not index.startswith("tablestore://"):
        yield step, path, "IMAGELABELS_INDEX must be tablestore://INSTANCE: no file of a function lasts"
        return
    needed = ("IMAGELABELS_ENDPOINT_TABLESTORE", "FC_REGION")
    for name in (*needed, "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        if name not in variables:
            yield step, path, f"{name} is missing: an index on Tablestore needs it outside Function Compute"


def _deliveries(steps: Sequence[Made], function_step: Step, function: Mapping[str, Any]) -> Found:
    configs = [
        (step, made)
        for step, made in _of(steps, "UpdateFunctionEventInvokeConfig")
        if made["FunctionName"] == function["FunctionName"]
    ]
    if not configs:
        yield function_step, _at(function_step), "no step sets how often a failed event is delivered again"
    for step, made in configs:
        config = made["AsyncTriggerConfig"]
        retries = max((entry["RetryNum"] for entry in config["RetryConfig"]), default=0)
        if not 1 <= retries <= RETRIES:
            message = f"{retries} is out of range: a temporary failure needs 1 or {RETRIES} more deliveries"
            yield step, _at(step, "AsyncTriggerConfig", "RetryConfig"), message
        least = (retries + 1) * function.get("Timeout", 3) + retries * 60
        if not least <= config["MsgTTL"] <= LONGEST:
            message = f"{config['MsgTTL']} s is out of range: {retries + 1} deliveries a minute apart need {least} s, "
            yield step, _at(step, "AsyncTriggerConfig", "MsgTTL"), message + f"and SCF keeps an event for {LONGEST} s"
