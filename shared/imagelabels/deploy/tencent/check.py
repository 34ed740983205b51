"""This module checks a plan without a network: its calls by the vendor's model, and the whole by our own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from imagelabels.deploy.checks import files
from imagelabels.deploy.checks import function as function_checks
from imagelabels.deploy.checks.finding import Finding
from imagelabels.deploy.tencent import api, contents, rules, triggers
from imagelabels.deploy.tencent.plan import Call, Plan, Step
from imagelabels.deploy.tencent.problem import Problem
from imagelabels.deploy.tencent.values import STAND_IN, Scope, examples, references, resolved, wanted
from imagelabels.views.printing import nearest


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
) -> list[Finding]:
    """Return all findings, each with step and line; the values are the examples unless others are given.

    The examples switch everything on. What needs two switches is looked at with the second one off too.
    """
    tried = [values] if values is not None else [examples(plan)]
    if values is None:
        second = {name: None for step in plan.steps for name in step.when.split()[1:]}
        tried += [examples(plan) | {name: ""} for name in second]
    problems = list(contents.parameters(plan))
    for each in tried:
        problems += _problems(plan, Scope(each, archive))
    return list(dict.fromkeys(_finding(plan, problem) for problem in problems))


def _problems(plan: Plan, scope: Scope) -> list[Problem]:
    problems: list[Problem] = []
    steps: list[rules.Made] = []
    broken: set[str] = set()
    for number, step in enumerate(plan.steps):
        if not step.is_wanted(scope.values):
            continue
        problems += contents.keys(plan, step)
        if _uses(step) & broken:  # What is wrong there would be repeated here.
            broken.add(step.kind)
        elif wrong := list(_step(step, scope, [earlier.kind for earlier in plan.steps[:number]])):
            problems += wrong
            broken.add(step.kind)
        else:
            steps.append((step, wanted(step, scope)[0]))
            scope = scope.with_records(**{step.kind: Answer(step)})
    if not plan.steps:
        problems.append(Problem(function_checks.FUNCTION_MISSING, ("steps",), "The plan has no steps."))
    elif not broken:  # Rules about the whole would repeat what is wrong with one call.
        problems += triggers.check(steps)
        problems += rules.check(steps)
        problems += contents.archives(steps, scope)
    return problems


def _uses(step: Step) -> set[str]:
    """Return the names of the steps that a step's calls refer to."""
    calls = (step.call, step.look.call, *step.changes, *step.undo)
    return {name.partition(".")[0] for call in calls for _, name in references(call.parameters) if "." in name}


def _finding(plan: Plan, problem: Problem) -> Finding:
    """Return the finding with its step and line, and its place in the step."""
    kinds = {step.call.path[:-1]: f"step {step.kind}" for step in plan.steps}
    begin = problem.path[:2]
    names = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem.path[2:] if part != "with"]
    place = "".join(names).lstrip(".")
    what = kinds.get(begin, ".".join(map(str, problem.path)) or "plan")
    return problem.check.finding(
        f"{what}, line {plan.line(problem.path)}{f': {place}' if place and begin in kinds else ''}",
        problem.cause,
        problem.cure,
    )


def _step(step: Step, scope: Scope, earlier: list[str]) -> Iterator[Problem]:
    yield from _structure(step, earlier)
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


def _structure(step: Step, earlier: list[str]) -> Iterator[Problem]:
    path = step.call.path[:-1]
    if step.of and step.of not in earlier:
        yield Problem(files.STEP_ORDER, (*path, "of"), f"No step before this one is called {step.of}.")
    if not step.of and not step.undo:
        yield Problem(files.STEP_NOT_UNDONE, path, "It has no undo.")
    if not step.of and step.call.parameters.get("Description") != "${mark}":
        cause = "Its Description is not ${mark}, by which --undo knows what the plan made."
        yield Problem(files.STEP_UNMARKED, path, cause)


def _call(call: Call, scope: Scope) -> Iterator[Problem]:
    unknown = [(path, name) for path, name in references(call.parameters) if not _has(scope, name)]
    for path, name in unknown:
        near = nearest(name, scope.values)
        cure = f"Did you mean {near}?" if near else ""
        yield Problem(files.NAME_UNKNOWN, (*call.path, *path), f"Nothing is called ${{{name}}} here.", cure)
    if not unknown:
        for problem in api.check(call.service, call.action, resolved(call.parameters, scope)):
            if problem.path == ("Runtime",) and problem.check is files.FIELD_VALUE:
                problem = problem._replace(check=function_checks.RUNTIME_UNSUPPORTED)
            yield problem._replace(path=(*call.path, *problem.path))


def _has(scope: Scope, name: str) -> bool:
    try:
        scope.get(name)
    except KeyError:
        return False
    return True


def _look(step: Step, scope: Scope) -> Iterator[Problem]:
    look, path = step.look, step.look.call.path[:-1]
    answer = Answer(step)
    if look.inside and api.member(look.call.service, look.call.action, look.inside) is None:
        yield Problem(files.LOOK_UNKNOWN, (*path, "in"), f"The answer of {look.call} has no {look.inside}.")
        return
    for part, names in (("where", look.where), ("ready", look.ready), ("same", look.same)):
        for name in names:
            member = name.partition(".")[0]
            try:
                answer[member]
            except KeyError:
                yield Problem(files.LOOK_UNKNOWN, (*path, part), f"The answer of {look.call} has no {member}.")
    for _, name in references(dict(look.where)):
        if not _has(scope.with_values(**step.each), name):
            yield Problem(files.NAME_UNKNOWN, (*path, "where"), f"Nothing is called ${{{name}}} here.")
    for name in look.same:
        if name not in api.inputs(step.call.service, step.call.action):
            yield Problem(files.LOOK_UNKNOWN, (*path, "same"), f"{step.call} takes no {name}.")
