"""This module holds our own rules about a plan, which the vendor's model cannot know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from imagelabels import clouds, settings
from imagelabels.deploy.checks import account, detectors, events, failures, files, index
from imagelabels.deploy.checks import function as checks
from imagelabels.deploy.checks.finding import Check, sentence
from imagelabels.deploy.package.target import CLOUDS
from imagelabels.deploy.tencent import permissions
from imagelabels.deploy.tencent.plan import Step
from imagelabels.deploy.tencent.problem import Path, Problem
from imagelabels.domain.errors import Misconfigured

Made = tuple[Step, Mapping[str, Any]]
"""A step with the resolved parameters of the call that makes it."""

LAYERS = 5
"""https://cloud.tencent.com/document/product/583/11637: a function has at most this many layers."""
RETRIES, LONGEST = 2, 21600
"""https://cloud.tencent.com/document/product/583/41138: a failed event is delivered again at most twice, and waits for
at most six hours."""
HANDLER = "index.main_handler"
"""The packages for Tencent Cloud have this entry point."""
TIMER_HANDLER = "index.resume"
"""They have this one for the events of timers."""
ALBUM_HANDLER = "album.main_handler"
"""They have this one for the requests to a function URL."""
WEBHOOKS_HANDLER = "webhooks.main_handler"
"""They have this one for the events of the timer that starts the work for webhooks."""
RESERVED = ("SCF_", "QCLOUD_", "TENCENTCLOUD_")
"""https://cloud.tencent.com/document/product/583/14570: SCF keeps the names that begin so for itself."""
_PARAMETER = "Give the parameter {} its value."
_VARIABLE = "Set {} where you deploy, to a key that may use the Tablestore instance alone."
NEEDED = {
    "IMAGELABELS_ENDPOINT_TABLESTORE": _PARAMETER.format("IndexEndpoint"),
    "FC_REGION": _PARAMETER.format("IndexRegion"),
    "ALIBABA_CLOUD_ACCESS_KEY_ID": _VARIABLE.format("ALIBABA_CLOUD_ACCESS_KEY_ID"),
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": _VARIABLE.format("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
}
"""A function outside Function Compute reaches Tablestore with these variables, which the plan sets so."""
RUNTIMES = tuple(name.capitalize() for name in CLOUDS["tencent"].runtimes)


def check(steps: Sequence[Made]) -> Iterator[Problem]:
    """Yield everything that would fail or do harm."""
    yield from _archives(steps)
    for step, trigger in _of(steps, "CreateTrigger"):
        if trigger.get("Enable") == "CLOSE":
            yield Problem(account.TRIGGER_OFF, at(step, "Enable"), "The trigger is made switched off.")
    functions = _of(steps, "CreateFunction")
    yield from _timer(steps, functions)
    if not functions:
        yield Problem(checks.FUNCTION_MISSING, (), "No step makes a function.")
    for step, function in functions:
        yield from _function(step, function)
        yield from _environment(step, function)
        yield from _index(step, function)
        if is_labelling(function):  # What others do not finish needs no care: their next run does the same.
            yield from _deliveries(steps, step, function)
        if not is_webhooks(function):  # It opens no picture, so it has no role.
            yield from permissions.check(step, function, steps, is_album(function))


def _timer(steps: Sequence[Made], functions: Sequence[Made]) -> Iterator[Problem]:
    """Yield what keeps the pictures that stand still from being looked after as they should be."""
    started = {trigger["FunctionName"] for _, trigger in _of(steps, "CreateTrigger") if trigger["Type"] == "timer"}
    timers = {made["FunctionName"] for _, made in functions if made.get("Handler") == TIMER_HANDLER}
    if functions and not started & timers:
        yield Problem(events.TIMER_MISSING, (), f"No timer starts a function whose handler is {TIMER_HANDLER}.")
    for step, made in functions:
        if is_webhooks(made) and made["FunctionName"] not in started:
            yield Problem(events.WEBHOOKS_TIMER, at(step, "FunctionName"), "No timer starts this function.")
    labelling = [variables_of(made) for _, made in functions if is_labelling(made)]
    for step, made in functions:
        if is_album(made) and (names := events.choosing_otherwise(variables_of(made), labelling)):
            path = at(step, "Environment", "Variables")
            yield Problem(account.ALBUM_SETTINGS, path, f"These settings differ: {names}.")
        names = events.differing_settings(variables_of(made), labelling)
        if not is_labelling(made) and not is_album(made) and not is_webhooks(made) and names:
            yield Problem(
                events.TIMER_SETTINGS, at(step, "Environment", "Variables"), f"These settings differ: {names}."
            )


