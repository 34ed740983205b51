"""Checks the fields of JSON objects in files that list functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

FieldTypes = Mapping[str, "type | tuple[type, ...]"]
"""The fields that a JSON object may have, and their types."""


KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
LONGEST = 60
"""A message shows so many characters of a wrong value."""


def kind(types: type | tuple[type, ...]) -> str:
    """Return what a message calls the type of a field."""
    return KINDS[types if isinstance(types, type) else types[-1]]


def shown(value: object) -> str:
    """Return a wrong value of a field as the file has it, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def check_texts(field: str, values: Mapping[Any, object]) -> None:
    """Raise ValueError unless each part of a field is a text. `values` has the parts by their names or places."""
    for place, value in values.items():
        if not isinstance(value, str):
            raise ValueError(f"{field}: {place} must be a text, not {shown(value)}")


def checked(description: object, known: FieldTypes, needed: tuple[str, ...] = (), place: str = "") -> dict[str, Any]:
    """Return the object if it has known fields of the right types only. ValueError names the `place` of what is not."""
    where = f"{place}: " if place else ""
    if not isinstance(description, dict):
        raise ValueError(f"{where}must be an object with fields")
    for name, value in description.items():
        if name not in known:
            raise ValueError(f"{where}there is no field {name!r}; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or (isinstance(value, bool) and known[name] is not bool):
            raise ValueError(f"{where}{name} must be {kind(known[name])}, not {shown(value)}")
    for name in needed:
        if description.get(name, "") in ("", [], {}):
            raise ValueError(f"{where}{name} is missing")
    return description
