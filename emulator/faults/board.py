"""Holds the rules that are in force. They are replaced as a whole."""

from __future__ import annotations

from collections.abc import Collection

from emulator.core.server import FaultsOf
from emulator.faults import rules
from emulator.faults.apply import RequestFaults, Spoiling
from emulator.faults.deliveries import Deliveries, DeliveryLog
from emulator.faults.requests import Plan
from emulator.faults.rules import RuleSet, matches


class FaultBoard:
    """The rules of the emulator, which its control paths change while it runs."""

    def __init__(self, operations: Collection[str] = (), in_force: RuleSet | None = None) -> None:
        """Begin with rules in force, or with none. `operations` are those that rules may name."""
        self._operations = operations
        self.plan = Plan(in_force or RuleSet())
        self.log = DeliveryLog()

    def replace(self, value: object) -> None:
        """Put the rules of a JSON value in force. ValueError says what is wrong with them, and leaves the old ones."""
        self.plan = Plan(rules.read(value, self._operations))

    def clear(self) -> None:
        """Remove all rules. The seed goes back to 0."""
        self.plan = Plan(RuleSet())

    def of_requests(self, around: Spoiling) -> FaultsOf:
        """Return what a server asks for the faults of each request."""
        return lambda request, notes: RequestFaults(self.plan, around, request, notes)

    def deliveries(self, function: str) -> Deliveries:
        """Return what brings events to a function of that name."""
        return Deliveries(function, lambda: self.plan, self.log)

    def clock_of(self, function: str) -> float:
        """Return by how many seconds the clock of a function is ahead. The first rule for it decides."""
        for rule in self.plan.rules.rules:
            if rule.do == "clock" and matches(rule.function, function):
                return rule.seconds[0]
        return 0.0

    def lag(self) -> float | None:
        """Return how many seconds late search indexes see rows, or None if no rule says it."""
        return next((rule.seconds[0] for rule in self.plan.rules.rules if rule.do == "lag"), None)

    def state(self) -> dict[str, object]:
        """Return the seed and the rules as JSON values, with the counts of each rule."""
        return {
            "seed": self.plan.rules.seed,
            "rules": [
                {**chooser.rule.given, "matched": chooser.matched, "applied": chooser.applied}
                for chooser in self.plan.choosers
            ],
        }
