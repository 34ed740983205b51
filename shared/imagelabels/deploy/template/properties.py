"""This module checks the properties of resources against the vendor's schema: names, types, limits, missing ones."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from imagelabels.deploy.template.resolve import Stack

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "map": (dict,),
    "object": (dict,),
}


def check(stack: Stack, schema: Mapping[str, Any]) -> Iterator[str]:
    for resource in stack.resources.values():
        yield from _object(resource.name, resource.properties, schema[resource.kind]["properties"])


def _object(path: str, values: Mapping[str, Any], shapes: Mapping[str, Any]) -> Iterator[str]:
    for name, shape in shapes.items():
        if shape.get("required") and name not in values:
            yield f"{path}: {name} is missing: the resource needs it"
    for name, value in values.items():
        if name in shapes:
            yield from _value(f"{path}.{name}", value, shapes[name])
        else:
            near = get_close_matches(str(name), shapes, 1)
            yield f"{path}.{name}: there is no such property" + (
                f": did you mean {near[0]}?" if near else f": known are {', '.join(shapes)}"
            )


def _value(path: str, value: Any, shape: Mapping[str, Any]) -> Iterator[str]:
    kinds = _TYPES.get(shape["type"])
    if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
        yield f"{path}: must be a {shape['type']}, not {value!r}"
        return
    if "allowed" in shape and value not in shape["allowed"]:
        yield f"{path}: {value!r} is not allowed: use one of {', '.join(map(str, shape['allowed']))}"
    if "pattern" in shape and not re.search(shape["pattern"], value):
        yield f"{path}: {value!r} does not fit {shape['pattern']}"
    for size, limits, unit in ((value, "", ""), (value, "_length", " long")):
        figure = len(size) if limits and isinstance(size, (str, list, dict)) else size
        if f"min{limits}" in shape and figure < shape[f"min{limits}"]:
            yield f"{path}: {figure}{unit} is too small: at least {shape[f'min{limits}']}"
        if f"max{limits}" in shape and figure > shape[f"max{limits}"]:
            yield f"{path}: {figure}{unit} is too large: at most {shape[f'max{limits}']}"
    if "properties" in shape:
        yield from _object(path, value, shape["properties"])
    if "items" in shape:
        for number, inner in enumerate(value):
            yield from _value(f"{path}[{number}]", inner, shape["items"])
