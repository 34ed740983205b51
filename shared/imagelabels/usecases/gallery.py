"""What people and programs ask of the labelled pictures: pages, counts, one picture, and words to complete.

Every function takes `within`, the prefixes of URIs that the caller may see. A picture elsewhere does not exist for the
caller, in counts neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from imagelabels.domain.albums import Question as Question
from imagelabels.domain.model import EventEntry, ImageRecord
from imagelabels.domain.query import Counts, Order, Page, Query, Term
from imagelabels.domain.taxonomy import folded
from imagelabels.domain.words import Words
from imagelabels.ports import LabelIndex, Rows
from imagelabels.records.rows import unfinished
from imagelabels.usecases import scopes
from imagelabels.usecases.scopes import EVERYTHING as EVERYTHING
from imagelabels.usecases.search import Typed, hints_after, question, state_searched

FACETS = 30
"""Counts name at most so many labels and so many categories, unless more are asked for."""

LONGEST = 10_000
"""The words of a question have at most so many characters together."""

EXPORTED = 500
"""An export reads so many pictures at once, and holds no more of them."""

MOST_WORDS = 50
"""A question has at most so many words: each is a condition of its own in the index."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """What is asked: the search, the rows, and the words that people may type."""

    index: LabelIndex
    rows: Rows
    words: Words


@dataclass(frozen=True, slots=True)
class Facets:
    """How many pictures there are, and how many there would be if a label or a category were chosen as well."""

    total: int
    labels: dict[str, int]
    categories: dict[str, int]
    counts: Counts
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A picture, the reason why work on it waits, if it does, and its history, oldest first."""

    record: ImageRecord
    waiting: str | None
    history: tuple[EventEntry, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word that completes what somebody typed."""

    id: str
    name: str
    names: dict[str, str]
    level: int
    """0 for a word that means several categories."""
    category_id: str | None


def pictures(
    gallery: Gallery, asked: Question, within: Sequence[str], order: Order = "newest", limit: int = 20, page: str = ""
) -> tuple[Page, tuple[str, ...]]:
    """Return a page of the pictures that match, and hints about words that nothing is called by.

    ValueError says which word, condition or page token cannot be meant.
    """
    query = replace(queried(gallery.words, asked), order=order, limit=limit, page=page or None)
    answer = scopes.search(gallery.index, query, within)
    return answer, _hints(gallery.words, asked, not answer.records and not page)


def all_pages(gallery: Gallery, asked: Question, within: Sequence[str], page: str = "") -> Iterator[Page]:
    """Yield all pictures that match, page by page in the order of their URIs. A page is read when it is asked for."""
    following: str | None = page
    while following is not None:
        found, _ = pictures(gallery, asked, within, "uri", EXPORTED, following)
        yield found
        following = found.next


def picture(gallery: Gallery, picture_id: str, within: Sequence[str]) -> Found | None:
    """Return what is recorded of one picture; None if there is none that the caller may see. Its reads are strong."""
    found = _row(gallery, picture_id, within)
    if found is None:
        return None
    record, waiting = found
    return Found(record, waiting, gallery.rows.history(record.ref))


def record(gallery: Gallery, picture_id: str, within: Sequence[str]) -> ImageRecord | None:
    """Return the row of one picture, as `picture` does, for those who do not need its history."""
    found = _row(gallery, picture_id, within)
    return found[0] if found is not None else None


def _row(gallery: Gallery, picture_id: str, within: Sequence[str]) -> tuple[ImageRecord, str | None] | None:
    """Return the row of a picture as a search would show it, and why work on the picture waits, if it does."""
    ref = gallery.rows.ref_by_id(picture_id)
    if ref is None or not scopes.is_within(ref, within):
        return None
    row = gallery.rows.row(ref)
    if row is None or (row.record is None and row.waiting is None):
        return None
    return row.record or unfinished(ref, row.waiting), row.waiting


def counts(gallery: Gallery, asked: Question, within: Sequence[str], facets: int = FACETS) -> Facets:
    """Count the pictures that match. A facet's count is that of the question with the word =ID added to `label`.

    Without a least confidence one count tells all. With one, each facet is counted by itself.
    """
    query = queried(gallery.words, asked)
    counted = scopes.count(gallery.index, query, within)
    labels = dict(list(counted.labels.items())[:facets])
    categories = {name: counted.labels[name] for name in list(counted.categories)[:facets]}
    if asked.min_confidence > 0:
        exact = {name: _chosen(gallery, query, name, asked, within) for name in {*labels, *categories}}
        labels, categories = _most_first(labels, exact), _most_first(categories, exact)
    notes = _hints(gallery.words, asked, counted.total == 0)
    return Facets(counted.total, labels, categories, counted, notes)


def queried(words: Words, asked: Question) -> Query:
    """Return the query for a question; ValueError says what cannot be meant."""
    _check_size(asked)
    bucket, key = scopes.place(asked.prefix) if asked.prefix else ("", "")
    conditions = Query(
        bucket=bucket,
        prefix=key,
        state=state_searched(asked.state, asked.reason),
        reason=asked.reason,
        from_time=asked.from_time,
        until_time=asked.until_time,
        since=asked.since,
    )
    groups = (asked.label, asked.any_of, asked.none_of)
    words_of = [tuple(word for word in group if not word.startswith("=")) for group in groups]
    typed = Typed(words_of[0], words_of[1], words_of[2], asked.min_confidence)
    query = question(words, typed, conditions)
    all_of, any_of, none_of = ([_exact(word, asked) for word in group if word.startswith("=")] for group in groups)
    return replace(
        query,
        all_of=(*query.all_of, *all_of),
        any_of=(*query.any_of, *any_of),
        none_of=(*query.none_of, *none_of),
    )


def completions(words: Words, typed: str, language: str, limit: int = 20) -> list[Word]:
    """Return the labels whose name, in either language, begins with what was typed; then those that an everyday word
    means which begins so, as kitten means cats; then those whose name contains it."""
    part = folded(typed)
    beginning: dict[str, None] = {}
    containing: dict[str, None] = {}
    for spelling, name in words.taxonomy.spellings.items():
        if spelling.startswith(part):
            beginning[name] = None
        elif part in spelling:
            containing[name] = None
    everyday = words.meant_by_beginning(part) if part else ()
    ids = (*map(words.taxonomy.named, beginning), *everyday, *map(words.taxonomy.named, containing))
    known = dict.fromkeys(label_id for label_id in ids if label_id is not None)
    return [_word(words, label_id, language) for label_id in list(known)[:limit]]


def _word(words: Words, label_id: str, language: str) -> Word:
    taxonomy = words.taxonomy
    wider = taxonomy.wider.get(label_id)
    if wider is not None:
        return Word(label_id, wider.names[language], dict(wider.names), 0, None)
    concept = taxonomy.concepts[label_id]
    return Word(label_id, concept.names[language], dict(concept.names), concept.level, taxonomy.category(label_id))


def _chosen(gallery: Gallery, query: Query, label_id: str, asked: Question, within: Sequence[str]) -> int:
    term = Term(frozenset({label_id}), asked.min_confidence)
    return scopes.count(gallery.index, replace(query, all_of=(*query.all_of, term)), within).total


def _most_first(facets: Iterable[str], exact: dict[str, int]) -> dict[str, int]:
    shown = {name: exact[name] for name in facets if exact[name]}
    return dict(sorted(shown.items(), key=lambda item: (-item[1], item[0])))


def _exact(word: str, asked: Question) -> Term:
    return Term(frozenset({word[1:]}), asked.min_confidence)


def _hints(words: Words, asked: Question, nothing_matched: bool) -> tuple[str, ...]:
    wanted = [word for word in (*asked.label, *asked.any_of) if not word.startswith("=")]
    unwanted = [word for word in asked.none_of if not word.startswith("=")]
    return tuple(hints_after(words, wanted, unwanted, nothing_matched))


def _check_size(asked: Question) -> None:
    typed = (*asked.label, *asked.any_of, *asked.none_of)
    if len(typed) > MOST_WORDS:
        raise ValueError(f"the question has {len(typed)} words: {MOST_WORDS} are the most")
    if sum(map(len, (*typed, asked.prefix, asked.reason))) > LONGEST:
        raise ValueError(f"the question is longer than {LONGEST:,} characters: ask for fewer words")
