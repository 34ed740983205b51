"""Decides which rules strike a request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.core.admission import Admitted
from emulator.core.parts import Worker
from emulator.faults.choosing import Choice, Chooser, choosers
from emulator.faults.rules import OF_REQUESTS, OF_WORKERS, Rule, RuleSet, matches


@dataclass(slots=True)
class Rate:
    """Counts the requests of the present second."""

    per_second: float
    second: int = 0
    count: int = 0

    def exceeded(self, now: float) -> bool:
        if (second := int(now)) != self.second:
            self.second, self.count = second, 0
        self.count += 1
        return self.count > self.per_second


class Plan:
    """The rules that are in force, with their counts."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self.choosers = choosers(rules)
        self._of_requests = [each for each in self.choosers if each.rule.do in OF_REQUESTS | OF_WORKERS]
        self._rates = {each.number: Rate(each.rule.per_second) for each in self.choosers if each.rule.do == "throttle"}

    def chosen(self, admitted: Admitted, worker: Worker | None, now: float) -> Iterator[Choice]:
        """Yield the rules that strike the request, in their order.

        Every rule counts the requests of an invocation, also those that an earlier rule ends.
        """
        concerned = [each for each in self._of_requests if _concerns(each.rule, admitted, worker)]
        for chooser in [each for each in concerned if _nth(each, worker)]:
            rate = self._rates.get(chooser.number)
            if rate is not None and not rate.exceeded(now):
                chooser.matched += 1
                continue
            function = worker.function if worker is not None else ""
            choice = chooser.choose(admitted.operation, admitted.bucket, admitted.key, function)
            if choice is not None:
                yield choice


def _concerns(rule: Rule, admitted: Admitted, worker: Worker | None) -> bool:
    """Tell whether a rule matches a request that the worker sends, or a client if there is no worker."""
    if worker is None and (rule.do in OF_WORKERS or rule.sender == "functions"):
        return False
    if worker is not None and rule.sender == "clients":
        return False
    service, _, operation = admitted.operation.partition(" ")
    return (
        rule.service.lower() in ("*", service.lower())
        and matches(rule.operation, operation)
        and matches(rule.bucket, admitted.bucket)
        and matches(rule.key, admitted.key)
        and matches(rule.function, worker.function if worker is not None else "")
    )


def _nth(chooser: Chooser, worker: Worker | None) -> bool:
    """Count a request of an invocation, and tell whether it is the one that the rule names."""
    if worker is None:
        return True
    worker.counts[chooser] += 1
    return chooser.rule.at is None or worker.counts[chooser] == chooser.rule.at
