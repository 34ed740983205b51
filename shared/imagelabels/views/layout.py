"""Lays texts out: on a terminal lines are broken between words, in a pipe and in a file each text is one line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TextIO

from imagelabels.views.printing import cells

NARROW = 20
"""Words need so many columns beside what begins their line; with fewer they stand below."""

_WORD = re.compile(r"(?:`[^`]*`|\S)+")
"""A command in backticks is one word, so that it can be copied whole."""


def wrapped(words: Iterable[str], begin: str, width: int, indent: str | None = None) -> Iterator[str]:
    """Put the words behind `begin`, in lines of so many columns; a word that is wider has a line of its own. Later
    lines are indented as deep as the first word stands, or by `indent`."""
    indent = " " * cells(begin) if indent is None else indent
    line, empty = begin, True
    if width - cells(begin) < NARROW < width - 4:
        yield begin.rstrip()
        line = indent = "    "
    for word in words:
        if not empty and cells(line) + 1 + cells(word) > width:
            yield line
            line, empty = indent, True
        line += word if empty else f" {word}"
        empty = False
    yield line


def columns(stream: TextIO) -> int | None:
    """Ask how wide the terminal is that the stream writes to; None says that it writes to none."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def say(text: str, stream: TextIO | None = None, begin: str = "") -> None:
    """Print a sentence, already escaped. On a terminal its later lines are indented, so that the next one is told."""
    stream = sys.stderr if stream is None else stream
    width = columns(stream)
    words = _WORD.findall(text)
    lines = [begin + text] if width is None else wrapped(words, begin, width, begin or "  ")
    print("\n".join(lines), file=stream, flush=True)


def print_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print rows of cells, already escaped: in columns on a terminal, elsewhere with tabs between the cells."""
    table = list(rows)
    if not sys.stdout.isatty():
        for row in table:
            print("\t".join(row))
        return
    widths = [max(map(cells, column)) for column in zip_longest(*table, fillvalue="")]
    for row in table:
        padded = (cell + " " * (width - cells(cell)) for cell, width in zip(row, widths, strict=False))
        print("  ".join(padded).rstrip())


def enumerated(parts: Sequence[str]) -> list[str]:
    """Put a comma behind all parts but the last, for `wrapped` to put them into lines."""
    return [f"{part}," for part in parts[:-1]] + list(parts[-1:])
