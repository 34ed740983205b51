"""This module checks the function's environment variables against the code, and its timeout against the leases."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

from imagelabels import clouds, settings
from imagelabels.deploy.checks import account, detectors, events, index, secrets
from imagelabels.deploy.checks import function as checks
from imagelabels.deploy.checks.finding import Finding, sentence
from imagelabels.deploy.template.document import Template
from imagelabels.deploy.template.resolve import REGION, Resource, Stack, mappings
from imagelabels.domain.errors import Misconfigured

OTHERS = ("PYDANTIC_DISABLE_PLUGINS",)
"""The function may have these variables too, which libraries read."""

_ENVIRONMENT = "EnvironmentVariables"


def check(stack: Stack) -> Iterator[Finding]:
    for function in stack.functions():
        yield from _environment(function)
        yield from _index(function)
        timeout = function.properties.get("Timeout", 3)
        holds_no_lease = (*stack.albums(), *stack.webhooks())
        if timeout < checks.LEAST_TIMEOUT and function not in holds_no_lease:
            yield checks.TIMEOUT_BELOW_LEASE.finding(
                f"{function.name}.Timeout",
                f"{timeout:g} s is less than twice a key's lease plus the detector's timeout.",
                f"Give the function at least {checks.LEAST_TIMEOUT:g} s.",
            )
        if function.properties.get("InstanceConcurrency", 1) != 1:
            yield checks.INSTANCE_CONCURRENCY.finding(
                f"{function.name}.InstanceConcurrency", "It is not 1, and an instance handles one event at a time."
            )
    labelling = [function.mapping(_ENVIRONMENT) for function in stack.labelling()]
    for other in (*stack.timers(), *stack.backfills()):
        if names := events.differing_settings(other.mapping(_ENVIRONMENT), labelling):
            yield events.TIMER_SETTINGS.finding(f"{other.name}.{_ENVIRONMENT}", f"These settings differ: {names}.")
    for album in stack.albums():
        if names := events.choosing_otherwise(album.mapping(_ENVIRONMENT), labelling):
            yield account.ALBUM_SETTINGS.finding(f"{album.name}.{_ENVIRONMENT}", f"These settings differ: {names}.")


@cache
def _known() -> tuple[str, ...]:
    return tuple(name for name, _, _ in settings.table())


@cache
def _unknown(name: str) -> str | None:
    """Say what to do about a variable that was meant to be a setting; None if it is one, or somebody else's."""
    if name in (*_known(), *OTHERS):
        return None
    near = get_close_matches(name, [*_known(), *OTHERS], 1)
    if near:
        return f"Did you mean {near[0]}?"
    return "Remove it." if name.startswith(settings.PREFIX) else None


def _environment(function: Resource) -> Iterator[Finding]:
    path = f"{function.name}.{_ENVIRONMENT}"
    variables: dict[str, Any] = dict(function.mapping(_ENVIRONMENT))
    known = _known()
    for name, value in variables.items():
        if (problem := _unknown(name)) is not None:
            yield checks.SETTING_UNKNOWN.finding(f"{path}.{name}", f"{name} is not a setting.", problem)
        elif not isinstance(value, str):
            yield checks.SETTING_VALUE.finding(
                f"{path}.{name}", f"It is {value!r}, and not a text.", "Put it in quotes."
            )
    ours = {name: value for name, value in variables.items() if name in known and isinstance(value, str)}
    try:
        settings.load(ours)
        settings.of(clouds.provider_of("oss"), ours | {"FC_REGION": REGION})
    except Misconfigured as error:
        yield checks.SETTING_VALUE.finding(path, f"The function would refuse its settings: {sentence(error)}")
    for wrong, name, cause in detectors.problems("oss", variables):
        yield wrong.finding(f"{path}.{name}", cause)
    if variables.get("IMAGELABELS_DETECTOR") == "imm" and not variables.get("IMAGELABELS_IMM_PROJECT"):
        yield checks.IMM_PROJECT.finding(
            f"{path}.IMAGELABELS_IMM_PROJECT", "It is missing or empty, and the detector imm needs it."
        )


def _index(function: Resource) -> Iterator[Finding]:
    path = f"{function.name}.{_ENVIRONMENT}"
    url = function.text(_ENVIRONMENT, "IMAGELABELS_INDEX")
    if not url:
        yield index.INDEX_UNSET.finding(f"{path}.IMAGELABELS_INDEX", "It is missing, and the function needs an index.")
    elif url.startswith("sqlite:"):
        mounts = [str(each.get("MountDir", "")) for each in mappings(function.mapping("NasConfig").get("MountPoints"))]
        file = url.removeprefix("sqlite://")
        if not any(mount and file.startswith(f"{mount.rstrip('/')}/") for mount in mounts):
            yield index.INDEX_DOES_NOT_LAST.finding(
                f"{path}.IMAGELABELS_INDEX",
                "The file of the index is on the disk of an instance, and not on a mounted NAS.",
            )
    elif "VpcConfig" not in function.properties and not function.text(_ENVIRONMENT, "IMAGELABELS_ENDPOINT_TABLESTORE"):
        yield index.INDEX_OUT_OF_REACH.finding(
            f"{path}.IMAGELABELS_ENDPOINT_TABLESTORE",
            "It is missing, and without a VPC only the public address of Tablestore answers.",
        )


def keys(template: Template, stack: Stack) -> Iterator[Finding]:
    """Yield keys and passwords that stand in the template itself. What they are is not repeated."""
    hidden = {name for name, each in template.parameters.items() if each.get("NoEcho") is True}
    for name, each in template.parameters.items():
        if each.get("Default") and secrets.is_key(str(each["Default"])):
            yield secrets.finding(f"Parameters: {name}.Default")
    for name, resource in template.resources.items():
        for path in secrets.places(resource.get("Properties", {}), f"{name}"):
            yield secrets.finding(path)
    for function in stack.functions():
        written = template.resources[function.name].get("Properties", {}).get(_ENVIRONMENT)
        for name, value in function.mapping(_ENVIRONMENT).items():
            source = written.get(name) if isinstance(written, dict) else None
            comes_from = source.get("Ref") if isinstance(source, dict) else None
            if value and secrets.is_name(name) and comes_from not in hidden:
                yield secrets.finding(f"{function.name}.{_ENVIRONMENT}.{name}")
