"""This module suggests names for a misspelt word.

It suggests only names that differ from it by a typing error or two.
"""

from __future__ import annotations

from collections.abc import Mapping

MOST = 3
"""At most this many names are suggested."""


def suggested(word: str, spellings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names for the spellings that are near the word, the nearest first.

    `spellings` maps each spelling to the name that is suggested for it. Words and spellings are in lower case and
    without hyphens. A far-fetched suggestion is worse than none, so the first letter must be right. In words of four or
    five letters only two swapped letters are allowed (a towel is not a tower), in words of six or seven letters one
    error, and in longer words two. In Chinese words of three or more characters one error is allowed.
    """
    # The first letters are the same, so only the rest is compared.
    near = ((_distance(word[1:], name[1:]), name) for name in spellings if _is_comparable(word, name))
    names = [spellings[name] for errors, name in sorted(near) if errors <= _allowed_errors(word, name)]
    return tuple(dict.fromkeys(names))[:MOST]


def _is_comparable(word: str, name: str) -> bool:
    return name[:1] == word[:1] and abs(len(name) - len(word)) <= _allowed_errors(word, name)


def _allowed_errors(word: str, name: str) -> int:
    """Return how many typing errors may lie between these two."""
    longer = max(len(word), len(name))
    if not word.isascii():
        return int(longer >= 3)
    if longer < 6:
        return int(longer > 3 and sorted(word) == sorted(name))
    return 1 if longer < 8 else 2


def _distance(word: str, name: str) -> int:
    """Count letters that are added, left out, replaced, or swapped with a neighbour (optimal string alignment)."""
    row_before_last: list[int] = []
    last_row = list(range(len(name) + 1))
    for row_number, letter in enumerate(word, 1):
        row = [row_number]
        for column, name_letter in enumerate(name, 1):
            cost = min(last_row[column] + 1, row[-1] + 1, last_row[column - 1] + (letter != name_letter))
            if row_number > 1 and column > 1 and letter == name[column - 2] and word[row_number - 2] == name_letter:
                cost = min(cost, row_before_last[column - 2] + 1)
            row.append(cost)
        row_before_last, last_row = last_row, row
    return last_row[-1]
