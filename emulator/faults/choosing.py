"""Chooses what each rule spoils. The same seed and the same requests of a key give the same choices.

A choice does not come from one stream of random numbers, because concurrent requests would take them in an order that
differs from run to run. It is made of the seed, the rule, what the request is about, and how many requests about the
same the rule has matched before.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field

from emulator.faults.rules import Rule, RuleSet

REMEMBERED = 100_000
"""A rule counts the requests about so many subjects. It forgets the one that it has not met for the longest time."""


def fraction(*parts: object) -> float:
    """Return a number from 0 up to 1 that looks random, and that is the same for the same parts."""
    text = "\0".join(str(part) for part in parts).encode("utf-8", "surrogateescape")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2**64


@dataclass(frozen=True, slots=True)
class Choice:
    """A rule spoils something. `seconds` is what it has chosen from its range."""

    rule: Rule
    seconds: float


@dataclass(slots=True, eq=False)
class Chooser:
    """Chooses for one rule, and counts."""

    rule: Rule
    number: int
    seed: int
    matched: int = 0
    applied: int = 0
    _met: OrderedDict[tuple[str, ...], int] = field(default_factory=OrderedDict)

    def choose(self, *subject: str) -> Choice | None:
        """Return the choice for something that the rule matches, or None if it is to pass."""
        self.matched += 1
        count = self._met.pop(subject, 0) + 1
        self._met[subject] = count
        if len(self._met) > REMEMBERED:
            self._met.popitem(last=False)
        rule, seen = self.rule, (self.seed, self.number, *subject, count)
        if self.matched <= rule.after or (rule.times is not None and self.applied >= rule.times):
            return None
        if fraction("share", *seen) >= rule.share:
            return None
        self.applied += 1
        low, high = rule.seconds
        return Choice(rule, low + (high - low) * fraction("seconds", *seen))


def choosers(rules: RuleSet) -> list[Chooser]:
    return [Chooser(rule, number, rules.seed) for number, rule in enumerate(rules.rules, 1)]
