"""This module gives values to a template's parameters, and returns plain resources without functions and conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagelabels.deploy.template.document import Template, Unreadable, function
from imagelabels.deploy.template.references import VARIABLE

REGION, ACCOUNT = "cn-hangzhou", "1234567890123456"
EXAMPLE = "example"
"""The value of a parameter that has no default."""

MOST_WORK = 2_000_000
"""A stack has fewer values and characters than this. More come from functions that name each other again and again."""

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

    def mapping(self, *names: str) -> Mapping[str, Any]:
        """Return the mapping at a path of properties; an empty one if there is none."""
        value: Any = self.properties
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def text(self, *names: str) -> str:
        """Return the text at a path of properties; an empty one if there is none."""
        value = self.mapping(*names[:-1]).get(names[-1])
        return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts of a list. A text alone stands for a list of one."""
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]


def mappings(value: Any) -> list[dict[str, Any]]:
    """Return the mappings of a list. A mapping alone stands for a list of one."""
    values = value if isinstance(value, list) else [value]
    return [mapping for mapping in values if isinstance(mapping, dict)]


TIMER_HANDLER = "index.resume"
"""The packages for Alibaba Cloud have this entry point for the events of timers."""

ALBUM_HANDLER = "album.handler"
"""The packages for Alibaba Cloud have this entry point for the requests of HTTP triggers."""

WEBHOOKS_HANDLER = "webhooks.handler"
"""They have this one for the events of the timer that starts the work for webhooks."""


@dataclass(frozen=True, slots=True)
class Stack:
    """The resources of a stack.

    `chosen` is the parameter that differs from its default, such as `Detector=oss`, or "".
    """

    chosen: str
    resources: Mapping[str, Resource]

    def of(self, kind: str) -> list[Resource]:
        return [resource for resource in self.resources.values() if resource.kind == kind]

    def functions(self) -> list[Resource]:
        """Return the functions that are ours. Other functions of the template have none of our settings."""
        functions = self.of("ALIYUN::FC3::Function")
        return [each for each in functions if _has_settings(each)] or functions

    def labelling(self) -> list[Resource]:
        """Return those of our functions that events of a bucket start."""
        others = {each.name for each in (*self.timers(), *self.backfills(), *self.albums(), *self.webhooks())}
        return [each for each in self.functions() if each.name not in others]

    def backfills(self) -> list[Resource]:
        """Return those of our functions that nothing but a backfill invokes: their invocations are kept as tasks."""
        configs = self.of("ALIYUN::FC3::AsyncInvokeConfig")
        names = {each.text("FunctionName") for each in configs if each.properties.get("AsyncTask") is True}
        return [each for each in self.functions() if each.text("FunctionName") in names]

    def timers(self) -> list[Resource]:
        """Return those of our functions that a timer starts."""
        return [each for each in self.functions() if each.text("Handler") == TIMER_HANDLER]

    def albums(self) -> list[Resource]:
        """Return those of our functions that answer the HTTP API and label nothing."""
        return [each for each in self.functions() if each.text("Handler") == ALBUM_HANDLER]

    def webhooks(self) -> list[Resource]:
        """Return those of our functions that work for webhooks and label nothing."""
        return [each for each in self.functions() if each.text("Handler") == WEBHOOKS_HANDLER]

    def triggers(self) -> list[Resource]:
        """Return the OSS triggers of our functions, and those of functions that the template does not make."""
        others = {each.text("FunctionName") for each in self.of("ALIYUN::FC3::Function")}
        others -= {each.text("FunctionName") for each in self.functions()}
        return [each for each in self.oss_triggers() if each.text("FunctionName") not in others]

    def oss_triggers(self) -> list[Resource]:
        return [each for each in self.of("ALIYUN::FC3::Trigger") if each.text("TriggerType") == "oss"]


def _has_settings(function: Resource) -> bool:
    return any(name.startswith("IMAGELABELS_") for name in function.mapping("EnvironmentVariables"))


