"""This module reads the plan, which is YAML, into steps that remember where they stand in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import yaml

from imagelabels.deploy.tencent.problem import Path
from imagelabels.deploy.yaml_fault import yaml_fault
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.printing import nearest

CHANGES = ("again", "recreate", "keep")
_Kinds = Mapping[str, type | tuple[type, ...]]
_PARAMETER: _Kinds = {"default": (str, int), "example": (str, int), "pattern": str, "secret": str, "says": str}
_STEP: _Kinds = {
    "name": str,
    "of": str,
    "when": str,
    "each": dict,
    "call": str,
    "with": dict,
    "look": dict,
    "change": (str, list),
    "undo": list,
}
_LOOK: _Kinds = {"call": str, "with": dict, "in": str, "where": dict, "absent": list, "ready": dict, "same": list}
_CALL: _Kinds = {"call": str, "with": dict}
_PLAN: _Kinds = {"parameters": dict, "steps": list}
"""The members of the parts of a plan, and their types."""
_NAMES: Mapping[type, str] = {str: "a text", int: "a whole number", dict: "a mapping", list: "a list"}

LARGEST = 524_288
"""No plan is so long. Reading YAML takes seconds for each megabyte."""
MOST_VALUES = 20_000
"""No plan has so many values. More come from aliases that name each other."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that the user gives. Without a default it must be given; `secret` names its environment variable."""

    name: str
    says: str
    default: str | int | None = None
    example: str | int | None = None
    pattern: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API: service, action and parameters, with the parameters' path in the file."""

    service: str
    action: str
    parameters: Mapping[str, Any]
    path: Path

    def __str__(self) -> str:
        return f"{self.service} {self.action}"


@dataclass(frozen=True, slots=True)
class Look:
    """The call that shows whether a step's thing is there, and how its answer is read."""

    call: Call
    inside: str = ""
    where: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    ready: Mapping[str, str] = field(default_factory=dict)
    same: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the plan makes. plan.yml explains the members."""

    name: str
    kind: str
    """The step's name without the value of `each`."""
    call: Call
    look: Look
    of: str
    each: Mapping[str, str]
    change: str
    """One of CHANGES, or empty if `changes` holds the calls."""
    changes: tuple[Call, ...]
    undo: tuple[Call, ...]
    when: str = ""
    """The step is wanted if none of the parameters with these names is an empty text. Blanks separate the names."""

    def is_wanted(self, values: Mapping[str, Any]) -> bool:
        return all(values[name] != "" for name in self.when.split())


@dataclass(frozen=True, slots=True)
class Plan:
    parameters: Mapping[str, Parameter]
    steps: tuple[Step, ...]
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """Return the line of the deepest part of the path that stands in the file."""
        while path not in self.lines:
            path = path[:-1]
        return self.lines[path]


def shipped() -> str:
    """Return the text of the plan that comes with this package."""
    return files(__package__).joinpath("plan.yml").read_text("utf-8")


def read(text: str) -> Plan:
    """Return the plan in a text; Misconfigured says what is wrong, with the line."""
    if len(text) > LARGEST:
        raise Misconfigured(f"the plan has more than {LARGEST} characters, which is too much for a plan")
    lines: dict[Path, int] = {(): 1}
    try:
        content = _plain(yaml.compose(text, yaml.SafeLoader), (), lines)
    except yaml.YAMLError as error:
        raise Misconfigured(yaml_fault(error)) from None
    except RecursionError:
        raise Misconfigured("the plan's values are nested too deeply") from None
    _known(content, _PLAN, (), lines)
    parameters = {}
    for name, given in content.get("parameters", {}).items():
        _known(given, _PARAMETER, ("parameters", name), lines)
        _pattern(given.get("pattern", ""), ("parameters", name, "pattern"), lines)
        parameters[name] = Parameter(name, **{"says": "", **given})
    steps = [step for number, given in enumerate(content.get("steps", [])) for step in _steps(given, number, lines)]
    for step in steps:
        for name in step.when.split():
            if name not in parameters:
                raise Misconfigured(f"line {lines[_below(step.call.path[:-1], 'when')]}: there is no parameter {name}")
    return Plan(parameters, tuple(steps), lines)


def _pattern(pattern: str, path: Path, lines: Mapping[Path, int]) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Misconfigured(f"line {lines[path]}: the pattern is wrong: {error}") from None


