"""This module checks a plan without a network: its calls by the vendor's model, and the whole by our own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from imagelabels.deploy.tencent import api, rules
from imagelabels.deploy.tencent.plan import Call, Path, Plan, Step
from imagelabels.deploy.tencent.values import STAND_IN, Scope, examples, references, resolved, wanted
from imagelabels.views.printing import nearest

_Found = Iterator[tuple[Path, str]]
"""Where in the file something is wrong, and what."""


class Answer(Mapping[str, Any]):
    """This stands for what a step looks at before anything was asked: members have their types, not their values."""

    def __init__(self, step: Step) -> None:
        self._call, self._inside = step.look.call, step.look.inside

    def __getitem__(self, name: str) -> Any:
        shape = api.member(self._call.service, self._call.action, ".".join(filter(None, (self._inside, name))))
        if shape is None:
            raise KeyError(name)
        return 1 if shape["type"] in ("int64", "uint64") else "text"

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def check(
    plan: Plan, values: Mapping[str, str | int] | None = None, archive: Callable[[str], str] = lambda name: STAND_IN
) -> list[str]:
    """Return all findings, each with step and line; the values are the examples unless others are given."""
    scope = Scope(examples(plan) if values is None else values, archive)
    findings: list[str] = []
    steps: list[tuple[Step, dict[str, Any]]] = []
    for step in plan.steps:
        broken = list(_step(step, scope, [earlier for earlier, _ in steps]))
        findings += [_words(plan, step, path, message) for path, message in broken]
        if not broken:
            steps.append((step, wanted(step, scope)[0]))
            scope = scope.with_records(**{step.kind: Answer(step)})
    if len(steps) == len(plan.steps):  # Rules about the whole would repeat what is wrong with one call.
        findings += [_words(plan, step, path, message) for step, path, message in rules.check(steps)]
    return list(dict.fromkeys(findings))


def _words(plan: Plan, step: Step, path: Path, message: str) -> str:
    begin = len(step.call.path) - 1
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[begin:] if part != "with"]
    place = "".join(names).lstrip(".")
    return f"step {step.kind}, line {plan.line(path)}: {f'{place}: ' if place else ''}{message}"


def _step(step: Step, scope: Scope, earlier: list[Step]) -> _Found:
    yield from _structure(step, [other.kind for other in earlier])
    before = list(_call(step.call, scope.with_values(**step.each, mark="mark")))
    yield from before
    looked = list(_call(step.look.call, scope.with_values(**step.each)))
    yield from looked
    if before or looked:
        return
    yield from _look(step, scope)
    _, inner = wanted(step, scope)
    inner = inner.with_records(found=Answer(step))
    for call in (*step.changes, *step.undo):
        yield from _call(call, inner)


def _structure(step: Step, earlier: list[str]) -> _Found:
    path = step.call.path[:-1]
    if step.of and step.of not in earlier:
        yield (*path, "of"), f"no step before this one is called {step.of}"
    if not step.of and not step.undo:
        yield path, "has no undo: name the calls that take away what it makes"
    if not step.of and step.call.parameters.get("Description") != "${mark}":
        yield path, "its Description must be ${mark}, by which --undo knows what the plan made"


def _call(call: Call, scope: Scope) -> _Found:
    unknown = [(path, name) for path, name in references(call.parameters) if not _has(scope, name)]
    for path, name in unknown:
        near = nearest(name, scope.values)
        yield (*call.path, *path), f"nothing is called ${{{name}}} here{f': did you mean {near}?' if near else ''}"
    if not unknown:
        for path, message in api.check(call.service, call.action, resolved(call.parameters, scope)):
            yield (*call.path, *path), message


def _has(scope: Scope, name: str) -> bool:
    try:
        scope.get(name)
    except KeyError:
        return False
    return True


def _look(step: Step, scope: Scope) -> _Found:
    look, path = step.look, step.look.call.path[:-1]
    answer = Answer(step)
    if look.inside and api.member(look.call.service, look.call.action, look.inside) is None:
        yield (*path, "in"), f"the answer of {look.call} has no {look.inside}"
        return
    for part, names in (("where", look.where), ("ready", look.ready), ("same", look.same)):
        for name in names:
            member = name.partition(".")[0]
            try:
                answer[member]
            except KeyError:
                yield (*path, part), f"the answer of {look.call} has no {member}"
    for _, name in references(dict(look.where)):
        if not _has(scope.with_values(**step.each), name):
            yield (*path, "where"), f"nothing is called ${{{name}}} here"
    for name in look.same:
        if name not in api.inputs(step.call.service, step.call.action):
            yield (*path, "same"), f"{step.call} takes no {name}"