def stacks(template: Template) -> Iterator[Stack]:
    """Yield the stack with all defaults, then one for each other choice and each limit of a parameter, and then one
    with everything that can be switched on, since some parts need two switches."""
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
    off = [name for name, each in template.parameters.items() if each["Type"] == "Boolean" and not defaults[name]]
    if len(off) > 1:
        everything = dict.fromkeys(off, True)
        yield _Resolver(template, defaults | everything).stack(", ".join(f"{name}=True" for name in off))


def stack(template: Template, values: Mapping[str, Any]) -> Stack:
    """Return the stack with these values of parameters. All other parameters have their defaults."""
    return _Resolver(template, _defaults(template) | dict(values)).stack("")


def _defaults(template: Template) -> dict[str, Any]:
    return {name: parameter.get("Default", EXAMPLE) for name, parameter in template.parameters.items()}


class _Resolver:
    def __init__(self, template: Template, parameters: Mapping[str, Any]) -> None:
        self._template, self._parameters = template, parameters
        self._open: set[str] = set()
        self._work = 0

    def stack(self, chosen: str) -> Stack:
        resources = {
            name: Resource(name, resource["Type"], self._value(resource.get("Properties", {})))
            for name, resource in self._template.resources.items()
            if "Condition" not in resource or self._holds(resource["Condition"])
        }
        return Stack(chosen, resources)

    def _holds(self, condition: Any) -> bool:
        """Return whether a condition, given by its name or as a call, is true."""
        self._count(condition)
        if not isinstance(condition, str):
            return bool(self._value(condition))
        if condition in self._open or condition not in self._template.conditions:
            return False
        self._open.add(condition)
        try:
            return bool(self._value(self._template.conditions[condition]))
        finally:
            self._open.discard(condition)

    def _count(self, value: Any) -> None:
        """Raise Unreadable if the work on the stack has no reasonable end."""
        self._work += 1 + (len(value) if isinstance(value, str) else 0)
        if self._work > MOST_WORK:
            raise Unreadable("its functions stand for too many values")

    def _value(self, value: Any) -> Any:
        self._count(value)
        called = function(value)
        if called is not None:
            result = self._called(*called)
            self._count(result)
            return result
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
        if name in ("Fn::Not", "Fn::And", "Fn::Or"):
            return self._logical(name, argument if isinstance(argument, list) else [argument])
        if name == "Fn::Join":
            return str(argument[0]).join(str(self._value(part)) for part in argument[1])
        text, variables = argument if isinstance(argument, list) else (argument, {})
        values = {variable: self._value(inner) for variable, inner in variables.items()}
        return VARIABLE.sub(lambda match: self._text(match[1], values), text)

    def _logical(self, name: str, conditions: list[Any]) -> bool:
        holds = [self._holds(condition) for condition in conditions]
        if name == "Fn::Not":
            return not holds[0]
        return all(holds) if name == "Fn::And" else any(holds)

    def _text(self, variable: str, values: Mapping[str, Any]) -> str:
        if variable in values:
            value = values[variable]
        else:
            value = self._attribute(*variable.split(".", 1)) if "." in variable else self._named(variable)
        self._count(text := str(value))
        return text

    def _named(self, name: str) -> Any:
        if name in self._parameters:
            return self._parameters[name]
        return _PSEUDO.get(name, f"<{name}>")

    def _attribute(self, resource: str, attribute: str) -> Any:
        """Return the property with that name, or an example of the same form for a value that only the cloud knows."""
        definition = self._template.resources[resource]
        properties, example = definition.get("Properties", {}), f"<{resource}.{attribute}>"
        if example in self._open:  # The two attributes refer to each other.
            return example
        self._open.add(example)
        try:
            if attribute in properties:
                return self._value(properties[attribute])
            if attribute == "Name" and "BucketName" in properties:
                return self._value(properties["BucketName"])
            if definition["Type"] == "ALIYUN::RAM::Role" and attribute == "Arn":
                return f"acs:ram::{ACCOUNT}:role/{str(self._value(properties.get('RoleName'))).lower()}"
            return example
        finally:
            self._open.discard(example)
