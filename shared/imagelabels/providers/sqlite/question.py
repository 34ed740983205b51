"""Writes a query as SQL. The text is made of our own words and of labels' numbers; everything of the user's is in
`values`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from imagelabels.domain.query import Query, Term
from imagelabels.providers.sqlite import facets, postings
from imagelabels.providers.sqlite.facets import NumberedWords
from imagelabels.providers.sqlite.remembered import Remembered
from imagelabels.records import rows
from imagelabels.records.paging import PagePosition

MANY = 40
"""To learn where to begin, it is worth to count up to this many times `few` rows."""

FLOORS = (0.99, 0.95, 0.8, 0.5, 0.0)
"""The surest labels of many are sorted first: a page seldom needs the others."""

_NOTES = "json_each(iif(json_valid(record), record, '{}'), '$.notes') AS note"
"""This selects the notes of a row of `records`; a record that is damaged has none here."""
_HAS_REASON = (
    f"(i.reason = :reason OR EXISTS (SELECT 1 FROM records, {_NOTES} WHERE image = i.id AND note.value = :reason))"
)

_RANKS = {"newest": "i.updated_at", "oldest": "i.updated_at", "confidence": "i.confidence", "uri": "0"}
_WALKS = {"newest": "images_newest", "oldest": "images_newest", "confidence": "images_confidence", "uri": "images_uri"}
_SORTS = {"newest": "rank DESC, uri", "oldest": "rank, uri", "confidence": "rank DESC, uri", "uri": "uri"}


class RankedRow(NamedTuple):
    """It names a row that matches, and its place in the order."""

    image: int
    rank: float
    uri: bytes


class SqliteQuestion:
    """It asks one connection, within one transaction."""

    def __init__(
        self, connection: sqlite3.Connection, query: Query, few: int, remembered: Remembered | None = None
    ) -> None:
        self._connection, self._query, self._few, self._remembered = connection, query, few, remembered
        self._values: dict[str, object] = {"state": query.state, "rows": query.limit + 1}
        self._narrow = self._narrowing()
        self._groups = [self._word([term]) for term in query.all_of]
        if query.any_of:
            self._groups.append(self._word(query.any_of))
        self._excluded = [self._word(query.none_of)] if query.none_of else []
        self._filters: list[str] = []
        """List the conditions that no index helps with."""
        if query.reason:
            self._values["reason"] = query.reason
            self._filters.append(_HAS_REASON)

    @property
    def is_ranked(self) -> bool:
        """Tell whether the order is by how sure the words are, which no index has."""
        return self._query.order == "confidence" and bool(self._groups)

    def in_order(self, start: PagePosition | None) -> list[RankedRow]:
        """Return the page's rows and one more, if there is one."""
        order, rank = self._query.order, _RANKS[self._query.order]
        behind = []
        if start is not None:
            self._values |= {"rank": start.rank, "uri": rows.octets(start.uri)}
            way = ">" if order == "oldest" else "<"
            # The first half alone lets an index be entered at the right place.
            further = f"{rank} {way}= :rank AND ({rank} {way} :rank OR i.uri > :uri)"
            behind.append("i.uri > :uri" if order == "uri" else further)
        source = self._source(self._few)
        if source.size >= self._few:
            # The words together may still find few rows. If they find many, the order is walked.
            source = self._matching() or _Source(source.size, f"images AS i INDEXED BY {_WALKS[order]}")
        found = self._connection.execute(
            f"SELECT i.id, {rank} AS rank, i.uri FROM {source.table} WHERE {self._conditions(source, behind)}"
            f" ORDER BY {_SORTS[order]} LIMIT :rows",
            self._values,
        )
        return [RankedRow(*row) for row in found]

    def surest_first(self, start: PagePosition | None) -> list[RankedRow]:
        """Return the same, in the order of the surest label that counted for a word."""
        place = (-start.rank, rows.octets(start.uri)) if start is not None else (-2.0, b"")
        found: list[RankedRow] = []
        most, words, ranked = start.rank if start is not None else 1.0, self._words(), None
        if words is not None and self._remembered is not None:
            ranked = self._remembered.ranked(self._connection, words, most)
        source = _Source(0, "", self._every_word if ranked is not None else ())
        for ranks in _without_cutting_ties(ranked or self._ranked(most), 4 * self._query.limit):
            self._values["images"] = json.dumps(list(ranks))
            there = self._connection.execute(
                "SELECT i.id, i.uri FROM json_each(:images) CROSS JOIN images AS i ON i.id = value"
                f" WHERE {self._conditions(source)}",
                self._values,
            )
            some = sorted((-ranks[image], uri, image) for image, uri in there)
            found += [RankedRow(image, -minus, uri) for minus, uri, image in some if (minus, uri) > place]
            if len(found) > self._query.limit:
                break
        return found

    def facets(self) -> Iterator[tuple[bytes | None]]:
        """Yield of every row that matches what `postings.counted` counts; None for a row without labels."""
        source = self._source(MANY * self._few if len(self._groups) + len(self._narrow) > 1 else 1)
        if self._query.state == "labelled" and not self._narrow and not self._filters:
            # Only labelled rows have facets, so the longer rows need not be looked at.
            statement = f"SELECT numbers FROM facets WHERE {self._shown(source)}"
        else:
            statement = f"SELECT numbers FROM {source.table} LEFT JOIN facets ON facets.image = i.id" + (
                f" WHERE {self._conditions(source)}"
            )
        return self._connection.execute(statement, self._values)

    def tally(self) -> tuple[int, Mapping[int, int]] | None:
        """Count in memory what `facets` yields; None if that cannot be done, and where it would not be faster."""
        words = self._words() if not self._narrow and not self._filters else None
        if words is None or self._remembered is None:
            return None
        return self._remembered.tally(self._connection, words, lambda: self._source(self._few).size >= self._few)

    def reasons(self) -> Iterator[tuple[str, int]]:
        """Count the reasons of the rows that match."""
        return self._grouped("i.reason", "")

    def notes(self) -> Iterator[tuple[str, int]]:
        """Count the notes of the rows that match."""
        return self._grouped("note.value", f" CROSS JOIN records ON records.image = i.id CROSS JOIN {_NOTES}")

    def _grouped(self, value: str, join: str) -> Iterator[tuple[str, int]]:
        source = self._source(self._few)
        return self._connection.execute(
            f"SELECT {value}, count(DISTINCT i.id) FROM {source.table}{join}"
            f" WHERE {self._conditions(source, [f'{value} IS NOT NULL'])} GROUP BY 1",
            self._values,
        )

    def _ranked(self, most: float) -> Iterator[tuple[int, float]]:
        """Find images that have one of the words, at most `most`, the surest first, each with how sure it is."""
        every = _candidates([arm for word in self._groups for arm in word.arms], "image, confidence")
        above = 2.0
        for floor in FLOORS:
            if floor <= most:
                # A row's rank is the surest of its postings, so those below the floor need not be looked at.
                yield from self._connection.execute(
                    f"SELECT image, max(confidence) AS rank FROM ({every}) WHERE confidence >= :floor"
                    " GROUP BY image HAVING rank < :above AND rank <= :most ORDER BY rank DESC",
                    self._values | {"floor": floor, "above": above, "most": most},
                )
            above = floor

    def _narrowing(self) -> dict[str, str]:
        """Group the conditions of rows by the index that finds what they leave."""
        query, found = self._query, {}
        if query.bucket:
            prefix = rows.octets(f"{query.bucket}/{query.prefix}")
            # The first bytes behind all that begin so; no byte of UTF-8 is 0xFF, so the last one can be raised.
            self._values |= {"first": prefix, "behind": prefix[:-1] + bytes([prefix[-1] + 1])}
            found["images_uri"] = "i.uri >= :first AND i.uri < :behind"
        bounds = {"i.modified >= :from": query.from_time, "i.modified < :until": query.until_time}
        if times := [condition for condition, bound in bounds.items() if bound is not None]:
            self._values |= {"from": query.from_time, "until": query.until_time}
            found["images_modified"] = " AND ".join(times)
        if query.since is not None:
            self._values["since"] = query.since
            found["images_newest"] = "i.updated_at >= :since"
        return found

    def _word(self, terms: Sequence[Term]) -> _Word:
        """Say what finds the rows that have one of these words."""
        least: dict[int, float] = {}
        for term in sorted(terms, key=lambda term: -term.least):
            least |= dict.fromkeys(postings.known(self._connection, term.ids).values(), term.least)
        arms = []
        for bound in set(least.values()):
            numbers = ", ".join(str(number) for number in sorted(least) if least[number] == bound)
            arms.append(f"label IN ({numbers}) AND confidence >= :{self._named(bound)}")
        shown = f"shows(numbers, confidences, :{self._named(facets.word(least))})"
        return _Word(arms or ["0"], shown, least)

    def _named(self, value: object) -> str:
        name = f"value{len(self._values)}"
        self._values[name] = value
        return name

    def _source(self, most: int) -> _Source:
        """Choose the rarest word or the narrowest condition, counted up to `most`; all rows if nothing narrows them."""
        sources = [
            _Source(self._count(f"({among})", most), "images AS i NOT INDEXED", (word,), f"IN ({among})")
            for word, among in ((word, _candidates(word.arms)) for word in self._groups)
        ]
        for index, condition in self._narrow.items():
            table = f"images AS i INDEXED BY {index}"
            size = self._count(f"{table} WHERE i.state = :state AND {condition}", most)
            sources.append(_Source(size, table))
        return min(sources, key=lambda source: source.size, default=_Source(most, "images AS i"))

    def _count(self, table: str, most: int) -> int:
        statement = f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {most})"
        return int(self._connection.execute(statement, self._values).fetchone()[0])

    def _words(self) -> NumberedWords | None:
        """Return the words; None if rows that match may have no labels."""
        if self._query.state != "labelled":
            return None
        return NumberedWords([word.least for word in self._groups], [word.least for word in self._excluded])

    @property
    def _every_word(self) -> Sequence[_Word]:
        return (*self._groups, *self._excluded)

    def _matching(self) -> _Source | None:
        """Return the rows that match all the words, if memory tells that they are few. Of one word it is known."""
        words = self._words() if len(self._every_word) > 1 else None
        if words is None or self._remembered is None:
            return None
        images = self._remembered.matching(self._connection, words, self._few)
        if images is None:
            return None
        among = f"IN (SELECT value FROM json_each(:{self._named(json.dumps(images))}))"
        return _Source(len(images), "images AS i NOT INDEXED", self._every_word, among)

    def _conditions(self, source: _Source, more: Sequence[str] = ()) -> str:
        """Join all conditions of a row. The rows of a source's words come in the order of the file."""
        has = "EXISTS (SELECT 1 FROM facets WHERE image = i.id AND {})"
        begin = [f"i.id {source.among}"] if source.among else []
        words = [has.format(word.shown) for word in self._groups if word not in source.words]
        words += [f"NOT {has.format(word.shown)}" for word in self._excluded if word not in source.words]
        return " AND ".join([*begin, "i.state = :state", *self._narrow.values(), *words, *self._filters, *more])

    def _shown(self, source: _Source) -> str:
        """Join the conditions of a row of facets, for the words alone."""
        begin = [f"image {source.among}"] if source.among else ["1"]
        asked = [word.shown for word in self._groups if word not in source.words]
        return " AND ".join([*begin, *asked, *(f"NOT {word.shown}" for word in self._excluded)])


class _Word(NamedTuple):
    """It holds a word's conditions: for postings, one for each least confidence, and for a row's facets."""

    arms: Sequence[str]
    shown: str
    least: Mapping[int, float]


class _Source(NamedTuple):
    """It says where rows come from: how many there are, the table, and the words that find them, with a condition of
    the row's number in their place."""

    size: int
    table: str
    words: Sequence[_Word] = ()
    among: str = ""


def _candidates(arms: Sequence[str], columns: str = "image") -> str:
    # Not one condition with OR: each arm is a part of the primary key.
    return " UNION ALL ".join(f"SELECT {columns} FROM postings WHERE {arm}" for arm in arms)


def _without_cutting_ties(ranked: Iterable[tuple[int, float]], size: int) -> Iterator[dict[int, float]]:
    """Yield growing parts of what is sorted by rank, each as image -> rank. Rows of one rank are in one part."""
    part: dict[int, float] = {}
    last = None
    for image, rank in ranked:
        if len(part) >= size and rank != last:
            yield part
            part, size = {}, 4 * size
        part[image] = last = rank
    if part:
        yield part
