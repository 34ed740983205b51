"""This module reads a template, which is YAML with short forms of functions, and returns its sections."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from imagelabels.deploy.package.sources import PACKAGE
from imagelabels.deploy.yaml_fault import yaml_fault
from imagelabels.domain.errors import Misconfigured

SECTIONS = ("Parameters", "Conditions", "Resources", "Outputs")
HEAD = ("ROSTemplateFormatVersion", "Description", "Metadata")
FORMAT = "2015-09-01"
FUNCTIONS = ("Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or")
"""The functions that the check understands: https://www.alibabacloud.com/help/en/ros/user-guide/functions lists
more."""


LARGEST = 524_288
"""https://www.alibabacloud.com/help/en/ros/product-overview/limits: a template has at most so many bytes."""
MOST_VALUES = 100_000
"""A template of the largest size has fewer values. More come from aliases that name each other."""


class Unreadable(Exception):
    """The file is not a template. The message says why."""


@dataclass(frozen=True, slots=True)
class Template:
    """The sections of a template as they are written, except that functions have their long forms."""

    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: Mapping[str, Any]
    outputs: Mapping[str, Any]


def shipped() -> str:
    """Return the text of our template, which is among the data of an installed wheel or at the root of a checkout."""
    places = (PACKAGE / "deploy" / "template.yml", PACKAGE.parent.parent / "template.yml")
    for path in places:
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise Misconfigured(f"the template is neither {places[0]} nor {places[1]}: name one with --template")


def read(text: str) -> Template:
    """Return the template in a text; raise Unreadable if it has none."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise Unreadable(f"it has more than {LARGEST} bytes, which is the most that the vendor takes")
    try:
        content = _Values().value(yaml.compose(text, yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise Unreadable(yaml_fault(error)) from error
    except RecursionError:
        raise Unreadable("its values are nested too deeply") from None
    if not isinstance(content, dict):
        raise Unreadable(f"must be a mapping with {', '.join(SECTIONS)}")
    if unknown := content.keys() - {*SECTIONS, *HEAD}:
        raise Unreadable(f"unknown section {sorted(map(str, unknown))[0]}: known are {', '.join([*HEAD, *SECTIONS])}")
    if content.get("ROSTemplateFormatVersion") != FORMAT:
        raise Unreadable(f"ROSTemplateFormatVersion must be '{FORMAT}'")
    sections = {name: content.get(name) or {} for name in SECTIONS}
    for name, section in sections.items():
        if not isinstance(section, dict) or not all(isinstance(entry, dict) for entry in section.values()):
            raise Unreadable(f"{name}: must be a mapping of names to mappings")
    return Template(*(sections[name] for name in SECTIONS))


class _Values:
    """It turns YAML nodes into plain values, and counts them."""

    def __init__(self) -> None:
        self._number = 0

    def value(self, node: Any) -> Any:
        """Return the value of a YAML node. A date stays a text, because the version of the format looks like a date."""
        self._number += 1
        if self._number > MOST_VALUES:
            raise Unreadable("its aliases stand for too many values")
        if node is None:
            return None
        if node.tag.startswith("!"):
            return {"Ref" if node.tag == "!Ref" else f"Fn::{node.tag[1:]}": self._plain(node)}
        return self._plain(node)

    def _plain(self, node: Any) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner) for inner in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        make = _SCALARS.get(node.tag, str)
        try:
            return make(node.value)
        except (KeyError, ValueError):
            raise Unreadable(
                f"line {node.start_mark.line + 1}: {node.value!r} is not a plain value: put it in quotes"
            ) from None

    def _mapping(self, node: Any) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for name, inner in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                raise Unreadable(f"line {line}: a name must be a plain text")
            if name.value in mapping:
                raise Unreadable(f"line {line}: {name.value} appears twice: keep one")
            mapping[name.value] = self.value(inner)
        return mapping


_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
    "tag:yaml.org,2002:bool": lambda text: {"true": True, "false": False}[text.lower()],
    "tag:yaml.org,2002:null": lambda text: None,
}


def function(value: object) -> tuple[str, Any] | None:
    """Return (name, argument) if the value is a call of a function, and None otherwise."""
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or str(name).startswith("Fn::"):
            return name, argument
    return None


def calls(value: object, path: str) -> Iterator[tuple[str, str, Any]]:
    """Yield (path, function, argument) for every call in a value, outermost first."""
    called = function(value)
    if called is not None:
        yield path, *called
        yield from calls(called[1], path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from calls(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from calls(inner, f"{path}[{number}]")