def is_labelling(function: Mapping[str, Any]) -> bool:
    """Tell whether events of a bucket start the function. A timer, a backfill or a client starts the others."""
    handler = function.get("Handler")
    return handler not in (TIMER_HANDLER, ALBUM_HANDLER, WEBHOOKS_HANDLER) and function.get("AsyncRunEnable") != "TRUE"


def is_album(function: Mapping[str, Any]) -> bool:
    """Tell whether the function answers the HTTP API and labels nothing."""
    return function.get("Handler") == ALBUM_HANDLER


def is_webhooks(function: Mapping[str, Any]) -> bool:
    """Tell whether the function works for webhooks and labels nothing."""
    return function.get("Handler") == WEBHOOKS_HANDLER


def _of(steps: Sequence[Made], action: str) -> list[Made]:
    return [(step, made) for step, made in steps if step.call.action == action]


def at(step: Step, *names: str | int) -> Path:
    return (*step.call.path, *names)


def _archives(steps: Sequence[Made]) -> Iterator[Problem]:
    for step, made in steps:
        for name in ("Code", "Content"):
            if name not in made:
                continue
            inline, stored = "ZipFile" in made[name], {"CosBucketName", "CosObjectName"} & made[name].keys()
            if inline == bool(stored):
                cause = "It has neither ZipFile nor a bucket and a key."
                if inline:
                    cause = "It has ZipFile, and a bucket or a key too."
                yield Problem(files.ARCHIVE, at(step, name), cause)
            elif stored and len(stored) < 2:
                yield Problem(files.ARCHIVE, at(step, name), "It lacks CosBucketName or CosObjectName.")
    for step, layer in _of(steps, "PublishLayerVersion"):
        for runtime in sorted(set(layer.get("CompatibleRuntimes", [])) - set(RUNTIMES)):
            cause = f"SCF runs our packages on {RUNTIMES[0]}, and not on {runtime}."
            yield Problem(checks.LAYER_RUNTIME, at(step, "CompatibleRuntimes"), cause)


def _function(step: Step, function: Mapping[str, Any]) -> Iterator[Problem]:
    def wrong(check: Check, name: str, cause: str, cure: str = "") -> Problem:
        return Problem(check, at(step, *filter(None, (name,))), cause, cure)

    timeout = function.get("Timeout", 3)
    holds_no_lease = is_album(function) or is_webhooks(function)
    if timeout < checks.LEAST_TIMEOUT and not holds_no_lease:
        cause = f"{timeout} s is less than twice a key's lease plus the detector's timeout."
        yield wrong(
            checks.TIMEOUT_BELOW_LEASE, "Timeout", cause, f"Give the function at least {checks.LEAST_TIMEOUT:g} s."
        )
    runtime = function.get("Runtime", "Python2.7")
    if runtime not in RUNTIMES:
        cause = f"{runtime} is not {RUNTIMES[0]}, the newest Python that SCF has."
        yield wrong(checks.RUNTIME_UNSUPPORTED, "Runtime", cause, f"Use {RUNTIMES[0]}.")
    if function.get("Type", "Event") != "Event":
        yield wrong(checks.FUNCTION_TYPE, "Type", f"{function['Type']} is not Event, and COS starts no other function.")
    if (handler := function.get("Handler", "")) not in (HANDLER, TIMER_HANDLER, ALBUM_HANDLER, WEBHOOKS_HANDLER):
        yield wrong(checks.HANDLER_UNKNOWN, "Handler", f"{handler} is not {HANDLER}.")
    layers = len(function.get("Layers", []))
    if not layers:
        yield wrong(account.FUNCTION_WITHOUT_LAYER, "", account.FUNCTION_WITHOUT_LAYER.fault)
    if layers > LAYERS:
        yield wrong(checks.TOO_MANY_LAYERS, "Layers", f"It has {layers} layers, and a function has at most {LAYERS}.")
    embedded = variables_of(function).get("IMAGELABELS_DETECTOR") == "embedded"
    memory, enough = function.get("MemorySize", 128), checks.EMBEDDED_MB if embedded else checks.LEAST_MB
    if memory < enough:
        cause = f"{memory} MB is less than {enough} MB."
        yield wrong(checks.MEMORY_TOO_SMALL, "MemorySize", cause, f"Give it at least {enough} MB.")
    if "DeadLetterConfig" not in function and is_labelling(function):
        yield wrong(
            failures.FAILURES_LOST,
            "",
            "DeadLetterConfig is missing, so events whose last delivery failed would be lost.",
        )


