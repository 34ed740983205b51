"""This module looks at what a plan says before its references are resolved: keys in plain text, names of archives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imagelabels.deploy.checks import files, packages, secrets
from imagelabels.deploy.checks import function as checks
from imagelabels.deploy.tencent.plan import Plan, Step
from imagelabels.deploy.tencent.problem import Problem
from imagelabels.deploy.tencent.rules import Made, variables_of
from imagelabels.deploy.tencent.values import Scope, references, resolved

_PLAIN = "A key or a password stands here in plain text."


def parameters(plan: Plan) -> Iterator[Problem]:
    """Yield parameters whose default or example is a key, or does not fit their pattern."""
    for name, parameter in plan.parameters.items():
        for member, value in (("default", parameter.default), ("example", parameter.example)):
            if secrets.is_key(str(value)):
                yield Problem(checks.SECRET_IN_PLAIN_TEXT, ("parameters", name, member), _PLAIN)
            elif value is not None and parameter.pattern and not re.fullmatch(parameter.pattern, str(value)):
                cause = f"{value!r} does not fit the pattern {parameter.pattern}."
                yield Problem(files.PARAMETER_INVALID, ("parameters", name, member), cause)


def keys(plan: Plan, step: Step) -> Iterator[Problem]:
    """Yield keys and passwords in a step's call. What they are is not repeated."""
    for path, text in _texts(step.call.parameters):
        if secrets.is_key(text):
            yield Problem(checks.SECRET_IN_PLAIN_TEXT, (*step.call.path, *path), _PLAIN)
    environment = step.call.parameters.get("Environment")
    entries = environment.get("Variables") if isinstance(environment, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        name, value = (entry.get("Key"), entry.get("Value")) if isinstance(entry, dict) else (None, None)
        if isinstance(name, str) and secrets.is_name(name) and value and not _is_secret(plan, value):
            path = (*step.call.path, "Environment", "Variables", number, "Value")
            yield Problem(checks.SECRET_IN_PLAIN_TEXT, path, _PLAIN)


def _is_secret(plan: Plan, value: Any) -> bool:
    """Return whether a value consists of parameters that are read from the user's environment."""
    names = [name for _, name in references(value)]
    return bool(names) and all(name in plan.parameters and plan.parameters[name].secret for name in names)


def archives(steps: list[Made], scope: Scope) -> Iterator[Problem]:
    """Yield archives whose names say that they were made for another function."""
    functions = [made for step, made in steps if step.call.action == "CreateFunction"]
    kinds = dict.fromkeys(
        (str(function.get("Runtime", "")).lower(), variables_of(function).get("IMAGELABELS_DETECTOR", ""))
        for function in functions
    )
    for step, made in steps:
        for member in {"Code", "Content"} & made.keys():
            for runtime, detector in kinds:
                if cause := packages.mismatch(_name(step.call.parameters[member], scope), runtime, detector):
                    yield Problem(checks.PACKAGE_MISMATCH, (*step.call.path, member), cause)


def _name(written: Mapping[str, Any], scope: Scope) -> str:
    """Return the name of the archive on this machine or in a bucket."""
    inline = written.get("ZipFile")
    name = resolved(inline["base64"], scope) if isinstance(inline, dict) and "base64" in inline else ""
    return str(name or resolved(written.get("CosObjectName", ""), scope))


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))
