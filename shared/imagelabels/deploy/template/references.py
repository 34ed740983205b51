"""This module checks that each used name exists, that each defined name is used, and that parameters are valid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.checks.finding import Check, Finding
from imagelabels.deploy.template import calls_form
from imagelabels.deploy.template.document import FUNCTIONS, Template, calls, function
from imagelabels.deploy.template.parameters import parameter

PSEUDO = ("ALIYUN::Region", "ALIYUN::TenantId", "ALIYUN::StackName", "ALIYUN::StackId")
"""https://www.alibabacloud.com/help/en/ros/user-guide/pseudo-parameters"""

ATTRIBUTES = {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdatePolicy", "Metadata", "Count"}
"""The attributes that a resource may have."""

VARIABLE = re.compile(r"\$\{([^!}]+)\}")

NEAR = 0.85
"""A type whose name is this similar to one of ours was probably meant to be that one."""

_Where = tuple[str, str, str]
"""The place of a name, its kind (function, name, attribute, condition or resource), and the name itself."""


def check(template: Template, schema: Mapping[str, Any]) -> Iterator[Finding]:
    for name, definition in template.parameters.items():
        yield from parameter(f"Parameters: {name}", definition)
    for name, resource in template.resources.items():
        yield from _resource(name, resource, template, schema)
    malformed = list(_malformed(template))
    yield from malformed
    if malformed:
        return
    used = set()
    for place, kind, name in _uses(template):
        used.add(name.partition(".")[0])
        if wrong := _wrong(template, schema, kind, name):
            yield wrong[0].finding(place, wrong[1], wrong[2])
    yield from _over_conditions(template)
    for section, names in (("Parameters", template.parameters), ("Conditions", template.conditions)):
        for name in names:
            if name not in used:
                yield files.UNUSED.finding(f"{section}: {name}", f"{name} is never used.")


def unchecked(template: Template, schema: Mapping[str, Any]) -> list[str]:
    """Return the resources whose types this check does not know. The cloud may know them all the same."""
    return [
        f"{name} ({each.get('Type')})"
        for name, each in template.resources.items()
        if str(each.get("Type")) not in schema
    ]


def _resource(
    name: str, resource: Mapping[str, Any], template: Template, schema: Mapping[str, Any]
) -> Iterator[Finding]:
    if unknown := resource.keys() - ATTRIBUTES:
        near = get_close_matches(min(unknown), ATTRIBUTES, 1)
        yield files.ATTRIBUTE_UNKNOWN.finding(
            name,
            f"It has the unknown attribute {min(unknown)}.",
            f"Did you mean {near[0]}?" if near else f"Known attributes are {', '.join(sorted(ATTRIBUTES))}.",
        )
    if not isinstance(resource.get("Properties", {}), dict):
        yield files.FIELD_VALUE.finding(f"{name}.Properties", "The properties are not a mapping.")
    if "Condition" in resource and not isinstance(resource["Condition"], str):
        yield files.FIELD_VALUE.finding(f"{name}.Condition", "The condition is not a name.")
    kind = resource.get("Type")
    if not isinstance(kind, str):
        yield files.FIELD_MISSING.finding(f"{name}.Type", "The resource has no type.")
    elif kind not in schema:
        near = get_close_matches(kind, schema, 1, NEAR)
        others = {other.get("Type") for other in template.resources.values() if isinstance(other.get("Type"), str)}
        if near and near[0] not in others:
            yield files.TYPE_UNKNOWN.finding(
                f"{name}.Type",
                f"The function needs a resource of the type {near[0]}, and this is {kind}.",
                f"If it was meant to be that one: did you mean {near[0]}?",
            )


def depends_on(resource: Mapping[str, Any]) -> list[str]:
    """Return the names of the resources that must exist before this one."""
    names = resource.get("DependsOn", [])
    return [str(name) for name in (names if isinstance(names, list) else [names])]


def _sections(template: Template) -> Iterator[tuple[str, Any]]:
    """Yield (place, value) for each value that may contain calls."""
    for name, condition in template.conditions.items():
        yield f"Conditions: {name}", condition
    for name, resource in template.resources.items():
        yield f"{name}.Properties", resource.get("Properties", {})
    for name, output in template.outputs.items():
        yield f"Outputs: {name}.Value", output.get("Value")


def _malformed(template: Template) -> Iterator[Finding]:
    """Yield what would keep a value from being calculated."""
    for section, value in _sections(template):
        for place, called, argument in calls(value, section):
            if called not in FUNCTIONS:
                yield files.FUNCTION_UNSUPPORTED.finding(
                    place, f"{called} is not supported by this check.", f"Use one of {', '.join(FUNCTIONS)}."
                )
            elif not calls_form.fits(called, argument):
                yield files.FUNCTION_UNSUPPORTED.finding(
                    place, f"The arguments of {called} have the wrong form.", f"Write {calls_form.FORMS[called]}."
                )


def _uses(template: Template) -> Iterator[_Where]:
    for name, resource in template.resources.items():
        if "Condition" in resource:
            yield f"{name}.Condition", "condition", str(resource["Condition"])
        for other in depends_on(resource):
            yield f"{name}.DependsOn", "resource", other
    for name, output in template.outputs.items():
        if "Condition" in output:
            yield f"Outputs: {name}.Condition", "condition", str(output["Condition"])
    for place, value in _sections(template):
        yield from _called(value, place)


def _called(value: object, path: str) -> Iterator[_Where]:
    for place, called, argument in calls(value, path):
        if called == "Ref":
            yield place, "name", argument
        elif called == "Fn::GetAtt":
            yield place, "attribute", ".".join(argument) if isinstance(argument, list) else argument
        elif called in ("Fn::If", "Fn::Not", "Fn::And", "Fn::Or"):
            named = argument[:1] if called == "Fn::If" else argument if isinstance(argument, list) else [argument]
            yield from ((place, "condition", name) for name in named if isinstance(name, str))
        elif called == "Fn::Sub":
            text, variables = argument if isinstance(argument, list) else (argument, {})
            for name in VARIABLE.findall(text):
                if name not in variables:
                    yield place, "attribute" if "." in name else "name", name


def _wrong(template: Template, schema: Mapping[str, Any], kind: str, name: str) -> tuple[Check, str, str] | None:
    known: Mapping[str, Any] | tuple[str, ...]
    if kind == "attribute":
        resource, _, attribute = name.partition(".")
        if resource in template.resources:
            known = schema.get(str(template.resources[resource].get("Type")), {"attributes": [attribute]})["attributes"]
            if attribute in known:
                return None
            return (
                files.NAME_UNKNOWN,
                f"{resource} has no attribute {attribute}.",
                f"It has {', '.join(known) or 'none'}.",
            )
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
    return files.NAME_UNKNOWN, f"There is no {name}.", f"Did you mean {near[0]}?" if near else ""


def _over_conditions(template: Template) -> Iterator[Finding]:
    """Yield each use of a conditional resource without Fn::If and without the same condition."""
    sections = [(name, resource, resource.get("Properties")) for name, resource in template.resources.items()]
    sections += [(f"Outputs: {name}", output, output.get("Value")) for name, output in template.outputs.items()]
    for place, owner, value in sections:
        choices = [argument for _, called, argument in calls(value, place) if called == "Fn::If"]
        chosen = {
            (argument[0], name.partition(".")[0]) for argument in choices for *_, name in _called(argument[1], "")
        }
        names = [name.partition(".")[0] for *_, name in _called(value, "")] + depends_on(owner)
        for name in dict.fromkeys(names):
            needed = template.resources.get(name, {}).get("Condition")
            if not isinstance(needed, str) or (needed, name) in chosen:
                continue
            if needed in _implied(template, owner.get("Condition"), frozenset()):
                continue
            yield files.CONDITION_MISSING.finding(place, f"It uses {name}, which exists only if {needed} is true.")


def _implied(template: Template, condition: object, known: frozenset[str]) -> frozenset[str]:
    """Return the names of the conditions that are true whenever this one is: its own, and those that Fn::And joins."""
    if isinstance(condition, str) and condition not in known:
        return _implied(template, template.conditions.get(condition), known | {condition})
    called = function(condition)
    if called is None or called[0] != "Fn::And" or not isinstance(called[1], list):
        return known
    for part in called[1]:
        known = _implied(template, part, known)
    return known
