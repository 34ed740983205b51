"""This module says what to write in place of a word that is no label's name, where a label must be named exactly."""

from __future__ import annotations

from collections.abc import Iterable

from imagelabels.domain import words
from imagelabels.domain.taxonomy import Taxonomy


def hint(word: str, taxonomy: Taxonomy) -> str:
    """Return what follows the colon of a message that refuses a word, or nothing for a word that nobody knows.

    It names the labels that a search for the word finds. If there are none, it says so and names the labels that are
    nearest, or it names those that may have been meant.
    """
    known = words.load(taxonomy.vocabularies)
    if ids := _labels(known.meant(word), taxonomy):
        return f"write {ids[0]}" if len(ids) == 1 else f"write those that you mean of {', '.join(ids)}"
    if (unsaid := known.unsaid(word)) is not None:
        near = _labels(unsaid.near, taxonomy)
        nearest = f"; the nearest: {', '.join(near)}" if near else ""
        return f"there is no label for it, because the embedded model {unsaid.why}{nearest}"
    alike = (label_id for other in known.alike(word) for label_id in known.meant(other))
    ids = _labels(alike, taxonomy)
    return f"did you mean {' or '.join(ids)}?" if ids else ""


def _labels(word_ids: Iterable[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return the ids of labels among these ids, with its categories in the place of each wider word."""
    members = (taxonomy.children(word_id) if word_id in taxonomy.wider else (word_id,) for word_id in word_ids)
    return tuple(dict.fromkeys(label_id for ids in members for label_id in ids if label_id in taxonomy.concepts))
