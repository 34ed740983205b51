"""What a template becomes once its parameters have values: plain resources, without functions and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.document import Template, function
from deploy.references import VARIABLE

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
EXAMPLE = "example"
"""Stands for a parameter that has no default."""

_PSEUDO = {
    "ALIYUN::Region": REGION,
    "ALIYUN::TenantId": ACCOUNT,
    "ALIYUN::StackName": "imagelabels",
    "ALIYUN::StackId": "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True, slots=True)
class Resource:
    """One that exists with these parameters; its properties are plain values."""

    name: str
    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stack:
    """`chosen` names the parameter that differs from the defaults, as `Detector=oss`; empty for none."""

    chosen: str
    resources: Mapping[str, Resource]

    def of(self, kind: str) -> list[Resource]:
        return [one for one in self.resources.values() if one.kind == kind]


def stacks(template: Template) -> Iterator[Stack]:
    """With the defaults, then with each other choice and each limit of a parameter, one at a time."""
    defaults = {name: one.get("Default", EXAMPLE) for name, one in template.parameters.items()}
    yield _Resolver(template, defaults).stack("")
    for name, parameter in template.parameters.items():
        choices = list(parameter.get("AllowedValues", []))
        choices += [parameter[limit] for limit in ("MinValue", "MaxValue") if limit in parameter]
        if parameter["Type"] == "Boolean":
            choices = [True, False]
        for choice in choices:
            if choice != defaults[name]:
                yield _Resolver(template, defaults | {name: choice}).stack(f"{name}={choice}")


class _Resolver:
    def __init__(self, template: Template, parameters: Mapping[str, Any]) -> None:
        self._template, self._parameters = template, parameters

    def stack(self, chosen: str) -> Stack:
        there = {
            name: one
            for name, one in self._template.resources.items()
            if "Condition" not in one or self._holds(one["Condition"])
        }
        return Stack(
            chosen,
            {name: Resource(name, one["Type"], self._value(one.get("Properties", {}))) for name, one in there.items()},
        )

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
        text, given = argument if isinstance(argument, list) else (argument, {})
        values = {variable: self._value(inner) for variable, inner in given.items()}
        return VARIABLE.sub(lambda found: self._text(found[1], values), text)

    def _text(self, variable: str, values: Mapping[str, Any]) -> str:
        if variable in values:
            return str(values[variable])
        return str(self._attribute(*variable.split(".", 1)) if "." in variable else self._named(variable))

    def _named(self, name: str) -> Any:
        if name in self._parameters:
            return self._parameters[name]
        return _PSEUDO.get(name, f"<{name}>")

    def _attribute(self, resource: str, attribute: str) -> Any:
        """The property of that name, or for what only the cloud knows something of the same form."""
        one = self._template.resources[resource]
        properties = one.get("Properties", {})
        if attribute in properties:
            return self._value(properties[attribute])
        if attribute == "Name" and "BucketName" in properties:
            return self._value(properties["BucketName"])
        if one["Type"] == "ALIYUN::RAM::Role" and attribute == "Arn":
            return f"acs:ram::{ACCOUNT}:role/{str(self._value(properties.get('RoleName'))).lower()}"
        return f"<{resource}.{attribute}>"
