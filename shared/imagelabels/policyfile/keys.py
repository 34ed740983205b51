"""How many parts the keys of a policy file have: Python's reader of TOML takes time that grows with their square."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_PARTS = 16
"""Parts of a key with dots between them at most; a rule's own have three, as rule.thresholds.dog."""

# Texts and comments, each read to the end of its line or of the file where it is not closed: so every one of them
# matches at once, and the time grows with the length of the file alone.
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
    """The lines, from 1, on which a key has more than MAX_PARTS parts; `text` need not be TOML."""
    bare = _TEXT.sub(lambda found: '"' + "\n" * found[0].count("\n"), text)
    for number, line in enumerate(bare.split("\n"), 1):
        if line.count(".") >= MAX_PARTS and any(part.count(".") >= MAX_PARTS for part in _BETWEEN.split(line)):
            yield number