def _steps(given: Any, number: int, lines: Mapping[Path, int]) -> Iterator[Step]:
    """Yield the step, or one step for each value of its `each`."""
    path: Path = ("steps", number)
    _known(given, _STEP, path, lines)
    for needed in ("name", "call", "look"):
        if needed not in given:
            raise Misconfigured(f"line {lines[path]}: the step has no {needed}")
    look, change = given["look"], given.get("change", "")
    _known(look, _LOOK, (*path, "look"), lines)
    for owner, name, where in (
        (given, "each", path),
        (look, "absent", (*path, "look")),
        (look, "same", (*path, "look")),
    ):
        _texts(owner.get(name, []), (*where, name), lines)
    for name in ("where", "ready"):
        _texts(list(look.get(name, {}).values()), (*path, "look", name), lines)
    if not isinstance(change, list) and change not in ("", *CHANGES):
        raise Misconfigured(
            f"line {lines[_below(path, 'change')]}: change must be calls or one of {', '.join(CHANGES)}"
        )
    eaches = [{name: value} for name, values in given.get("each", {}).items() for value in values] or [{}]
    for each in eaches:
        yield Step(
            name=" ".join([given["name"], *each.values()]),
            kind=given["name"],
            call=_call(given, path, lines),
            look=Look(
                _call(look, (*path, "look"), lines),
                look.get("in", ""),
                look.get("where", {}),
                tuple(look.get("absent", ())),
                look.get("ready", {}),
                tuple(look.get("same", ())),
            ),
            of=given.get("of", ""),
            each=each,
            change=change if isinstance(change, str) else "",
            changes=_calls(change, (*path, "change"), lines) if isinstance(change, list) else (),
            undo=_calls(given.get("undo", []), (*path, "undo"), lines),
            when=given.get("when", ""),
        )


def _calls(given: Any, path: Path, lines: Mapping[Path, int]) -> tuple[Call, ...]:
    for number, call in enumerate(given):
        _known(call, _CALL, (*path, number), lines)
    return tuple(_call(call, (*path, number), lines) for number, call in enumerate(given))


def _call(given: Mapping[str, Any], path: Path, lines: Mapping[Path, int]) -> Call:
    words = str(given.get("call", "")).split()
    if len(words) != 2:
        raise Misconfigured(f"line {lines[path]}: call must name a service and an action, such as cam GetRole")
    return Call(words[0], words[1], given.get("with", {}), (*path, "with"))


def _known(given: Any, kinds: _Kinds, path: Path, lines: Mapping[Path, int]) -> None:
    """Raise Misconfigured if a part of the plan is not a mapping with these members, or one has another type."""
    if not isinstance(given, dict):
        raise Misconfigured(f"line {lines[path]}: must be a mapping with {', '.join(kinds)}")
    for name, value in given.items():
        line = lines[_below(path, name)]
        if name not in kinds:
            near = nearest(str(name), kinds)
            hint = f": did you mean {near}?" if near else f": known are {', '.join(kinds)}"
            raise Misconfigured(f"line {line}: unknown member {name}{hint}")
        kind = kinds[name]
        if not isinstance(value, kind):
            words = " or ".join(_NAMES[each] for each in (kind if isinstance(kind, tuple) else (kind,)))
            raise Misconfigured(f"line {line}: {name} must be {words}")


def _texts(given: Any, path: Path, lines: Mapping[Path, int]) -> None:
    """Raise Misconfigured unless this is a list of texts, or a mapping of names to such lists."""
    for value in given.values() if isinstance(given, dict) else (given,):
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            raise Misconfigured(f"line {lines[path]}: {path[-1]} may hold texts only")


def _below(path: Path, name: str | int) -> Path:
    return (*path, name)


def _plain(node: Any, path: Path, lines: dict[Path, int]) -> Any:
    """Return the value of a node, and note the lines of everything in it."""
    if len(lines) > MOST_VALUES:
        raise Misconfigured("the plan's aliases stand for too many values")
    if isinstance(node, yaml.SequenceNode):
        for number, inner in enumerate(node.value):
            lines[_below(path, number)] = inner.start_mark.line + 1
        return [_plain(inner, (*path, number), lines) for number, inner in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for name, inner in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                raise Misconfigured(f"line {line}: a name must be a plain text")
            if name.value in mapping:
                raise Misconfigured(f"line {line}: {name.value} appears twice: keep one")
            lines[_below(path, name.value)] = line
            mapping[name.value] = _plain(inner, (*path, name.value), lines)
        return mapping
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:int":
        return _whole(node)
    return node.value if node is not None else None


def _whole(node: Any) -> int | str:
    """Return a whole number. YAML knows forms of numbers that stay texts here, such as 0x10."""
    try:
        return int(node.value)
    except ValueError:
        text: str = node.value
        return text
