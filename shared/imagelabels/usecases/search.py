"""Search: words that people type, found as the ids that rows carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.ports import LabelIndex, Page, Query


def search(
    index: LabelIndex,
    taxonomy: Taxonomy,
    words_all: Iterable[str] = (),
    words_any: Iterable[str] = (),
    min_confidence: float = 0.0,
    prefix: str = "",
    order: Literal["newest", "confidence", "uri"] = "newest",
    limit: int = 20,
    page: str | None = None,
) -> Page:
    """Rows that show all of `words_all` and, if there are any, one of `words_any`; a wide word finds what is below it.

    ValueError: the limit or the page token is not one that the index takes.
    """
    return index.search(
        Query(
            all_of=tuple(taxonomy.resolve(word) for word in words_all),
            any_of=tuple(taxonomy.resolve(word) for word in words_any),
            min_confidence=min_confidence,
            uri_prefix=prefix,
            order=order,
            limit=limit,
            page=page,
        )
    )


def did_you_mean(taxonomy: Taxonomy, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each word that no concept has: names that look like it, at least one."""
    unknown = (word for word in words if taxonomy.resolve(word).isdisjoint(taxonomy.concepts))
    return {word: names for word in unknown if (names := taxonomy.suggest(word))}
