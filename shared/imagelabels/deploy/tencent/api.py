"""This module checks the parameters of a call against the vendor's own model of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.tencent.problem import Path, Problem
from imagelabels.views.printing import nearest

_TYPES: Mapping[str, tuple[type, str]] = {
    "string": (str, "a text"),
    "binary": (str, "a text"),
    "datetime": (str, "a text"),
    "int64": (int, "a whole number"),
    "uint64": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (bool, "true or false"),
}


@cache
def services() -> Mapping[str, Any]:
    """Return the extract that extract_api.py wrote: services with their versions, actions and objects."""
    text = resources.files(__package__).joinpath("api.json").read_text("utf-8")
    parsed: Mapping[str, Any] = json.loads(text)["services"]
    return parsed


def check(service: str, action: str, parameters: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield everything that the model says against a call, with paths below the call's parameters."""
    model = services().get(service)
    if model is None:
        yield Problem(files.CALL_UNKNOWN, (), f"There is no service {service}.", _hint(service, services()))
    elif action not in model["actions"]:
        yield Problem(files.CALL_UNKNOWN, (), f"{service} has no call {action}.", _hint(action, model["actions"]))
    else:
        yield from _object(model["objects"], model["actions"][action]["input"], parameters, ())


def member(service: str, action: str, path: str) -> Mapping[str, Any] | None:
    """Return the member of an action's answer with that path, such as RoleInfo.RoleId; None if it has none."""
    model = services()[service]
    name, shape = model["actions"][action]["output"], None
    for part in filter(None, path.split(".")):
        shape = model["objects"].get(name, {}).get(part)
        if shape is None:
            return None
        name = shape["type"]
    return shape


def inputs(service: str, action: str) -> Mapping[str, Any]:
    """Return the parameters that an action knows; none for an unknown one."""
    model = services().get(service, {"actions": {}})
    known = model["actions"].get(action)
    return {} if known is None else dict(model["objects"][known["input"]])


def _object(objects: Mapping[str, Any], name: str, value: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    known = objects[name]
    for key in value:
        if key not in known:
            yield Problem(files.FIELD_UNKNOWN, (*path, key), "There is no such parameter.", _hint(key, known))
    for key, shape in known.items():
        if key not in value:
            if shape.get("required"):
                yield Problem(files.FIELD_MISSING, path, f"{key} is missing.")
        elif not shape.get("list"):
            yield from _value(objects, shape, value[key], (*path, key))
        elif not isinstance(value[key], list):
            yield Problem(files.FIELD_VALUE, (*path, key), "It must be a list.")
        else:
            for number, inner in enumerate(value[key]):
                yield from _value(objects, shape, inner, (*path, key, number))


def _value(objects: Mapping[str, Any], shape: Mapping[str, Any], value: Any, path: Path) -> Iterator[Problem]:
    if shape["type"] not in _TYPES:
        if isinstance(value, dict):
            yield from _object(objects, shape["type"], value, path)
        else:
            yield Problem(files.FIELD_VALUE, path, "It must be a mapping.")
        return
    kind, words = _TYPES[shape["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        yield Problem(files.FIELD_VALUE, path, f"It must be {words}, and it is {_shown(value)}.")
    elif "allowed" in shape and value not in shape["allowed"]:
        allowed = ", ".join(shape["allowed"])
        yield Problem(files.FIELD_VALUE, path, f"{_shown(value)} is not allowed.", f"Use one of {allowed}.")
    else:
        yield from _limits(shape, value, path)


def _limits(shape: Mapping[str, Any], value: Any, path: Path) -> Iterator[Problem]:
    if "min" in shape and not shape["min"] <= value <= shape["max"]:
        limits = f"Give it {shape['min']} to {shape['max']}."
        yield Problem(files.FIELD_VALUE, path, f"{value} is out of range.", limits)
    elif "step" in shape and value % shape["step"]:
        yield Problem(files.FIELD_VALUE, path, f"{value} is no multiple of {shape['step']}.")
    if "max_length" in shape and not shape["min_length"] <= len(value) <= shape["max_length"]:
        limits = f"Give it {shape['min_length']} to {shape['max_length']} characters."
        yield Problem(files.FIELD_VALUE, path, f"It has {len(value)} characters.", limits)


def _shown(value: Any) -> str:
    """Show short values only, since a long one may be an archive."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _hint(word: str, known: Mapping[str, Any]) -> str:
    near = nearest(word, known)
    return f"Did you mean {near}?" if near else ""
