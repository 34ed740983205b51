"""This module prints for the demo.

Names have their own lines, so that one can copy them; other lines have 80 columns.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from demo.files import DemoFiles, counted
from imagelabels.views.printing import escaped

WIDTH = 80
INDENT = " " * 7


@dataclass(frozen=True, slots=True)
class Fate:
    """The result for one photo in one store."""

    tags: Mapping[str, str] = field(default_factory=dict)
    word: str = "labelled"
    """The state in the object's row, or what happened instead."""
    reason: str = ""
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        if self.tags:
            return " ".join(f"{name}={value}" for name, value in sorted(self.tags.items()))
        if self.word == "labelled":
            return "(no labels)"
        because = ", ".join(filter(None, (self.reason, *self.notes)))
        return f"({self.word}: {because})" if because else f"({self.word})"

    def kind(self) -> str:
        """Return the group in which the photo is counted."""
        if self.tags:
            return "with labels"
        if self.word == "labelled":
            return "without labels"
        return f"{self.word} ({self.reason})" if self.reason else self.word


def lines(texts: Iterable[str]) -> None:
    """Print each text on one line, or on several lines if it is a long sentence. Commands are not wrapped."""
    for text in texts:
        print(text if text.startswith(" ") else _filled(text))


def left_out(files: DemoFiles) -> None:
    """Print each file that is not uploaded with the reason, and how many there are."""
    print(f"{_filled(files.summary())}\n")
    for file in files.left_out:
        print(f"  {escaped(file.key)}\n{_filled(escaped(file.reason), INDENT)}")
    print()


def photos(keys: Sequence[str], buckets: Sequence[str], fates: Mapping[str, Fate]) -> None:
    """Print the result for each photo in each store."""
    print("\nTags on the objects, read back from either store:\n")
    for key in keys:
        for bucket in buckets:
            print(f"{bucket[:3]}  {escaped(key)}")
            print(_filled(escaped(fates[f"{bucket}/{key}"].text()), INDENT))


def verdict(store: str, fates: Sequence[Fate], invocations: int, function: str) -> None:
    """Print how many photos have which result."""
    kinds = counted(fate.kind() for fate in fates)
    calls = f"{invocations} invocation{'s' * (invocations != 1)} of {function}"
    print(_filled(f"{store}: {kinds}, by {calls}", "", INDENT))


def _filled(text: str, indent: str = "", later: str | None = None) -> str:
    later = indent if later is None else later
    together = re.sub(r"\b(\d+) ", "\\1\N{NO-BREAK SPACE}", text)  # A number stays on the line of what it counts.
    filled = textwrap.fill(
        together, WIDTH, initial_indent=indent, subsequent_indent=later, break_on_hyphens=False, break_long_words=False
    )
    return filled.replace("\N{NO-BREAK SPACE}", " ")
