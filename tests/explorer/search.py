"""Visits the states of a scenario: all of them, nearest first, or up to a bound and then some runs at random."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from tests.explorer import promises
from tests.explorer.moves import Move, Next, following
from tests.explorer.replay import SETTINGS, numbered
from tests.explorer.scenarios import Scenario
from tests.explorer.tree import Tree
from tests.explorer.world import Faults, World


@dataclass(slots=True)
class Violation:
    """A broken promise, and the moves that lead to it: the fewest there are, where all states were visited in order."""

    promise: str
    schedule: list[Move]
    times: int = 1


@dataclass(slots=True)
class Found:
    """What an exploration came to."""

    states: int = 0
    moves: int = 0
    rests: int = 0
    runs: int = 0
    """How often the real code was run."""
    exhausted: bool = True
    walks: int = 0
    """Runs at random beyond the bound."""
    violations: dict[str, Violation] = field(default_factory=dict)


FAULTS_OFTEN = 0.1
"""A run at random takes this share of the faults that chance picks."""

LONG_AFTER = 300.0
"""Seconds after which no lock and no claim of a dead delivery lasts."""


class Search:
    """An exploration of one scenario with certain faults."""

    def __init__(self, scenario: Scenario, faults: Faults, redelivers: bool = True, off: frozenset[str] = frozenset()):
        self.play = scenario.play(redelivers, off)._replace(
            faultless=not any(faults), claims_stay=faults.twice + faults.fail > 0
        )
        self.tree = Tree()
        self.found = Found()
        self._seen: dict[int, int] = {}
        """The hash of each state, and that of the state before it on the way that was found first."""
        self._scenario, self._faults = scenario, faults
        self.first = self._begun()

    def _begun(self) -> World:
        """Return the state at which all is done that happens before the scenario."""
        scenario = self._scenario
        world = scenario.world(Faults())
        with numbered():
            for count in range(len(scenario.before)):
                steps = scenario.before[: count + 1]
                play = self.play._replace(steps=steps, workers=1, under=scenario.before_under)
                while not promises.is_at_rest(world, steps):
                    world = following(self.tree, play, world)[0][1]
                    if scenario.orphan and any(kept.unconfirmed for kept in world.answers):
                        world = world._replace(workers=(), now=world.now + LONG_AFTER)
        if scenario.before_under in SETTINGS:
            world = world._replace(calls=World().calls)  # Under another setting, the same picture is asked about anew.
        return world._replace(faults=self._faults)

    def run(self, bound: int, walks: int = 0, first_only: bool = False) -> Found:
        """Visit up to `bound` states, nearest first; where there are more, make so many walks at random."""
        with numbered():
            self._visit(bound, first_only)
            if not self.found.exhausted and not (first_only and self.found.violations):
                for seed in range(walks):
                    self._walk(random.Random(seed))
                    if first_only and self.found.violations:
                        break
        self.found.states, self.found.runs = len(self._seen), len(self.tree)
        return self.found

    def _visit(self, bound: int, first_only: bool) -> None:
        self._seen[hash(self.first)] = 0
        waiting = deque([self.first])
        while waiting:
            world = waiting.popleft()
            self._judge(world)
            if first_only and self.found.violations:
                return
            if len(self._seen) > bound:
                self.found.exhausted = False
                return
            before = hash(world)
            for _, then in self._following(world):
                key = hash(then)
                if key not in self._seen:
                    self._seen[key] = before
                    waiting.append(then)

    def _following(self, world: World) -> list[Next]:
        moves = following(self.tree, self.play, world)
        self.found.moves += len(moves)
        if not moves and not world.broken and not promises.is_at_rest(world, self.play.steps):
            self._note("all stand still, and work is due", hash(world))
        return moves

    def _walk(self, chance: random.Random) -> None:
        """Go on at random until nothing is left to do."""
        world = self.first
        self.found.walks += 1
        while True:
            moves = self._following(world)
            if not moves:
                return
            then = chance.choice(moves)[1]
            if then.faults != world.faults and chance.random() > FAULTS_OFTEN:
                continue  # Most moves are faults. They would all happen at the beginning.
            before, world = hash(world), then
            if hash(world) not in self._seen:
                self._seen[hash(world)] = before
                self._judge(world)

    def _judge(self, world: World) -> None:
        self.found.rests += promises.is_at_rest(world, self.play.steps)
        for promise in promises.broken(world, self.play.steps, self.play.rules):
            self._note(promise, hash(world))

    def _note(self, promise: str, key: int) -> None:
        if promise in self.found.violations:
            self.found.violations[promise].times += 1
        else:
            self.found.violations[promise] = Violation(promise, self._schedule(key))

    def _schedule(self, key: int) -> list[Move]:
        """Go the way to a state once more, and return the moves."""
        way = [key]
        while (key := self._seen[key]) != 0:
            way.append(key)
        world, schedule = self.first, list[Move]()
        for key in reversed(way[:-1]):
            move, world = next(
                (move, then) for move, then in following(self.tree, self.play, world) if hash(then) == key
            )
            schedule.append(move)
        return schedule
