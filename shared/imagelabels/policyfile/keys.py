"""This module limits the parts of a key, because Python's TOML reader takes time that grows with their square."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_PARTS = 16
"""A key has at most this many parts with dots between them. A rule needs three, as in rule.thresholds.dog."""

# This matches texts and comments. A text that is not closed matches to the end of its line or of the file. So every
# match succeeds at its first attempt, and the time grows only with the length of the file.
_TEXT = re.compile(
    r'"""(?:\\.?|[^\\])*?(?:"""|\Z)'
    r"|'''.*?(?:'''|\Z)"
    r'|"(?:\\[^\n]?|[^"\\\n])*"?'
    r"|'[^'\n]*'?"
    r"|#[^\n]*",
    re.DOTALL,
)
_BETWEEN = re.compile(r"[=,{}\[\]]")


def overlong(text: str) -> Iterator[int]:
    """Yield the numbers of lines, from 1, that have a key with more than MAX_PARTS parts; `text` need not be TOML."""
    bare = _TEXT.sub(lambda match: '"' + "\n" * match[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), 1):
        if line.count(".") >= MAX_PARTS and any(part.count(".") >= MAX_PARTS for part in _BETWEEN.split(line)):
            yield number
