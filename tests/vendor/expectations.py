"""Reads and writes the lists of what is expected of a vendor's tests, and compares them with what happened."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHOWS_NOTHING = "shows nothing"
"""A test with this reason passes whatever the service does: it returns at once, or it takes any error for a pass."""
REASONS = ("other service", "real network", "client's timing", "not wanted here", "not built yet", SHOWS_NOTHING)
"""A test that is not expected to pass, or whose pass does not count, has a reason that begins with one of these."""
HIDDEN = "passed only because it hides a refusal"


class WrongList(ValueError):
    """A list cannot be read. The message names the line."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The tests that pass, and the reasons why others do not."""

    passing: frozenset[str]
    others: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is other than expected: tests that stopped passing with what happened, new passes, and unknown failures."""

    stopped: Mapping[str, str]
    new: tuple[str, ...]
    unlisted: tuple[str, ...]


def read(text: str) -> Expected:
    """Return what the list says: one test in each line, and behind a colon why it is not expected to pass."""
    passing: set[str] = set()
    others: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line.startswith("#"):
            continue
        test, colon, reason = line.partition(": ")
        if test in passing or test in others:
            raise WrongList(f"line {number}: {test} is there twice; remove one of the two lines")
        if colon and not reason.startswith(REASONS):
            raise WrongList(f"line {number}: {reason!r} is no reason; begin it with one of {', '.join(REASONS)}")
        if colon:
            others[test] = reason
        else:
            passing.add(test)
    return Expected(frozenset(passing), others)


def parted(expected: Expected, texts: Sequence[str]) -> tuple[Expected, Expected]:
    """Return what the list says of the files with one of the texts in their names, and what it says of the others.

    Without texts all files count as named.
    """

    def of(wanted: bool) -> Expected:
        def fits(test: str) -> bool:
            name = test.partition("::")[0].rpartition("/")[2]
            return (not texts or any(text in name for text in texts)) is wanted

        others = {test: reason for test, reason in expected.others.items() if fits(test)}
        return Expected(frozenset(filter(fits, expected.passing)), others)

    return of(True), of(False)


def written(passing: Iterable[str], others: Mapping[str, str]) -> str:
    """Return the text of a list, which `read` reads."""
    lines = ["# expected to pass", *sorted(passing), "# not expected to pass"]
    lines += [f"{test}: {reason}" for test, reason in sorted(others.items())]
    return "\n".join(lines) + "\n"


def outcomes(lines: Iterable[str]) -> dict[str, str]:
    """Return the last outcome of each test in the plugin's results.

    A test that never ended stays "collected". A test that passed although an operation was refused as one that the
    emulator does not have (status 501) has not shown anything, so it does not count as passed.
    """
    last: dict[str, str] = {}
    for line in lines:
        result = json.loads(line)
        outcome = result["outcome"]
        if outcome == "passed" and 501 in result["statuses"]:
            outcome = HIDDEN
        last[result["test"]] = outcome
    return last


def counted(outcome: Mapping[str, str], expected: Expected) -> dict[str, str]:
    """Return the outcomes, in which a test that shows nothing has not passed."""
    empty = {test: why for test, why in expected.others.items() if why.startswith(SHOWS_NOTHING)}
    return {test: empty.get(test, word) for test, word in outcome.items()}


def compare(expected: Expected, outcome: Mapping[str, str]) -> Difference:
    passed = {test for test, word in outcome.items() if word == "passed"}
    stopped = {test: outcome.get(test, "not found") for test in sorted(expected.passing - passed)}
    unlisted = outcome.keys() - passed - expected.passing - expected.others.keys()
    return Difference(stopped, tuple(sorted(passed - expected.passing)), tuple(sorted(unlisted)))
