"""This module knows the template that is deployed, and checks the values of its parameters before any call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imagelabels.deploy.package.sources import PACKAGE
from imagelabels.deploy.template.document import Template, read
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.printing import escaped, no_choice

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


def body() -> str:
    """Return the text of the template, which is among the data of an installed wheel or at the root of a checkout."""
    places = (PACKAGE / "deploy" / "template.yml", PACKAGE.parent.parent / "template.yml")
    for path in places:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise Misconfigured(f"the template is neither {places[0]} nor {places[1]}")


class Parameters:
    """The parameters of the command: those of the template, and its own."""

    def __init__(self, text: str) -> None:
        self.template: Template = read(text)
        self.known: dict[str, Mapping[str, Any]] = {**OWN, **self.template.parameters}

    def checked(self, words: Mapping[str, str]) -> dict[str, str]:
        """Return the values as the cloud takes them; Misconfigured names the first that is unknown or does not fit."""
        for name in words:
            if name not in self.known:
                raise Misconfigured(f"--param: {no_choice(name, self.known)}")
        if len({*KEYS} & words.keys()) == 1:
            raise Misconfigured("name CodeKey and LayerKey together: the code fits the layer that was made with it")
        values = {name: _value(name, self.known[name], word) for name, word in words.items()}
        # Each call is for one region and one stack, whatever else is known already.
        return {name: self.default(name) for name in OWN if name not in values} | values

    def default(self, name: str) -> str:
        """Return the value of a parameter that nobody named; Misconfigured if it has none."""
        default = self.known[name].get("Default")
        if default is None:
            raise Misconfigured(f"--param {name}=VALUE is missing: {self.says(name)}")
        return _text(default)

    def complete(self, *given: Mapping[str, str]) -> dict[str, str]:
        """Return a value for each parameter of the template: the last of the given ones, or else the default."""
        named = {name: value for values in given for name, value in values.items()}
        names = [name for name in self.template.parameters if name not in KEYS]
        return {name: named[name] if name in named else self.default(name) for name in names}

    def says(self, name: str) -> str:
        """Return what a parameter is."""
        return " ".join(str(self.known[name].get("Description", "")).split())


def _text(value: Any) -> str:
    """Return a value as ROS answers with it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(name: str, parameter: Mapping[str, Any], word: str) -> str:
    says = " ".join(str(parameter.get("Description", "")).split())
    if parameter["Type"] == "Boolean":
        if word.lower() not in ("true", "false"):
            raise Misconfigured(f"{name}: {escaped(word)} is neither true nor false: {says}")
        return word.lower()
    if parameter["Type"] == "Number":
        return _number(name, parameter, word, says)
    allowed = [_text(value) for value in parameter.get("AllowedValues", [])]
    if allowed and word not in allowed:
        raise Misconfigured(f"{name}: {no_choice(word, allowed)}")
    if not re.fullmatch(parameter.get("AllowedPattern", ".*").strip("^$"), word, re.ASCII):
        raise Misconfigured(f"{name}: {escaped(word) or 'an empty text'} does not fit: {says}")
    if len(word) < parameter.get("MinLength", 0):
        raise Misconfigured(f"{name} may not be empty: {says}")
    return word


def _number(name: str, parameter: Mapping[str, Any], word: str, says: str) -> str:
    if not re.fullmatch(r"\d{1,9}", word, re.ASCII):
        raise Misconfigured(f"{name}: {escaped(word) or 'an empty text'} is not a whole number: {says}")
    number, allowed = int(word), parameter.get("AllowedValues", [])
    if allowed and number not in allowed:
        raise Misconfigured(f"{name}: {no_choice(str(number), map(_text, allowed))}")
    least, most = parameter.get("MinValue", number), parameter.get("MaxValue", number)
    if not least <= number <= most:
        raise Misconfigured(f"{name}: {number} is not from {least} to {most}: {says}")
    return str(number)
