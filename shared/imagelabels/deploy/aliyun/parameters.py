"""This module knows the template that is deployed, and checks the values of its parameters before any call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagelabels.deploy.checks.finding import Severity
from imagelabels.deploy.template import check_template
from imagelabels.deploy.template.document import Template, read
from imagelabels.deploy.template.parameters import description, given
from imagelabels.domain.errors import Misconfigured

MARK = "This stack holds imagelabels,"
"""The template's description begins so, and with it that of every stack made from it. No other stack is touched."""

OWN: Mapping[str, Mapping[str, Any]] = {
    "Region": {
        "Type": "String",
        "Description": "The region of the stack and of both buckets, such as cn-hangzhou.",
        "AllowedPattern": "^[a-z]{2}(-[a-z0-9]+)+$",
    },
    # https://www.alibabacloud.com/help/en/ros/developer-reference/api-ros-2019-09-10-createstack
    "StackName": {
        "Type": "String",
        "Description": "The name of the stack, which begins with a letter.",
        "AllowedPattern": "^[A-Za-z][A-Za-z0-9_-]{0,254}$",
        "Default": "imagelabels",
    },
}
"""These parameters are the command's own, and not the template's."""

KEYS = ("CodeKey", "LayerKey")
"""The keys of the archives. The command names them itself, unless somebody goes back to former ones."""


class Parameters:
    """The parameters of the command: those of the template, and its own."""

    def __init__(self, text: str) -> None:
        self.template: Template = read(text)
        self.known: dict[str, Mapping[str, Any]] = {**OWN, **self.template.parameters}

    def checked(self, words: Mapping[str, str]) -> dict[str, str]:
        """Return the values as the cloud takes them; Misconfigured names the first that is unknown or does not fit."""
        if len({*KEYS} & words.keys()) == 1:
            raise Misconfigured("name CodeKey and LayerKey together: the code fits the layer that was made with it")
        values = {name: _text(value) for name, value in given(self.known, words).items()}
        # Each call is for one region and one stack, whatever else is known already.
        return {name: self.default(name) for name in OWN if name not in values} | values

    def refuse_faults(self, values: Mapping[str, str], region: str) -> None:
        """Misconfigured if a stack with these values would not work, as the check of the template finds."""
        findings = check_template.problems_of(self.template, given(self.template.parameters, values), region)
        if wrong := [str(finding) for finding in findings if finding.severity is Severity.ERROR]:
            raise Misconfigured("; ".join(wrong))

    def default(self, name: str) -> str:
        """Return the value of a parameter that nobody named; Misconfigured if it has none."""
        default = self.known[name].get("Default")
        if default is None:
            raise Misconfigured(self._missing(name))
        return _text(default)

    def _missing(self, name: str) -> str:
        return f"--param {name}=VALUE is missing: {description(self.known[name])}"

    def complete(self, *given: Mapping[str, str]) -> dict[str, str]:
        """Return a value for each parameter of the template: the last of the given ones, or else the default.

        Misconfigured names all parameters that have neither.
        """
        named = {name: value for values in given for name, value in values.items()}
        names = [name for name in self.template.parameters if name not in KEYS]
        missing = [name for name in names if name not in named and "Default" not in self.known[name]]
        if missing:
            raise Misconfigured(" ".join(self._missing(name) for name in missing))
        return {name: named[name] if name in named else self.default(name) for name in names}


def _text(value: Any) -> str:
    """Return a value as ROS takes it and answers with it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
