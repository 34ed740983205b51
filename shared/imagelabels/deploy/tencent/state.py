"""This module looks at what is on the account, and says how each thing stands to the plan."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagelabels.deploy.progress import CallFailed
from imagelabels.deploy.tencent.plan import Call, Step
from imagelabels.deploy.tencent.values import MARK, Scope, resolved

Send = Callable[[Call, Mapping[str, Any]], Mapping[str, Any]]

ABSENT, CURRENT, CHANGED, FOREIGN = "absent", "current", "changed", "foreign"


@dataclass(frozen=True, slots=True)
class State:
    """How a step's thing stands: it is absent, current, changed since, or foreign, which is made by somebody else."""

    word: str
    current: Mapping[str, Any]
    """The thing that later steps and changes work on; empty if there is none."""
    ours: tuple[Mapping[str, Any], ...] = ()
    """All that the plan made, earlier versions too."""
    differences: tuple[str, ...] = ()


def look(step: Step, wanted: Mapping[str, Any], scope: Scope, send: Send) -> State:
    """Ask for a step's thing and compare it with what the step wants."""
    things = list(_things(step, scope, send))
    if not things:
        return State(ABSENT, {})
    # A part of another thing has no description of its own. It is ours, since that other thing is.
    ours = tuple(thing for thing in things if step.of or str(thing.get("Description", "")).startswith(MARK))
    if not ours:
        return State(FOREIGN, things[0])
    marks = [thing for thing in ours if step.of or thing.get("Description") == wanted.get("Description")]
    current = (marks or list(ours))[0]
    differences = tuple(
        f"{name} is {json.dumps(current.get(name))}, and shall be {json.dumps(wanted.get(name))}"
        for name in step.look.same
        if not _covers(current.get(name), wanted.get(name))
    )
    return State(CURRENT if marks and not differences else CHANGED, current, ours, differences)


def is_ready(step: Step, thing: Mapping[str, Any]) -> bool:
    """Return whether a thing is made; CallFailed if making it failed."""
    for name, value in step.look.ready.items():
        if str(thing.get(name, "")).endswith("Failed"):
            raise CallFailed(str(thing[name]), str(thing.get("StatusDesc", "")))
        if thing.get(name) != value:
            return False
    return True


def _things(step: Step, scope: Scope, send: Send) -> Iterator[Mapping[str, Any]]:
    """Yield the things in the answer that the step's conditions pick."""
    try:
        answer: Any = send(step.look.call, resolved(step.look.call.parameters, scope))
    except CallFailed as error:
        if error.code in step.look.absent:
            return
        raise
    inside = answer.get(step.look.inside) if step.look.inside else answer
    where = {name: str(resolved(value, scope)) for name, value in step.look.where.items()}
    for thing in inside if isinstance(inside, list) else [inside or {}]:
        if (
            isinstance(thing, dict)
            and thing
            and all(str(_member(thing, name)) == value for name, value in where.items())
        ):
            yield thing


def _member(thing: Any, name: str) -> Any:
    """Return the member with that path. A part of the path may be a text of JSON, as a trigger's TriggerDesc is."""
    for part in name.split("."):
        if isinstance(thing, str):
            try:
                thing = json.loads(thing)
            except (ValueError, RecursionError):
                return None
        thing = thing.get(part) if isinstance(thing, dict) else None
    return thing


def _covers(there: Any, wanted: Any) -> bool:
    """Return whether a value is as wanted. An answer may have members that nobody set."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_covers(there.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        pairs = zip(there, wanted, strict=False) if isinstance(there, list) else ()
        return isinstance(there, list) and len(there) == len(wanted) and all(_covers(*pair) for pair in pairs)
    return bool(there == wanted)
