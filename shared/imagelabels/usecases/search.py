"""Search: words that people type, found as the ids that rows carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from imagelabels.domain.corrections import user_id
from imagelabels.domain.query import Query, Term
from imagelabels.domain.taxonomy import Taxonomy
from imagelabels.domain.words import Words


def question(
    words: Words,
    words_all: Iterable[str] = (),
    words_any: Iterable[str] = (),
    words_none: Iterable[str] = (),
    least: float = 0.0,
    conditions: Query | None = None,
) -> Query:
    """`conditions` and the words, as a query; a wide word means what is below it too.

    A word may say how sure its labels must be, after its last colon, as dog:0.8; `least` is for the others. A name that
    is known stays one, whatever it ends in, and so does a vendor's word: imm:7. ValueError: what stands after the colon
    is a number, but no confidence.
    """

    def terms(typed: Iterable[str]) -> tuple[Term, ...]:
        return tuple(_term(words, word, least) for word in typed)

    return replace(conditions or Query(), all_of=terms(words_all), any_of=terms(words_any), none_of=terms(words_none))


def hints(words: Words, typed: Iterable[str]) -> list[str]:
    """A line for each word that no label of ours is called by: what may have been meant, or why there is none."""
    names = dict.fromkeys(_parted(words, word)[0].strip() for word in typed)
    return [hint for name in names if (hint := _hint(words, name))]


def offered(taxonomy: Taxonomy, ids: Iterable[str]) -> str:
    """Labels to try, in words that a search takes."""
    return " or ".join(f"{_named(taxonomy, id)} ({id})" for id in ids)


def _hint(words: Words, name: str) -> str:
    vocabulary, colon, _ = name.partition(":")
    if not name or words.meant(name) or (colon and vocabulary in words.taxonomy.id_prefixes):
        return ""
    if (unsaid := words.unsaid(name)) is not None:
        tried = f": try {offered(words.taxonomy, unsaid.near)}" if unsaid.near else ""
        return f"{name}: the embedded model {unsaid.why}{tried}"
    if alike := words.alike(name):
        return f"nothing is called {name}: did you mean {', '.join(alike)}?"
    return f"no label of ours is called {name}: `imagelabels labels` lists them"


def _named(taxonomy: Taxonomy, id: str) -> str:
    return (taxonomy.wider[id] if id in taxonomy.wider else taxonomy.concepts[id]).names["en"]


def _term(words: Words, word: str, least: float) -> Term:
    name, own = _parted(words, word)
    if own is not None and not 0 <= own <= 1:
        raise ValueError(f"{word}: a confidence is from 0 to 1; a word that ends in such a number is asked as {word}:0")
    ids = words.ids(name)
    if (words.taxonomy.named(name) is None or words.taxonomy.is_shown(name)) and name.strip():
        ids |= {user_id(name)}  # perhaps somebody's own word
    return Term(ids, least if own is None else own)


def _parted(words: Words, word: str) -> tuple[str, float | None]:
    """The name, and the number behind it where that is not part of the name."""
    name, _, end = word.rpartition(":")
    if not name.strip() or name.strip() in words.taxonomy.id_prefixes or words.meant(word):
        return word, None
    try:
        return name, float(end)
    except ValueError:
        return word, None
