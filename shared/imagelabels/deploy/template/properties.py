"""This module checks the properties of resources against the vendor's schema: names, types, limits, missing ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.template.resolve import Stack

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "object": (dict,),
}


def check(stack: Stack, schema: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what the schema says against the resources. A resource whose type it does not have is left alone."""
    for resource in stack.resources.values():
        if not isinstance(resource.properties, dict):
            yield files.FIELD_VALUE.finding(f"{resource.name}.Properties", "It must be a mapping.")
        elif resource.kind in schema:
            yield from _object(resource.name, resource.properties, schema[resource.kind]["properties"])


def _object(path: str, values: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[Finding]:
    for name, shape in shapes.items():
        if shape.get("required") and name not in values:
            yield files.FIELD_MISSING.finding(path, f"{name} is missing.")
    for name, value in values.items():
        if name in shapes:
            yield from _value(f"{path}.{name}", value, shapes[name])
        else:
            near = get_close_matches(str(name), shapes, 1)
            yield files.FIELD_UNKNOWN.finding(
                f"{path}.{name}",
                "There is no such property.",
                f"Did you mean {near[0]}?" if near else f"Known properties are {', '.join(shapes)}.",
            )


def _value(path: str, value: Any, shape: Mapping[str, Any]) -> Iterator[Finding]:
    kinds = _TYPES.get(shape["type"])
    if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        yield files.FIELD_VALUE.finding(path, f"It must be a {shape['type']}, and it is {_shown(value)}.")
        return
    for problem, cure in _outside(value, shape):
        yield files.FIELD_VALUE.finding(path, problem, cure)
    if "properties" in shape:
        yield from _object(path, value, shape["properties"])
    if "items" in shape:
        for number, inner in enumerate(value):
            yield from _value(f"{path}[{number}]", inner, shape["items"])


def _outside(value: Any, shape: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (problem, what to do) for each limit that a value is outside of."""
    if "allowed" in shape and value not in shape["allowed"]:
        yield f"{_shown(value)} is not allowed.", f"Use one of {', '.join(map(str, shape['allowed']))}."
    if "pattern" in shape and not re.search(shape["pattern"], value):
        yield f"{_shown(value)} does not fit the pattern {shape['pattern']}.", ""
    for limits, unit in (("", ""), ("_length", " long")):
        figure = len(value) if limits and isinstance(value, (str, list, dict)) else value
        if not isinstance(figure, (int, float)):
            continue
        if f"min{limits}" in shape and figure < shape[f"min{limits}"]:
            yield f"{figure}{unit} is too small.", f"It must be at least {shape[f'min{limits}']}{unit}."
        if f"max{limits}" in shape and figure > shape[f"max{limits}"]:
            yield f"{figure}{unit} is too large.", f"It may be at most {shape[f'max{limits}']}{unit}."


def _shown(value: Any) -> str:
    """Show short values only."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
