"""Names that a misspelt word may have meant are only those that differ from it by a slip of the finger."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 3
"""Names that are suggested at most."""


def suggested(word: str, spellings: Mapping[str, str]) -> tuple[str, ...]:
    """What is suggested for the spellings that are a slip or two away from the word, the nearest first.

    A far-fetched suggestion is worse than none: the first letter must be right, four or five letters bear nothing but
    two that changed places (a towel is no tower), up to seven bear one slip, longer words two. Chinese words of three
    characters and more bear one.
    Word and spellings are in small letters, without hyphens.
    """
    # The first letters are the same, so only the rest is compared.
    near = ((_distance(word[1:], name[1:]), name) for name in spellings if _is_comparable(word, name))
    names = [spellings[name] for slips, name in sorted(near) if slips <= _slips(word, name)]
    return tuple(dict.fromkeys(names))[:MOST]


def _is_comparable(word: str, name: str) -> bool:
    return name[:1] == word[:1] and abs(len(name) - len(word)) <= _slips(word, name)


def _slips(word: str, name: str) -> int:
    """How many slips are believed between these two."""
    longer = max(len(word), len(name))
    if not word.isascii():
        return int(longer >= 3)
    if longer < 6:
        return int(longer > 3 and sorted(word) == sorted(name))
    return 1 if longer < 8 else 2


def _distance(one: str, other: str) -> int:
    """Letters added, left out, replaced, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, there in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != there))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == there:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
