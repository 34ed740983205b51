"""How the emulated control plane reads a stack's parameters from a request, and what it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from imagelabels.deploy.template import properties
from imagelabels.deploy.template.check_template import schema
from imagelabels.deploy.template.document import Template, read
from imagelabels.deploy.template.resolve import stack


class Refused(Exception):
    """The control plane answers with this status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message


def checked(body: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the stack's parameters in a request; Refused if one is unknown, missing or does not fit the template."""
    template = read(body)
    keys = {name: value for name, value in given.items() if re.fullmatch(r"Parameters\.\d+\.ParameterKey", name)}
    named = {value: given.get(name.replace("ParameterKey", "ParameterValue"), "") for name, value in keys.items()}
    if unknown := named.keys() - template.parameters.keys():
        raise Refused(400, "InvalidParameter", f"The template has no parameter {min(unknown)}.")
    values = {}
    for name, parameter in template.parameters.items():
        if name not in named and "Default" not in parameter:
            raise Refused(400, "ParameterMissed", f"The Parameter ({name}) was not provided.")
        default = parameter.get("Default")
        values[name] = named.get(name, str(default).lower() if isinstance(default, bool) else str(default))
        _check_value(name, parameter, values[name])
    if wrong := list(properties.check(stack(template, typed(template, values)), schema())):
        raise Refused(400, "StackValidationFailed", "; ".join(map(str, wrong)))
    return values


def typed(template: Template, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the values as the template's types have them."""
    kinds: dict[str, Callable[[str], Any]] = {"Number": int, "Boolean": lambda text: text == "true", "String": str}
    return {name: kinds[template.parameters[name]["Type"]](value) for name, value in values.items()}


def _check_value(name: str, parameter: Mapping[str, Any], value: str) -> None:
    allowed = [str(one) for one in parameter.get("AllowedValues", [])]
    pattern, number = parameter.get("AllowedPattern"), parameter["Type"] == "Number"
    fits = (
        (not allowed or value in allowed)
        and (pattern is None or re.search(pattern, value) is not None)
        and len(value) >= parameter.get("MinLength", 0)
        and (not number or parameter.get("MinValue", 0) <= int(value) <= parameter.get("MaxValue", 10**9))
    )
    if not fits:
        raise Refused(400, "InvalidParameter", f"The Parameter ({name}) does not fit.")
