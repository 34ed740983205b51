"""Checks the fields of JSON objects in files that list functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FieldTypes = Mapping[str, "type | tuple[type, ...]"]
"""The fields that a JSON object may have, and their types."""


def checked(description: object, known: FieldTypes, needed: tuple[str, ...] = (), place: str = "") -> dict[str, Any]:
    """Return the object if it has known fields of the right types only. ValueError names the `place` of what is not."""
    where = f"{place}: " if place else ""
    if not isinstance(description, dict):
        raise ValueError(f"{where}must be an object with fields")
    for name, value in description.items():
        if name not in known:
            raise ValueError(f"{where}there is no field {name!r}; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise ValueError(f"{where}{name} is of the wrong type")
    for name in needed:
        if description.get(name, "") in ("", [], {}):
            raise ValueError(f"{where}{name} is missing")
    return description
