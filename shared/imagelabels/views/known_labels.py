"""Shows the labels that there are, and words that the embedded model has no label for, in their one JSON form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from imagelabels.domain import measured
from imagelabels.domain.concept import Concept, Wider
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.words import NEEDS, UnlabelledWords
from imagelabels.views.forms import Form


def known_label_json(named: Concept | Wider, taxonomy: Taxonomy, languages: Sequence[str]) -> Form:
    """Show a label that there is, or a word for several categories, with its names in these languages."""
    also = named.also if isinstance(named, Concept) else {}
    return {
        "id": named.id,
        "level": named.level if isinstance(named, Concept) else 0,
        "category_id": taxonomy.category(named.id),
        "names": {language: named.names[language] for language in languages},
        "also_called": {language: list(also[language]) for language in languages if language in also},
        "child_ids": list(taxonomy.children(named.id)),
        "embedded": named.id not in measured.silent(),
        "embedded_needs": NEEDS.get(named.id),
        "embedded_measured": None if (counts := measured.load().get(named.id)) is None else asdict(counts),
    }


def grade(label_id: str) -> str:
    """Say in a few words how good the embedded model's label is, or nothing if it was not measured."""
    if label_id in measured.silent():
        return "never given: it was wrong too often"
    counts = measured.load().get(label_id)
    if counts is None:
        return ""
    right = f"right {counts.right} of {counts.given}" if counts.given else "given to no picture"
    return f"{right}, found {counts.right} of {counts.there}" if counts.there else right


def unsaid_json(word: str, unsaid: UnlabelledWords) -> Form:
    """Show that the embedded model has no label for a word, and why."""
    return {"word": word, "embedded": False, "why": unsaid.why, "near_ids": list(unsaid.near)}
