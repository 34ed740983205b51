"""Search: words that people type, found as the ids that rows carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from imagelabels.domain.corrections import user_id
from imagelabels.domain.query import Query, Term
from imagelabels.domain.taxonomy import USER, VOCABULARIES, Taxonomy


def question(
    taxonomy: Taxonomy,
    words_all: Iterable[str] = (),
    words_any: Iterable[str] = (),
    words_none: Iterable[str] = (),
    least: float = 0.0,
    conditions: Query | None = None,
) -> Query:
    """`conditions` and the words, as a query; a wide word means what is below it too.

    A word may say how sure its labels must be, after its last colon, as dog:0.8; `least` is for the others. A name that
    the taxonomy knows stays one, whatever it ends in, and so does a vendor's word: imm:7. ValueError: what stands after
    the colon is a number, but no confidence.
    """

    def terms(words: Iterable[str]) -> tuple[Term, ...]:
        return tuple(_term(taxonomy, word, least) for word in words)

    return replace(conditions or Query(), all_of=terms(words_all), any_of=terms(words_any), none_of=terms(words_none))


def did_you_mean(taxonomy: Taxonomy, words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each word that no concept has: names that look like it, at least one."""
    names = dict.fromkeys(_parted(taxonomy, word)[0] for word in words)
    return {name: like for name in names if not _is_known(taxonomy, name) and (like := taxonomy.suggest(name))}


def _term(taxonomy: Taxonomy, word: str, least: float) -> Term:
    name, own = _parted(taxonomy, word)
    if own is not None and not 0 <= own <= 1:
        raise ValueError(f"{word}: a confidence is from 0 to 1; a word that ends in such a number is asked as {word}:0")
    ids = taxonomy.resolve(name)
    if (taxonomy.named(name) is None or taxonomy.is_shown(name)) and name.strip():
        ids |= {user_id(name)}  # perhaps somebody's own word
    return Term(ids, least if own is None else own)


def _parted(taxonomy: Taxonomy, word: str) -> tuple[str, float | None]:
    """The name, and the number behind it where that is not part of the name."""
    name, _, end = word.rpartition(":")
    if not name.strip() or name.strip() in (*VOCABULARIES, USER) or _is_known(taxonomy, word):
        return word, None
    try:
        return name, float(end)
    except ValueError:
        return word, None


def _is_known(taxonomy: Taxonomy, name: str) -> bool:
    return not taxonomy.resolve(name).isdisjoint(taxonomy.concepts)
