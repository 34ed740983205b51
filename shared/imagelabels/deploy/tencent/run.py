"""This module carries the plan out: it makes what is absent, changes what is old, and takes away what it made."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from imagelabels.deploy.checks.finding import Severity
from imagelabels.deploy.progress import HIDDEN, CallFailed, Progress, Say
from imagelabels.deploy.tencent import state
from imagelabels.deploy.tencent.check import check
from imagelabels.deploy.tencent.plan import Call, Plan, Step
from imagelabels.deploy.tencent.state import ABSENT, CHANGED, CURRENT, FOREIGN, Send, State
from imagelabels.deploy.tencent.values import Scope, described, encoded, examined, resolved, wanted
from imagelabels.domain.errors import Misconfigured

WAITS = 90
"""The state of a new layer or function is asked for this often, PAUSE seconds apart."""
PAUSE = 2.0


class _Later(dict[str, Any]):
    """This stands for a thing that a dry run does not make: what it will be is not known yet."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __missing__(self, member: str) -> str:
        return f"(the {member} of the new {self._name})"


class Run:
    """One run over the plan. `say` gets each line of the report, and `sleep` waits between two looks.

    `secrets` are shown nowhere, like the values of the plan's secret parameters.
    """

    def __init__(
        self,
        plan: Plan,
        values: Mapping[str, str | int],
        send: Send,
        say: Say,
        sleep: Callable[[float], None] = time.sleep,
        secrets: Sequence[str] = (),
    ) -> None:
        self._plan, self._send, self._say, self._sleep = plan, send, say, sleep
        self._scope = Scope(values, encoded)
        secret = [name for name, parameter in plan.parameters.items() if parameter.secret and values[name]]
        self._secrets = [*secrets, *(str(values[name]) for name in secret)]
        self._shown = Scope({**values, **dict.fromkeys(secret, HIDDEN)}, described)

    def deploy(self) -> bool:
        """Make and change what the plan wants; return whether all is done."""
        self._refuse_faults()
        steps = self._wanted()
        progress = self._progress(steps)
        with progress.told("the same command goes on from here, and --undo takes away what it made"):
            for step in steps:
                self._deploy(step)
                progress.finished.append(step.name)
            self._take_away_unwanted(dry=False)
        return progress.complete

    def dry_run(self) -> bool:
        """Say what `deploy` would do, and do nothing but look; return whether nothing would stop it."""
        self._refuse_faults()
        steps = self._wanted()
        foreign, progress = False, self._progress(steps)
        with progress.told("nothing was changed"):
            for step in steps:
                parameters, scope = wanted(step, self._scope)
                there = self._look(step, parameters, scope)
                foreign = foreign or there.word == FOREIGN
                self._say(f"{step.name}: {_WOULD[there.word].format(step=step, calls=_calls(step))}")
                for line in self._details(step, there):
                    self._say(f"    {line}")
                stays = there.word == CURRENT or (there.word == CHANGED and step.change != "keep")
                self._remember(step, there.current if stays else _Later(step.name))
                progress.finished.append(step.name)
            self._take_away_unwanted(dry=True)
        return progress.complete and not foreign

    def undo(self, dry: bool = False) -> bool:
        """Take away what the plan made, the last thing first; return whether all is done."""
        owners: dict[str, bool] = {}
        steps = [step for step in reversed(self._plan.steps) if step.undo]
        progress = self._progress(steps)
        with progress.told("the same command goes on from here"):
            for step in steps:
                self._undo(step, dry, owners)
                progress.finished.append(step.name)
        return progress.complete

    def _refuse_faults(self) -> None:
        findings = check(self._plan, self._scope.values, examined)
        if errors := [str(finding) for finding in findings if finding.severity is Severity.ERROR]:
            raise Misconfigured(" ".join(errors))

    def _deploy(self, step: Step) -> None:
        parameters, scope = wanted(step, self._scope)
        there = self._look(step, parameters, scope)
        if there.word == FOREIGN:
            raise CallFailed("it exists already", "somebody else made it: give the plan another Name, or remove it")
        if there.word == CURRENT:
            self._say(f"{step.name}: is there")
        elif there.word == ABSENT or step.change in ("again", "keep"):
            self._make(step, parameters)
            self._say(
                f"{step.name}: made" if there.word == ABSENT or step.change == "keep" else f"{step.name}: changed"
            )
        else:
            self._change(step, there, parameters, scope)
            self._say(f"{step.name}: changed")
        self._remember(step, self._made(step, parameters, scope))

    def _make(self, step: Step, parameters: Mapping[str, Any]) -> None:
        self._send(step.call, parameters)

    def _change(self, step: Step, there: State, parameters: Mapping[str, Any], scope: Scope) -> None:
        inner = scope.with_records(found=there.current)
        for call in step.undo if step.change == "recreate" else step.changes:
            self._send(call, resolved(call.parameters, inner))
            # A function that is being changed refuses the next change.
            if step.change != "recreate":
                self._until_ready(step, parameters, scope)
        if step.change == "recreate":
            self._make(step, parameters)

    def _until_ready(self, step: Step, parameters: Mapping[str, Any], scope: Scope) -> State:
        for _ in range(WAITS):
            there = self._look(step, parameters, scope)
            if there.word in (CURRENT, CHANGED) and state.is_ready(step, there.current):
                return there
            self._sleep(PAUSE)
        raise CallFailed("not ready", f"it did not become ready within {WAITS * PAUSE:g} s")

    def _made(self, step: Step, parameters: Mapping[str, Any], scope: Scope) -> Mapping[str, Any]:
        """Return the thing as it is once it is ready and as the step wants it."""
        for _ in range(WAITS):
            there = self._until_ready(step, parameters, scope)
            if there.word == CURRENT:
                return there.current
            self._sleep(PAUSE)
        raise CallFailed("not as wanted", "; ".join(there.differences) or "what was set does not show")

    def _undo(self, step: Step, dry: bool, owners: dict[str, bool]) -> None:
        scope = replace(self._scope, values={**self._scope.values, **step.each})
        there = self._look(step, {}, scope)
        ours = list(there.ours)
        if step.of and ours:
            ours = ours if self._is_ours(step.of, owners) else []
        if not ours:
            self._say(
                f"{step.name}: {'is not there' if there.word == ABSENT else 'stays, since somebody else made it'}"
            )
            return
        for thing in ours:
            inner = scope.with_records(found=thing)
            for call in step.undo:
                if not dry:
                    self._send(call, resolved(call.parameters, inner))
        self._say(f"{step.name}: {'would be taken away' if dry else 'taken away'}")

    def _wanted(self) -> list[Step]:
        return [step for step in self._plan.steps if step.is_wanted(self._scope.values)]

    def _take_away_unwanted(self, dry: bool) -> None:
        """Take away what an earlier run made of steps that are not wanted any more."""
        for step in reversed(self._plan.steps):
            unwanted = step.undo and not step.is_wanted(self._scope.values)
            if unwanted and self._look(step, {}, self._scope).ours:
                self._undo(step, dry, {})

    def _is_ours(self, name: str, owners: dict[str, bool]) -> bool:
        if name not in owners:
            step = next(step for step in self._plan.steps if step.name == name)
            owners[name] = bool(self._look(step, {}, self._scope).ours)
        return owners[name]

    def _look(self, step: Step, parameters: Mapping[str, Any], scope: Scope) -> State:
        return state.look(step, parameters, scope, self._send)

    def _remember(self, step: Step, thing: Mapping[str, Any]) -> None:
        self._scope = self._scope.with_records(**{step.kind: thing})
        self._shown = self._shown.with_records(**{step.kind: thing})

    def _details(self, step: Step, there: State) -> Iterator[str]:
        """Yield what a step would set, or where the thing differs, without secrets."""
        if there.word == ABSENT:
            for name, value in wanted(step, self._shown)[0].items():
                yield f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        elif there.word == CHANGED:
            yield from there.differences or ["its parameters are not those of the last time"]

    def _progress(self, steps: Sequence[Step]) -> Progress:
        return Progress(self._say, [step.name for step in steps], self._secrets)


_WOULD = {
    ABSENT: "would be made by {step.call}",
    CURRENT: "is there",
    CHANGED: "would be changed by {calls}",
    FOREIGN: "exists, and somebody else made it: deploy would stop here",
}


def _calls(step: Step) -> str:
    """Name the calls that bring a step's thing up to date."""
    calls: tuple[Call, ...] = step.changes
    if step.change == "recreate":
        calls = (*step.undo, step.call)
    return ", ".join(map(str, calls or (step.call,)))
