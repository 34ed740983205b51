"""What is wrong in a policy file, and on which line: readers of TOML do not tell lines once the file is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from imagelabels.domain.errors import Misconfigured

SAID = 5
"""Problems that are told at a time."""


class Problems:
    """Collects them; `prefixes` are the rules' own, by number."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = ["" if line.lstrip().startswith("#") else line for line in text.split("\n")]
        self._headers = [n for n, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
        self._found: list[str] = []
        self.prefixes: list[object] = []

    def outside(self, key: str, why: str) -> None:
        """Of a key or a table that belongs to no rule."""
        self._add(f"line {self._search(0, len(self._lines), (key,))}: {why}")

    def at(self, rule: int, place: Sequence[str], why: str) -> None:
        """`place` is a key of the rule, and what is looked for behind it: a word, or the key of an inline table."""
        prefix = self.prefixes[rule]
        named = prefix[:100] if isinstance(prefix, str) and prefix else f"number {rule + 1}"
        self._add(f"line {self.line(rule, place)}, rule {named}, {place[0][:100]}: {why}")

    def line(self, rule: int, place: Sequence[str] = ()) -> int:
        """From 1. What is spelled with escapes is not found: then the line of what it stands in."""
        if rule >= len(self._headers):  # an array of inline tables
            return self._search(0, len(self._lines), ("rule", *place))
        ends = [*self._headers, len(self._lines)]
        return self._search(ends[rule], ends[rule + 1], place)

    def refuse(self) -> None:
        """Misconfigured with all of them, if there are any."""
        if self._found:
            self._raise()

    def _add(self, problem: str) -> None:
        self._found.append(problem)
        if len(self._found) == SAID:
            self._raise()

    def _raise(self) -> NoReturn:
        raise Misconfigured(f"{self._path}: {'; '.join(self._found)}")

    def _search(self, start: int, end: int, place: Sequence[str]) -> int:
        for depth, word in enumerate(place):
            name = re.escape(word)
            key = rf"\s*(?:\[+\s*)?(?:rule\s*\.\s*)?[\"']?{name}[\"']?\s*[\].=]"
            looked_for = re.compile(key if depth == 0 else rf".*(?<![\w-]){name}(?![\w-])")
            start = next((n for n in range(start, end) if looked_for.match(self._lines[n])), start)
        return start + 1
