"""This module checks the definitions of a template's parameters, and the values that somebody gives them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.checks.finding import Finding
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.printing import escaped, no_choice

_LIMITS = {"AllowedValues", "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue"}
_SHOWN = {"Label", "NoEcho", "ConstraintDescription", "AssociationProperty", "AssociationPropertyMetadata", "Required"}
_SHOWN |= {"Confirm", "TextArea", "Placeholder"}
"""https://www.alibabacloud.com/help/en/ros/user-guide/parameters: the console reads these, and the stack does not."""
_TYPES: dict[str, type | tuple[type, ...]] = {"String": str, "Number": (int, float), "Boolean": bool}
_OTHERS = ("CommaDelimitedList", "Json")
"""Their values have forms that nothing here needs."""


def parameter(place: str, definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the definition of a parameter."""
    invalid = files.PARAMETER_INVALID.finding
    name = definition.get("Type")
    if name in _OTHERS or (isinstance(name, str) and name.startswith("ALIYUN::")):
        return
    if not isinstance(name, str) or name not in _TYPES:
        yield invalid(f"{place}.Type", "The type is unknown.", f"It must be one of {', '.join(_TYPES)}.")
        return
    if not definition.get("Description"):
        yield files.PARAMETER_UNEXPLAINED.finding(f"{place}.Description", "The description is missing.")
    if unknown := definition.keys() - {"Type", "Description", "Default", *_LIMITS, *_SHOWN}:
        yield invalid(place, f"It has the unknown attribute {min(unknown)}.", "Correct its name or remove it.")
    if wrong := list(_wrong_limits(definition)):
        yield invalid(f"{place}.{wrong[0]}", "The limit has the wrong form.")
        return
    default = definition.get("Default")
    for value in [*definition.get("AllowedValues", []), *([default] if default is not None else [])]:
        if not _is(name, value):
            yield invalid(place, f"{value!r} is not of type {name}.")
    if default is not None and (problem := _outside(definition, default)):
        yield invalid(f"{place}.Default", problem)


def given(parameters: Mapping[str, Mapping[str, Any]], words: Mapping[str, str]) -> dict[str, Any]:
    """Return the values that these words stand for; Misconfigured says which one does not fit its parameter."""
    values = {}
    for name, word in words.items():
        if name not in parameters:
            raise Misconfigured(f"--param: {no_choice(name, parameters)}")
        value, says = _value(str(parameters[name].get("Type")), word), description(parameters[name])
        if value is None:
            raise Misconfigured(f"{name}: {escaped(word)} is not {_asked(parameters[name])}. {says}".rstrip())
        if not list(_wrong_limits(parameters[name])) and (problem := _outside(parameters[name], value)):
            raise Misconfigured(f"{name}: {escaped(problem)} {says}".rstrip())
        values[name] = value
    return values


def description(definition: Mapping[str, Any]) -> str:
    """Return what a parameter is, on one line."""
    return " ".join(str(definition.get("Description") or "").split())


def _value(kind: str, word: str) -> Any:
    """Return the value of a word, or None if it is not of that type."""
    if kind == "Number":
        if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", word, re.ASCII):
            return None
        return float(word) if "." in word else int(word)
    if kind == "Boolean":
        return {"true": True, "false": False}.get(word.lower())
    return word


def _wrong_limits(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield the limits of a parameter that have the wrong form."""
    if not isinstance(definition.get("AllowedValues", []), list):
        yield "AllowedValues"
    for name in ("MinLength", "MaxLength", "MinValue", "MaxValue"):
        if name in definition and not _is("Number", definition[name]):
            yield name
    try:
        re.compile(definition.get("AllowedPattern", ""))
    except (re.error, TypeError):
        yield "AllowedPattern"


def _is(kind: str, value: Any) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "Boolean" or not isinstance(value, bool))


def _outside(definition: Mapping[str, Any], value: Any) -> str:
    """Say which limit a value is outside of; nothing if it fits."""
    allowed = definition.get("AllowedValues", [])
    if allowed and value not in allowed:
        return f"{value!r} is not one of {', '.join(map(str, allowed))}."
    if isinstance(value, str) and not re.search(definition.get("AllowedPattern", ""), value):
        return f"{value!r} does not fit the pattern {definition['AllowedPattern']}."
    size = len(value) if isinstance(value, str) else value
    if not isinstance(size, (int, float)):
        return ""
    least = definition.get("MinLength", definition.get("MinValue", size))
    most = definition.get("MaxLength", definition.get("MaxValue", size))
    if not least <= size <= most:
        limits = f"from {least} to {most}" if most != size else f"at least {least}"
        return f"{value!r} is outside the limits of the parameter, {limits}."
    return ""


def _asked(parameter: Mapping[str, Any]) -> str:
    """Say what a person may write for a parameter."""
    kind = parameter.get("Type")
    return "true or false" if kind == "Boolean" else f"of type {kind}"
