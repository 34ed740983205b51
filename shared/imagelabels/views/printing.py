"""Writes labels and outcomes in their one text form, and texts that strangers chose so that they can do nothing."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def escaped(text: str) -> str:
    """Write the text on one line that no terminal obeys: what does not print is written as Python writes it in strings.

    Control characters, line ends, marks that turn the direction of writing, and lone surrogates become `\\n`, `\\x1b`,
    `\\u202e`; the backslash is doubled, so two texts never look alike. Letters of every script stay.
    """
    return "".join(char if char.isprintable() and char != "\\" else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """Count the columns of a terminal that the text takes: East Asian letters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that was probably meant, if one is near: zh-Hans for zh, labelled for labeled."""
    import difflib  # It is only needed where somebody mistyped.

    names = {name.lower(): name for name in known}
    lowered = word.lower()
    if close := difflib.get_close_matches(lowered, names, 1, 0.65):
        return names[close[0]]
    begun = [name for low, name in names.items() if lowered and low.startswith(lowered)]
    return begun[0] if len(begun) == 1 else None


def no_choice(word: str, known: Iterable[str]) -> str:
    """Say that a word is not one of the known ones, and which one was probably meant."""
    names = list(known)
    near = nearest(word, names)
    return f"{escaped(word)} is not one of {', '.join(names)}" + (f": did you mean {near}?" if near else "")


def percent_hint(number: float) -> str:
    """Ask people who write 80 whether they mean 0.8; for numbers that are no percentage the text is empty."""
    return f": did you mean {number / 100:g}?" if 2 <= number <= 100 else ""


def number_of(number: int, thing: str, things: str = "") -> str:
    """Write a number with its noun: 1 picture, 1,200 pictures. `things` is the plural where no s makes it."""
    return f"{number:,} {thing if number == 1 else things or f'{thing}s'}"


def label_text(name: str, confidence: float) -> str:
    """Write a label as people read it in every list: its name, and how sure it is."""
    return f"{escaped(name)} {confidence:.2f}"


def state_text(state: str, reason: str | None, notes: Iterable[str] = ()) -> str:
    """Say what became of a picture, and why: the state alone, or with the reason and the notes behind it."""
    why = ", ".join(escaped(word) for word in (reason, *notes) if word)
    return f"{state}: {why}" if why else state
