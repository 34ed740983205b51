"""Tables, their rows and the definitions of their search indexes, in one SQLite file that survives a restart.

Nothing is forced to the disk. The process may die without harm, but a loss of power may lose the newest rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from emulator.aliyun.tablestore import plainbuffer
from emulator.aliyun.tablestore.table import Index, Table
from emulator.aliyun.tablestore.values import Bound, Cell, Key, Row, Value, ordered

SCHEMA = """
CREATE TABLE IF NOT EXISTS data_table (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, name TEXT NOT NULL, created REAL NOT NULL,
    definition BLOB NOT NULL, UNIQUE (instance, name)
);
CREATE TABLE IF NOT EXISTS search_index (
    table_id INTEGER NOT NULL, name TEXT NOT NULL, created REAL NOT NULL, definition BLOB NOT NULL,
    PRIMARY KEY (table_id, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS row (
    table_id INTEGER NOT NULL, key BLOB NOT NULL, written INTEGER NOT NULL, cells BLOB NOT NULL,
    PRIMARY KEY (table_id, key)
) WITHOUT ROWID;
"""

Watcher = Callable[[Table, bytes, "Row | None"], None]
"""Called for each changed row with its ordered key, after the change is durable. The row is None if it is gone."""


class RowStore:
    """A store for one thread at a time, which is that of the server's event loop."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(data / "tablestore.sqlite", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._tables = {
            (instance, name): Table.read(table_id, instance, created, definition)
            for table_id, instance, name, created, definition in self._db.execute("SELECT * FROM data_table")
        }
        by_id = {table.id: table for table in self._tables.values()}
        for table_id, name, created, definition in self._db.execute("SELECT * FROM search_index"):
            by_id[table_id].indexes[name] = Index.read(created, definition)
        self._changed: list[tuple[Table, bytes, Row | None]] = []
        self.watch: Watcher = lambda table, key, row: None

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all writes within the block, or none of them if it fails."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            self._changed.clear()
            raise
        self._db.execute("COMMIT")
        changed, self._changed = self._changed, []
        for change in changed:
            self.watch(*change)

    def table(self, instance: str, name: str) -> Table | None:
        return self._tables.get((instance, name))

    def tables(self, instance: str) -> list[Table]:
        """Return all tables of an instance, in the order of their names."""
        return [table for (owner, _), table in sorted(self._tables.items()) if owner == instance]

    def all_tables(self) -> list[Table]:
        return list(self._tables.values())

    def create(self, instance: str, created: float, definition: bytes) -> Table:
        table = Table.read(0, instance, created, definition)
        added = self._db.execute(
            "INSERT INTO data_table (instance, name, created, definition) VALUES (?, ?, ?, ?)",
            (instance, table.name, created, definition),
        )
        assert added.lastrowid is not None
        table = Table.read(added.lastrowid, instance, created, definition)
        self._tables[instance, table.name] = table
        return table

    def redefine(self, table: Table, definition: bytes) -> Table:
        self._db.execute("UPDATE data_table SET definition = ? WHERE id = ?", (definition, table.id))
        changed = Table.read(table.id, table.instance, table.created, definition)
        changed.indexes.update(table.indexes)
        self._tables[table.instance, table.name] = changed
        return changed

    def drop(self, table: Table) -> None:
        with self.transaction():
            self._db.execute("DELETE FROM row WHERE table_id = ?", (table.id,))
            self._db.execute("DELETE FROM data_table WHERE id = ?", (table.id,))
        del self._tables[table.instance, table.name]

    def create_index(self, table: Table, created: float, definition: bytes) -> None:
        index = Index.read(created, definition)
        self._db.execute("INSERT INTO search_index VALUES (?, ?, ?, ?)", (table.id, index.name, created, definition))
        table.indexes[index.name] = index

    def drop_index(self, table: Table, name: str) -> None:
        self._db.execute("DELETE FROM search_index WHERE table_id = ? AND name = ?", (table.id, name))
        del table.indexes[name]

    def get(self, table: Table, key: Key) -> Row | None:
        columns = self._db.execute(
            "SELECT written, cells FROM row WHERE table_id = ? AND key = ?", (table.id, ordered(key))
        ).fetchone()
        return _row(*columns) if columns else None

    def put(self, table: Table, row: Row) -> None:
        key = ordered(row.key)
        self._db.execute(
            "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)", (table.id, key, row.written, plainbuffer.write([row]))
        )
        self._changed.append((table, key, row))

    def delete(self, table: Table, key: Key) -> None:
        at = ordered(key)
        self._db.execute("DELETE FROM row WHERE table_id = ? AND key = ?", (table.id, at))
        self._changed.append((table, at, None))

    def scan(self, table: Table, start: Key, end: Key, backward: bool = False) -> Iterator[Row]:
        """Yield the rows from `start` on, up to `end` and without it."""
        where, order = ("key <= ? AND key > ?", "DESC") if backward else ("key >= ? AND key < ?", "ASC")
        rows = self._db.execute(
            f"SELECT written, cells FROM row WHERE table_id = ? AND {where} ORDER BY key {order}",
            (table.id, ordered(start), ordered(end)),
        )
        return (_row(*columns) for columns in rows)

    def all(self, table: Table) -> Iterator[Row]:
        names = [name for name, _ in table.columns]
        low: Key = tuple((name, Bound.LOW) for name in names)
        high: Key = tuple((name, Bound.HIGH) for name in names)
        return self.scan(table, low, high)


def _row(written: int, cells: bytes) -> Row:
    sent = plainbuffer.read_one(cells)
    return Row(sent.key, tuple(Cell(cell.name, _held(cell.value), cell.at or 0) for cell in sent.cells), written)


def _held(value: Value | Bound | None) -> Value:
    assert value is not None
    assert not isinstance(value, Bound)
    return value
