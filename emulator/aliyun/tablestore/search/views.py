"""The rows as search indexes see them.

They are held in memory, made from the tables at every start, and are late by the lag.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from emulator.aliyun.tablestore.search import documents
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.schema import Schema
from emulator.aliyun.tablestore.store import RowStore
from emulator.aliyun.tablestore.table import Index, Table
from emulator.aliyun.tablestore.values import Row, ordered


class View:
    """The rows of one index. Changes wait until they are due. Moments are in milliseconds since the epoch."""

    def __init__(self, schema: Schema, complete_at: int) -> None:
        self.schema = schema
        self.complete_at = complete_at
        """The moment from which on it holds all rows that the table had when the index was created."""
        self._documents: dict[bytes, Document] = {}
        self._waiting: deque[tuple[int, bytes, Row | None]] = deque()

    def change(self, due: int, key: bytes, row: Row | None) -> None:
        self._waiting.append((due, key, row))

    def documents(self, now: int) -> Iterator[tuple[bytes, Document]]:
        """Return the documents with their ordered keys, in any order."""
        while self._waiting and self._waiting[0][0] <= now:
            _, key, row = self._waiting.popleft()
            document = documents.of_row(row, self.schema) if row is not None else None
            if document is None:
                self._documents.pop(key, None)
            else:
                self._documents[key] = document
        return iter(self._documents.items())


class Views:
    """The views of all indexes, which see a write after so many seconds as `lag` tells.

    `now` gives milliseconds since the epoch. No write is seen before an earlier one, also when the lag becomes shorter.
    """

    def __init__(self, store: RowStore, now: Callable[[], int], lag: Callable[[], float]) -> None:
        self._store, self._now, self._lag = store, now, lag
        self._views: dict[tuple[int, str], View] = {}
        for table in store.all_tables():
            for index in table.indexes.values():
                self._build(table, index, 0)
        store.watch = self._changed

    def of(self, table: Table, index: Index) -> View:
        return self._views[table.id, index.name]

    def add(self, table: Table, index: Index) -> None:
        """Add a view for a new index. It sees the rows that exist already after the lag."""
        self._build(table, index, self._due())

    def remove(self, table: Table, name: str) -> None:
        del self._views[table.id, name]

    def _build(self, table: Table, index: Index, due: int) -> None:
        view = View(Schema(index.definition.schema), due)
        for row in self._store.all(table):
            view.change(due, ordered(row.key), row)
        self._views[table.id, index.name] = view

    def _changed(self, table: Table, key: bytes, row: Row | None) -> None:
        for name in table.indexes:
            self._views[table.id, name].change(self._due(), key, row)

    def _due(self) -> int:
        return self._now() + int(self._lag() * 1000)
