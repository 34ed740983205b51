"""This module collects what is wrong in a policy file and finds the lines, which TOML readers do not report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from imagelabels.domain.errors import Misconfigured

MAX_PROBLEMS = 5
"""A message reports at most this many problems."""


class Problems:
    """The problems of one policy file. `prefixes` holds the prefix of each rule, in the order of the file."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = ["" if line.lstrip().startswith("#") else line for line in text.split("\n")]
        self._headers = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
        self._problems: list[str] = []
        self.prefixes: list[object] = []

    def outside(self, key: str, why: str) -> None:
        """Add a problem with a key or a table that belongs to no rule."""
        self._add(f"line {self._search(0, len(self._lines), (key,))}: {why}")

    def at(self, rule: int, place: Sequence[str], why: str) -> None:
        """Add a problem in a rule. `place` is a key of the rule, and perhaps a word or an inner key that follows it."""
        prefix = self.prefixes[rule]
        named = prefix[:100] if isinstance(prefix, str) and prefix else f"number {rule + 1}"
        self._add(f"line {self.line(rule, place)}, rule {named}, {place[0][:100]}: {why}")

    def line(self, rule: int, place: Sequence[str] = ()) -> int:
        """Return the number of the line, from 1.

        If a word is written with escapes, it is the line of what contains it.
        """
        if rule >= len(self._headers):  # the rules are an array of inline tables
            return self._search(0, len(self._lines), ("rule", *place))
        ends = [*self._headers, len(self._lines)]
        return self._search(ends[rule], ends[rule + 1], place)

    def refuse(self) -> None:
        """Raise Misconfigured with all problems, if there are any."""
        if self._problems:
            self._raise()

    def _add(self, problem: str) -> None:
        self._problems.append(problem)
        if len(self._problems) == MAX_PROBLEMS:
            self._raise()

    def _raise(self) -> NoReturn:
        raise Misconfigured(f"{self._path}: {'; '.join(self._problems)}")

    def _search(self, start: int, end: int, place: Sequence[str]) -> int:
        for depth, word in enumerate(place):
            name = re.escape(word)
            key = rf"\s*(?:\[+\s*)?(?:rule\s*\.\s*)?[\"']?{name}[\"']?\s*[\].=]"
            looked_for = re.compile(key if depth == 0 else rf".*(?<![\w-]){name}(?![\w-])")
            start = next((n for n in range(start, end) if looked_for.match(self._lines[n])), start)
        return start + 1
