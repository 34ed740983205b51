"""Runs a use case on the results that its port calls have had so far, up to the calls whose results are still missing.

A missing result stops the run: the port raises Pause, which no code under test handles. Nothing runs in parallel here:
of calls that are made at once, each one runs as far as its own results reach, and then the whole run stops if one of
them misses a result. So what a worker does next depends on its results alone, not on the order in which they came.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from imagelabels.domain.budget import Limits
from imagelabels.domain.errors import LabelingError
from imagelabels.domain.model import Look, ObjectChange, Outcome
from imagelabels.domain.policy import Policy
from imagelabels.ports import traits_of
from imagelabels.usecases import correct, reconcile, relabel, undo
from imagelabels.usecases.pairs import inline
from imagelabels.usecases.tools import Tools
from tests.explorer.ports import Call, Detector, Ledger, Objects, Time
from tests.explorer.values import TIMEOUT, Failure, ref_of
from tests.world import CONCEPTS

Slot = tuple[int, int]
"""This tells one of several calls at once: the number of the group in this run, and the place in the group."""

MAIN: Slot = (0, 0)

Trace = tuple[tuple[Slot, tuple[tuple[Hashable, float], ...]], ...]
"""The results that a worker has had, and when, by slot."""

SAID = correct.Said(add=("car",))
"""What a person says in the scenarios with corrections."""

POLICIES = {"old policy": Policy(threshold=0.95)}
"""No picture has labels under the old policy."""

SETTINGS = {"other setting": "fake 0"}
"""Answers that were given under another setting of the detector are not used."""


class Pause(BaseException):
    """A result is missing."""


class Program(NamedTuple):
    """What a worker is started for."""

    what: str
    """reconcile, undo, relabel or correct."""
    key: int
    number: int
    """The event's, or the command's."""
    attempt: int
    start: float
    limit: int | None = None
    """The budget of calls in all."""
    under: str = "now"
    """A name in POLICIES and SETTINGS."""
    warm: bool = True
    """The process has heard of the store's time before."""

    @property
    def serial(self) -> int:
        """No other delivery has this number."""
        return self.number * 16 + self.attempt + 1

    @property
    def event_id(self) -> str:
        return f"event {self.number}"


class End(NamedTuple):
    """How a use case ended: done (with its state and reason), raised (with the error's reason), or refused."""

    how: str
    state: str = ""
    reason: str = ""


class Done(NamedTuple):
    """A call that has had its result."""

    slot: Slot
    call: Call
    result: Hashable
    now: float


class Replay:
    """One run."""

    current: Replay

    def __init__(self, program: Program, trace: Trace) -> None:
        self.program, self._trace = program, dict(trace)
        self.now = program.start
        self.pending: dict[Slot, Call] = {}
        self.done: list[Done] = []
        self.end: End | None = None
        self._slot, self._groups, self._stopped, self._drawn = MAIN, 0, False, 0
        self._next = dict.fromkeys(self._trace, 0)

    def run(self) -> Replay:
        Replay.current = self
        try:
            outcome = self._use_case()
        except Pause:
            return self
        except LabelingError as error:
            self.end = End("raised", reason=error.reason)
        except ValueError as error:
            if self.program.what != "correct":
                raise
            self.end = End("refused", reason=str(error))
        else:
            known = isinstance(outcome, Outcome)
            self.end = End("done", outcome.state, outcome.reason or "") if known else End("done")
        return self

    def _use_case(self) -> Any:
        program, objects, ledger, time = self.program, Objects(self), Ledger(self), Time(self)
        detector = Detector(self, SETTINGS.get(program.under, "fake"))
        traits, policy = traits_of(detector), POLICIES.get(program.under, Policy())
        tools = Tools(objects, ledger, ledger, ledger, traits, policy, CONCEPTS, time, at_once=self.at_once)
        if program.warm:
            tools.time.observe(Look(float(int(program.start)), None))
        ref, deadline = ref_of(program.key), program.start + TIMEOUT
        if program.what == "undo":
            return undo.undo(tools, ref, deadline)
        if program.what == "relabel":
            return relabel.relabel(tools, ref, deadline)
        if program.what == "correct":
            return correct.correct(tools, ref, SAID, deadline)
        labeler = reconcile.Labeler(tools, detector, ledger, Limits(total=program.limit))
        return labeler.reconcile(ObjectChange(ref, "created", program.event_id), deadline)

    def ask(self, call: Call) -> Any:
        """Return the result of a call, or raise the error that it ended in."""
        if self._stopped or self._slot in self.pending:
            raise Pause  # Code that tidies up after an error is not to be run: nothing happened yet.
        results, at = self._trace.get(self._slot, ()), self._next.get(self._slot, 0)
        if at == len(results):
            self.pending[self._slot] = call
            raise Pause
        self._next[self._slot] = at + 1
        result, self.now = results[at]
        self.done.append(Done(self._slot, call, result, self.now))
        if isinstance(result, Failure):
            raise result.error()
        return result

    def at_once(self, *calls: Callable[[], Any]) -> list[Any]:
        outer, began = self._slot, self.now
        self._groups += 1
        group, latest, ended, paused = self._groups, began, list[Callable[[], Any]](), False
        for place, call in enumerate(calls):
            self._slot, self.now = (group, place), began
            try:
                ended.append(partial(_give, call()))
            except Pause:
                paused = True
            except Exception as error:
                ended.append(partial(_raise, error))
            latest = max(latest, self.now)
        self._slot, self.now = outer, latest
        if paused:
            self._stopped = True
            raise Pause
        return inline(*ended)

    def draw(self) -> uuid.UUID:
        """Return the next number that takes the place of a random one. It names the delivery."""
        self._drawn += 1
        return uuid.UUID(hex=f"{self.program.serial:08x}{self._drawn:024x}")


def _give(value: Any) -> Any:
    return value


def _raise(error: Exception) -> Any:
    raise error


@contextmanager
def numbered() -> Iterator[None]:
    """While this lasts, the use cases count their locks and calls where they would draw random numbers: a run on the
    same results must make the same calls."""
    modules = [
        module
        for name, module in sorted(sys.modules.items())
        if name.startswith("imagelabels.usecases.") and "uuid4" in vars(module)
    ]
    for module in modules:
        vars(module)["uuid4"] = lambda: Replay.current.draw()
    try:
        yield
    finally:
        for module in modules:
            vars(module)["uuid4"] = uuid.uuid4