def variables_of(function: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a function."""
    entries = function.get("Environment", {}).get("Variables", [])
    return {entry["Key"]: entry["Value"] for entry in entries if entry.keys() == {"Key", "Value"}}


def _environment(step: Step, function: Mapping[str, Any]) -> Iterator[Problem]:
    path = at(step, "Environment", "Variables")
    variables = variables_of(function)
    known = [name for name, _, _ in settings.table()]
    for name in variables:
        if name.startswith(RESERVED):
            cause = f"{name} begins as the names do that SCF keeps for itself."
            yield Problem(checks.SETTING_RESERVED, path, cause)
        elif name.startswith(settings.PREFIX) and name not in known:
            near = get_close_matches(name, known, 1)
            cure = f"Did you mean {near[0]}?" if near else "Remove it."
            yield Problem(checks.SETTING_UNKNOWN, path, f"{name} is not a setting.", cure)
    try:
        ours = {name: value for name, value in variables.items() if name in known}
        settings.load(ours)
        settings.of(clouds.provider_of("cos"), ours)
    except Misconfigured as error:
        yield Problem(checks.SETTING_VALUE, path, f"The function would refuse its settings: {sentence(error)}")
    for wrong, name, cause in detectors.problems("cos", variables):
        yield Problem(wrong, path, f"{name}: {cause}")


def _index(step: Step, function: Mapping[str, Any]) -> Iterator[Problem]:
    path = at(step, "Environment", "Variables")
    variables = variables_of(function)
    url = variables.get("IMAGELABELS_INDEX", "")
    if url.startswith("sqlite:"):
        yield Problem(index.INDEX_DOES_NOT_LAST, path, "IMAGELABELS_INDEX is a file, and no file of a function lasts.")
    elif not url.startswith("tablestore://"):
        yield Problem(index.INDEX_UNSET, path, "IMAGELABELS_INDEX is not tablestore://INSTANCE.")
    else:
        for name, cure in NEEDED.items():
            if name not in variables:
                cause = f"{name} is missing, and an index in Tablestore needs it outside Function Compute."
                yield Problem(index.INDEX_OUT_OF_REACH, path, cause, cure)


def _deliveries(steps: Sequence[Made], function_step: Step, function: Mapping[str, Any]) -> Iterator[Problem]:
    configs = [
        (step, made)
        for step, made in _of(steps, "UpdateFunctionEventInvokeConfig")
        if made["FunctionName"] == function["FunctionName"]
    ]
    if not configs:
        cause = "No step sets how often a failed event is delivered again."
        yield Problem(failures.RETRIES, at(function_step), cause)
    for step, made in configs:
        config = made["AsyncTriggerConfig"]
        retries = max((entry["RetryNum"] for entry in config["RetryConfig"]), default=0)
        if not 1 <= retries <= RETRIES:
            cause = f"{retries} further deliveries are out of range."
            cure = f"Set 1 or {RETRIES}: a temporary failure needs another delivery."
            yield Problem(failures.RETRIES, at(step, "AsyncTriggerConfig", "RetryConfig"), cause, cure)
        least = failures.least_age("tencent", retries, function.get("Timeout", 3))
        if not least <= config["MsgTTL"] <= LONGEST:
            cause = (
                f"{config['MsgTTL']} s is out of range: {retries + 1} deliveries a minute apart need {least} s, and "
            )
            cause += f"SCF keeps an event for {LONGEST} s."
            yield Problem(failures.EVENT_AGE, at(step, "AsyncTriggerConfig", "MsgTTL"), cause)
