"""Tables, their rows, their secondary indexes and the definitions of their search indexes.

They are in one SQLite file that survives a restart. Nothing is forced to the disk. The process may die without harm,
but a loss of power may lose the newest rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from emulator.aliyun.tablestore import messages, plainbuffer
from emulator.aliyun.tablestore.table import Index, SecondaryIndex, Table
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
CREATE TABLE IF NOT EXISTS secondary_index (
    table_id INTEGER PRIMARY KEY, main_id INTEGER NOT NULL, meta BLOB NOT NULL
);
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
        self._read_secondary(by_id)
        self._changed: list[tuple[Table, bytes, Row | None]] = []
        self.watch: Watcher = lambda table, key, row: None

    def _read_secondary(self, by_id: dict[int, Table]) -> None:
        for table_id, main_id, meta in self._db.execute("SELECT * FROM secondary_index").fetchall():
            read, main = messages.table.IndexMeta.FromString(meta), by_id[main_id]
            table = replace(by_id[table_id], main=main.name)
            self._tables[table.instance, table.name] = table
            main.secondary[table.name] = SecondaryIndex(table, read)

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

    def create(self, instance: str, created: float, definition: bytes, main: str = "") -> Table:
        """Create a table, which is a secondary index of the table `main` if that is named."""
        table = Table.read(0, instance, created, definition)
        added = self._db.execute(
            "INSERT INTO data_table (instance, name, created, definition) VALUES (?, ?, ?, ?)",
            (instance, table.name, created, definition),
        )
        assert added.lastrowid is not None
        table = Table.read(added.lastrowid, instance, created, definition, main)
        self._tables[instance, table.name] = table
        return table

    def redefine(self, table: Table, definition: bytes) -> Table:
        self._db.execute("UPDATE data_table SET definition = ? WHERE id = ?", (definition, table.id))
        changed = Table.read(table.id, table.instance, table.created, definition, table.main)
        changed.indexes.update(table.indexes)
        changed.secondary.update(table.secondary)
        self._tables[table.instance, table.name] = changed
        return changed

    def drop(self, table: Table) -> None:
        """Drop a table and its secondary indexes."""
        dropped = [table, *(index.table for index in table.secondary.values())]
        with self.transaction():
            for each in dropped:
                self._db.execute("DELETE FROM row WHERE table_id = ?", (each.id,))
                self._db.execute("DELETE FROM secondary_index WHERE table_id = ?", (each.id,))
                self._db.execute("DELETE FROM data_table WHERE id = ?", (each.id,))
        for each in dropped:
            del self._tables[each.instance, each.name]

    def create_secondary(self, main: Table, created: float, definition: bytes, meta: bytes, filled: bool) -> None:
        """Create a secondary index within a transaction. With `filled` it holds the rows that the table has already."""
        table = self.create(main.instance, created, definition, main.name)
        self._db.execute("INSERT INTO secondary_index VALUES (?, ?, ?)", (table.id, main.id, meta))
        index = SecondaryIndex(table, messages.table.IndexMeta.FromString(meta))
        for row in self.all(main) if filled else ():
            self._move(index, None, row)
        main.secondary[table.name] = index

    def redefine_secondary(self, main: Table, name: str, definition: bytes) -> None:
        index = main.secondary[name]
        main.secondary[name] = SecondaryIndex(self.redefine(index.table, definition), index.meta)

    def drop_secondary(self, main: Table, name: str) -> None:
        self.drop(main.secondary[name].table)
        del main.secondary[name]

    def _move(self, index: SecondaryIndex, old: Row | None, new: Row | None) -> None:
        """Make a secondary index hold a changed row."""
        before, after = index.entry(old), index.entry(new)
        if before is not None and (after is None or after.key != before.key):
            self._db.execute("DELETE FROM row WHERE table_id = ? AND key = ?", (index.table.id, ordered(before.key)))
        if after is not None:
            self._write(index.table, ordered(after.key), after)

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
        self._follow(table, row.key, row)
        self._write(table, key, row)
        self._changed.append((table, key, row))

    def _write(self, table: Table, key: bytes, row: Row) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)", (table.id, key, row.written, plainbuffer.write([row]))
        )

    def _follow(self, table: Table, key: Key, row: Row | None) -> None:
        """Make the secondary indexes follow a change of a row, before the table has it."""
        if table.secondary:
            old = self.get(table, key)
            for index in table.secondary.values():
                self._move(index, old, row)

    def delete(self, table: Table, key: Key) -> None:
        at = ordered(key)
        self._follow(table, key, None)
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
