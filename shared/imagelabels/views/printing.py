"""How texts that strangers chose, and labels, are printed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from imagelabels.domain.model import Label
from imagelabels.domain.taxonomy import Taxonomy


def escaped(text: str) -> str:
    """The text on one line that no terminal obeys: what does not print is written as Python writes it in a string.

    Control characters, line ends, marks that turn the direction of writing, and lone surrogates become `\\n`, `\\x1b`,
    `\\u202e`; the backslash is doubled, so two texts never look alike. Letters of every script stay.
    """
    return "".join(char if char.isprintable() and char != "\\" else _spelled(char) for char in text)


def _spelled(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def cells(text: str) -> int:
    """Columns of a terminal that the text takes: letters of East Asian scripts take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near: zh-Hans for zh, labelled for labeled."""
    import difflib  # only needed where somebody mistyped

    names = {name.lower(): name for name in known}
    lowered = word.lower()
    if close := difflib.get_close_matches(lowered, names, 1, 0.65):
        return names[close[0]]
    begun = [name for low, name in names.items() if lowered and low.startswith(lowered)]
    return begun[0] if len(begun) == 1 else None


def no_choice(word: str, known: Iterable[str]) -> str:
    """Says that a word is not one of the known ones, and which one was probably meant."""
    names = list(known)
    near = nearest(word, names)
    return f"{escaped(word)} is not one of {', '.join(names)}" + (f": did you mean {near}?" if near else "")


def percent_hint(number: float) -> str:
    """A question for people who write 80 where 0.8 is meant; nothing for numbers that are no percentage."""
    return f": did you mean {number / 100:g}?" if 2 <= number <= 100 else ""


def label_json(label: Label, taxonomy: Taxonomy) -> dict[str, object]:
    """A label with the keys of the image-labelling services' answers; the parent's name is "" where it has none."""
    above = label.parent_id or ""
    # A vendor's word that no concept has is its own name: imm:露营.
    parent = taxonomy.name(above, label.language) or above.partition(":")[2]
    return {
        "LabelId": label.id,
        "LabelName": label.name,
        "LabelConfidence": label.confidence,
        "CentricScore": label.centric_score,
        "LabelLevel": label.level,
        "ParentLabelName": parent,
        "Language": label.language,
    }
