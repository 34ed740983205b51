"""How texts that strangers chose, and labels, are printed."""

from __future__ import annotations

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
