"""A table and a search index, with their definitions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.values import Bound, Row, Value

pb = messages.table
KEY_TYPES: dict[int, type] = {pb.INTEGER: int, pb.STRING: str, pb.BINARY: bytes}
FOREVER = -1
DEVIATION = 86400
"""A version that a client chooses may differ from now by so many seconds, unless the table says otherwise."""


@dataclass(frozen=True, slots=True)
class Index:
    """A search index. `definition` is its CreateSearchIndexRequest."""

    name: str
    created: float
    definition: Any

    @classmethod
    def read(cls, created: float, definition: bytes) -> Index:
        read = messages.search.CreateSearchIndexRequest.FromString(definition)
        return cls(read.index_name, created, read)


@dataclass(frozen=True, slots=True)
class SecondaryIndex:
    """A table that holds some columns of another table under another key. `meta` is its IndexMeta."""

    table: Table
    meta: Any

    def entry(self, row: Row | None) -> Row | None:
        """Return what the index holds of a row, or None if the row lacks a column of the index's key."""
        if row is None:
            return None
        newest = {cell.name: cell for cell in reversed(row.cells)}
        values = {**{name: cell.value for name, cell in newest.items()}, **dict(row.key)}
        key: list[tuple[str, Value | Bound]] = []
        for name, kind in self.table.columns:
            value = values.get(name)
            if value is None or type(value) is not KEY_TYPES[kind]:
                return None
            key.append((name, value))
        cells = tuple(newest[name] for name in sorted(self.meta.defined_column) if name in newest)
        return Row(tuple(key), cells, row.written)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `definition` is its CreateTableRequest with all options, `created` is in seconds since the epoch."""

    id: int
    instance: str
    name: str
    created: float
    definition: Any
    columns: tuple[tuple[str, int], ...]
    """The names and types (PrimaryKeyType) of the key's columns."""
    indexes: dict[str, Index] = field(default_factory=dict)
    secondary: dict[str, SecondaryIndex] = field(default_factory=dict)
    main: str = ""
    """The name of the table whose secondary index this table is, or an empty text."""

    @classmethod
    def read(cls, table_id: int, instance: str, created: float, definition: bytes, main: str = "") -> Table:
        read = messages.table.CreateTableRequest.FromString(definition)
        columns = tuple((column.name, column.type) for column in read.table_meta.primary_key)
        return cls(table_id, instance, read.table_meta.table_name, created, read, columns, main=main)

    @property
    def counted(self) -> str:
        """The name of the key's column that gets its values from the service, or an empty text."""
        for column in self.definition.table_meta.primary_key:
            if column.HasField("option"):
                return str(column.name)
        return ""

    @property
    def seconds_to_live(self) -> int:
        """Cells are removed after so many seconds, or never if this is -1."""
        return int(self.definition.table_options.time_to_live)

    @property
    def versions(self) -> int:
        return int(self.definition.table_options.max_versions)

    @property
    def deviation(self) -> int:
        """A version that a client chooses may differ from now by so many seconds."""
        return int(self.definition.table_options.deviation_cell_version_in_sec)

    def alive(self, row: Row | None, now: int) -> Row | None:
        """Return what is left of a row at `now`, in milliseconds, when cells that are too old are removed."""
        if row is None or self.seconds_to_live == FOREVER:
            return row
        oldest = now - self.seconds_to_live * 1000
        cells = tuple(cell for cell in row.cells if cell.at >= oldest)
        return row._replace(cells=cells) if cells or row.written >= oldest else None
