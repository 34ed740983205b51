"""This module gives values to a template's parameters, and returns plain resources without functions and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagelabels.deploy.template.document import Template, function
from imagelabels.deploy.template.references import VARIABLE

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
EXAMPLE = "example"
"""The value of a parameter that has no default."""

_PSEUDO = {
    "ALIYUN::Region": REGION,
    "ALIYUN::TenantId": ACCOUNT,
    "ALIYUN::StackName": "imagelabels",
    "ALIYUN::StackId": "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource that exists with these parameters. Its properties are plain values."""

    name: str
    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources of a stack.

    `chosen` is the parameter that differs from its default, such as `Detector=oss`, or "".
    """

    chosen: str
    resources: Mapping[str, Resource]

    def of(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources.values() if resource.kind == kind]


def stacks(template: Template) -> Iterator[Stack]:
    """Yield the stack with all defaults, and then one for each other choice and each limit of a parameter."""
    defaults = _defaults(template)
    yield _Resolver(template, defaults).stack("")
    for name, parameter in template.parameters.items():
        choices = list(parameter.get("AllowedValues", []))
        choices += [parameter[limit] for limit in ("MinValue", "MaxValue") if limit in parameter]
        if parameter["Type"] == "Boolean":
            choices = [True, False]
        for choice in choices:
            if choice != defaults[name]:
                yield _Resolver(template, defaults | {name: choice}).stack(f"{name}={choice}")


def stack(template: Template, values: Mapping[str, Any]) -> Stack:
    """Return the stack with these values of parameters. All other parameters have their defaults."""
    return _Resolver(template, _defaults(template) | dict(values)).stack("")


def _defaults(template: Template) -> dict[str, Any]:
    return {name: parameter.get("Default", EXAMPLE) for name, parameter in template.parameters.items()}


class _Resolver:
    def __init__(self, template: Template, parameters: Mapping[str, Any]) -> None:
        self._template, self._parameters = template, parameters

    def stack(self, chosen: str) -> Stack:
        resources = {
            name: Resource(name, resource["Type"], self._value(resource.get("Properties", {})))
            for name, resource in self._template.resources.items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }
        return Stack(chosen, resources)

    def _holds(self, condition: str) -> bool:
        return bool(self._value(self._template.conditions[condition]))

    def _value(self, value: Any) -> Any:
        called = function(value)
        if called is not None:
            return self._called(*called)
        if isinstance(value, dict):
            return {name: self._value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return value

    def _called(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._named(argument)
        if name == "Fn::GetAtt":
            return self._attribute(*(argument if isinstance(argument, list) else argument.split(".", 1)))
        if name == "Fn::If":
            return self._value(argument[1] if self._holds(argument[0]) else argument[2])
        if name == "Fn::Equals":
            return self._value(argument[0]) == self._value(argument[1])
        if name == "Fn::Not":
            return not self._value(argument[0])
        text, variables = argument if isinstance(argument, list) else (argument, {})
        values = {variable: self._value(inner) for variable, inner in variables.items()}
        return VARIABLE.sub(lambda match: self._text(match[1], values), text)

    def _text(self, variable: str, values: Mapping[str, Any]) -> str:
        if variable in values:
            return str(values[variable])
        return str(self._attribute(*variable.split(".", 1)) if "." in variable else self._named(variable))

    def _named(self, name: str) -> Any:
        if name in self._parameters:
            return self._parameters[name]
        return _PSEUDO.get(name, f"<{name}>")

    def _attribute(self, resource: str, attribute: str) -> Any:
        """Return the property with that name, or an example of the same form for a value that only the cloud knows."""
        definition = self._template.resources[resource]
        properties = definition.get("Properties", {})
        if attribute in properties:
            return self._value(properties[attribute])
        if attribute == "Name" and "BucketName" in properties:
            return self._value(properties["BucketName"])
        if definition["Type"] == "ALIYUN::RAM::Role" and attribute == "Arn":
            return f"acs:ram::{ACCOUNT}:role/{str(self._value(properties.get('RoleName'))).lower()}"
        return f"<{resource}.{attribute}>"
