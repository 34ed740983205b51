"""This module checks that each used name exists, that each defined name is used, and that parameters are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from imagelabels.deploy.template.document import FUNCTIONS, Template, calls

PSEUDO = ("ALIYUN::Region", "ALIYUN::TenantId", "ALIYUN::StackName", "ALIYUN::StackId")
"""https://www.alibabacloud.com/help/en/ros/user-guide/pseudo-parameters"""

ATTRIBUTES = {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy"}
"""The attributes that a resource may have."""

VARIABLE = re.compile(r"\$\{([^!}]+)\}")

_LIMITS = {"AllowedValues", "AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue"}
_TYPES: dict[str, type | tuple[type, ...]] = {"String": str, "Number": (int, float), "Boolean": bool}
_Where = tuple[str, str, str]
"""The place of a name, its kind (function, name, attribute, condition or resource), and the name itself."""


def check(template: Template, schema: Mapping[str, Any]) -> Iterator[str]:
    for name, parameter in template.parameters.items():
        yield from _parameter(f"Parameters: {name}", parameter)
    for name, resource in template.resources.items():
        if unknown := resource.keys() - ATTRIBUTES:
            yield f"{name}: unknown attribute {min(unknown)}: known are {', '.join(sorted(ATTRIBUTES))}"
        if resource.get("Type") not in schema:
            near = get_close_matches(str(resource.get("Type")), schema, 1)
            yield f"{name}.Type: {resource.get('Type')} is not in schema.json" + (
                f": did you mean {near[0]}?"
                if near
                else ": add it to shared/imagelabels/deploy/template/extract_schema.py and run that"
            )
    used = set()
    for place, kind, name in _uses(template):
        used.add(name.partition(".")[0])
        if problem := _wrong(template, schema, kind, name):
            yield f"{place}: {problem}"
    yield from _over_conditions(template)
    for section, names in (("Parameters", template.parameters), ("Conditions", template.conditions)):
        yield from (f"{section}: {name} is never used: use it or remove it" for name in names if name not in used)


def _parameter(place: str, parameter: Mapping[str, Any]) -> Iterator[str]:
    kind = _TYPES.get(parameter.get("Type", ""))
    if kind is None:
        yield f"{place}.Type: must be one of {', '.join(_TYPES)}"
        return
    if not parameter.get("Description"):
        yield f"{place}.Description: is missing: say what the parameter is for"
    if unknown := parameter.keys() - {"Type", "Description", "Default", *_LIMITS}:
        yield f"{place}: unknown attribute {min(unknown)}"
    default = parameter.get("Default")
    allowed = parameter.get("AllowedValues", [])
    for value in [*allowed, *([default] if default is not None else [])]:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            yield f"{place}: {value!r} is not of type {parameter['Type']}"
    if default is None:
        return
    if allowed and default not in allowed:
        yield f"{place}.Default: {default!r} is not one of AllowedValues"
    if isinstance(default, str) and not re.search(parameter.get("AllowedPattern", ""), default):
        yield f"{place}.Default: {default!r} does not fit AllowedPattern"
    size = len(default) if isinstance(default, str) else default
    least = parameter.get("MinLength", parameter.get("MinValue", size))
    if not least <= size <= parameter.get("MaxLength", parameter.get("MaxValue", size)):
        yield f"{place}.Default: {default!r} is outside the limits of the parameter"


def _uses(template: Template) -> Iterator[_Where]:
    for name, condition in template.conditions.items():
        yield from _called(condition, f"Conditions: {name}")
    for name, resource in template.resources.items():
        if "Condition" in resource:
            yield f"{name}.Condition", "condition", resource["Condition"]
        for other in resource.get("DependsOn", []):
            yield f"{name}.DependsOn", "resource", other
        yield from _called(resource.get("Properties", {}), f"{name}.Properties")
    for name, output in template.outputs.items():
        if "Condition" in output:
            yield f"Outputs: {name}.Condition", "condition", output["Condition"]
        yield from _called(output.get("Value"), f"Outputs: {name}.Value")


def _called(value: object, path: str) -> Iterator[_Where]:
    for place, called, argument in calls(value, path):
        if called not in FUNCTIONS:
            yield place, "function", called
        elif called == "Ref":
            yield place, "name", str(argument)
        elif called == "Fn::GetAtt":
            yield place, "attribute", ".".join(argument) if isinstance(argument, list) else str(argument)
        elif called == "Fn::If":
            yield place, "condition", str(argument[0])
        elif called == "Fn::Sub":
            text, variables = argument if isinstance(argument, list) else (argument, {})
            for name in VARIABLE.findall(text):
                if name not in variables:
                    yield place, "attribute" if "." in name else "name", name


def _wrong(template: Template, schema: Mapping[str, Any], kind: str, name: str) -> str | None:
    known: Mapping[str, Any] | tuple[str, ...]
    if kind == "function":
        return f"{name} is not supported by this check: use one of {', '.join(FUNCTIONS)}"
    if kind == "attribute":
        resource, _, attribute = name.partition(".")
        if resource in template.resources:
            known = schema.get(template.resources[resource].get("Type"), {"attributes": [attribute]})["attributes"]
            missing = attribute not in known
            return f"{resource} has no attribute {attribute}: it has {', '.join(known) or 'none'}" if missing else None
        name, known = resource, template.resources
    elif kind == "condition":
        known = template.conditions
    elif kind == "resource":
        known = template.resources
    else:
        known = (*template.parameters, *template.resources, *PSEUDO)
    if name in known:
        return None
    near = get_close_matches(name, known, 1)
    return f"there is no {name}" + (f": did you mean {near[0]}?" if near else ": define it or remove it")


def _over_conditions(template: Template) -> Iterator[str]:
    """Yield a problem for each use of a conditional resource without Fn::If and without the same condition."""
    sections = [(name, resource, resource.get("Properties")) for name, resource in template.resources.items()]
    sections += [(f"Outputs: {name}", output, output.get("Value")) for name, output in template.outputs.items()]
    for place, owner, value in sections:
        choices = [argument for _, called, argument in calls(value, place) if called == "Fn::If"]
        chosen = {
            (argument[0], name.partition(".")[0]) for argument in choices for *_, name in _called(argument[1], "")
        }
        names = [name.partition(".")[0] for *_, name in _called(value, "")] + list(owner.get("DependsOn", []))
        for name in dict.fromkeys(names):
            needed = template.resources.get(name, {}).get("Condition")
            if needed is None or owner.get("Condition") == needed or (needed, name) in chosen:
                continue
            yield f"{place}: uses {name}, which exists only if {needed} is true: use Fn::If or the same condition"
