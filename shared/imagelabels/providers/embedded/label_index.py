"""Search on SQLite: one statement per page, begun where the fewest rows must be looked at."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from imagelabels.domain.model import ObjectRef
from imagelabels.ports import Page, Query
from imagelabels.providers.embedded import paging, rows
from imagelabels.providers.embedded.database import Database

LIMIT = 1000
"""Rows per page at most."""

FEW = 5000
"""So many candidates are looked up and sorted; of more, the ordered index is walked until the page is full."""

_ORDERS = {"newest": "i.updated_at", "confidence": "i.confidence", "uri": "0"}

_MATCH = "label IN (SELECT value FROM json_each(:{group})) AND confidence >= :least"


class SqliteLabelIndex:
    """Implements ports.LabelIndex."""

    def __init__(self, database: Database, few: int = FEW) -> None:
        self._database = database
        self._few = few

    def search(self, query: Query) -> Page:
        if not 1 <= query.limit <= LIMIT:
            raise ValueError(f"limit is {query.limit}: it must be 1 to {LIMIT}")
        if query.order not in _ORDERS:
            raise ValueError(f"order is {query.order!r}: it must be one of {', '.join(_ORDERS)}")
        start = paging.place(query)
        search = _Search(query, start, self._few)
        with self._database.reading() as connection:
            found = connection.execute(search.statement(search.source(connection)), search.values).fetchall()
        records = tuple(
            rows.read_record(ObjectRef(store, bucket, rows.text(key), version), schema, record)
            for _, _, store, bucket, key, version, schema, record in found[: query.limit]
        )
        if len(found) <= query.limit:
            return Page(records, None)
        rank, uri = found[query.limit - 1][:2]
        return Page(records, paging.token(query, paging.Place(rank, rows.text(uri))))


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the rows come from, and the group of ids that needs no further check, if there is one."""

    table: str
    group: str | None = None


class _Search:
    """A query as SQL. The text is made of our own words only; everything of the user's is in `values`."""

    def __init__(self, query: Query, start: paging.Place | None, few: int) -> None:
        self.few = few
        words = list(query.all_of)
        if query.any_of:
            words.append(frozenset().union(*query.any_of))
        self.order = query.order
        self.values: dict[str, object] = {f"group{number}": _list(ids) for number, ids in enumerate(words)}
        self.groups = tuple(self.values)
        self.values |= {"least": query.min_confidence, "rows": query.limit + 1}
        self.rank = _ORDERS[query.order]
        if query.order == "confidence" and words:
            self.values["every"] = _list(frozenset().union(*words))
            self.rank = (
                "(SELECT max(confidence) FROM labels WHERE image = i.id"
                " AND +label IN (SELECT value FROM json_each(:every)))"
            )
        self.conditions = ["i.state = 'labelled'"]
        self.prefix = bool(query.uri_prefix)
        if query.uri_prefix:
            prefix = rows.octets(query.uri_prefix)
            # The first bytes behind all that begin so; no byte of UTF-8 is 0xFF, so the last one can be raised.
            self.values |= {"first": prefix, "behind": prefix[:-1] + bytes([prefix[-1] + 1])}
            self.conditions.append("i.uri >= :first AND i.uri < :behind")
        if start is not None:
            self.values |= {"rank": start.rank, "uri": rows.octets(start.uri)}
            # The first half alone lets an index be entered at the right place.
            self.conditions.append(
                "i.uri > :uri"
                if query.order == "uri"
                else f"{self.rank} <= :rank AND ({self.rank} < :rank OR i.uri > :uri)"
            )

    def source(self, connection: sqlite3.Connection) -> _Source:
        """The rarest word, or the prefix, when it leaves few rows; else all rows in the order asked for."""
        counted = [(self._count(connection, f"labels WHERE {_MATCH.format(group=name)}"), name) for name in self.groups]
        if self.prefix:
            inside = "images INDEXED BY images_uri WHERE state = 'labelled' AND uri >= :first AND uri < :behind"
            counted.append((self._count(connection, inside), ""))
        fewest, name = min(counted, default=(self.few, ""))
        ranked = self.order == "confidence" and self.groups
        if name and (fewest < self.few or ranked):
            match = _MATCH.format(group=name)
            return _Source(
                f"(SELECT DISTINCT image FROM labels WHERE {match}) CROSS JOIN images AS i ON i.id = image", name
            )
        index = "images_uri" if fewest < self.few or ranked else f"images_{self.order}"
        return _Source(f"images AS i INDEXED BY {index}")

    def _count(self, connection: sqlite3.Connection, rows: str) -> int:
        (count,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {rows} LIMIT {self.few})", self.values
        ).fetchone()
        return int(count)

    def statement(self, source: _Source) -> str:
        conditions = self.conditions + [
            # The plus keeps SQLite from looking up each of a word's many ids instead of the image's few.
            f"EXISTS (SELECT 1 FROM labels WHERE image = i.id AND +{_MATCH.format(group=name)})"
            for name in self.groups
            if name != source.group
        ]
        order = "uri" if self.order == "uri" else "rank DESC, uri"
        return (
            "SELECT rank, p.uri, store, bucket, key, version, schema, record FROM"
            f" (SELECT i.id, i.uri, {self.rank} AS rank FROM {source.table} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {order} LIMIT :rows) AS p CROSS JOIN images USING (id) ORDER BY {order.replace('uri', 'p.uri')}"
        )


def _list(ids: frozenset[str]) -> str:
    return json.dumps(sorted(ids))
