"""Puts the tables between their marks into the pages."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from tests.emulator.pages.tables import TABLES

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs" / "emulator").glob("*.md"))
_MARKED = re.compile(r"(<!-- table: ([a-z ]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
WIDTH = 130
"""Lists are wrapped at this width, as the text of all pages is."""


def renewed(page: str) -> str:
    """Return the text of a page with its tables made anew."""

    def table(marked: re.Match[str]) -> str:
        text = TABLES[marked[2]]()
        if not text.startswith("|"):
            text = textwrap.fill(text, WIDTH, break_on_hyphens=False, break_long_words=False) + "\n"
        return f"{marked[1]}\n{text}\n{marked[3]}"

    return _MARKED.sub(table, page)


def shown() -> list[str]:
    """Return the names of the tables that the pages show."""
    return [name for page in PAGES for _, name, _ in _MARKED.findall(page.read_text("utf-8"))]
