"""A table and a search index as they were defined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.values import Row

FOREVER = -1
DEVIATION = 86400
"""Seconds that a version of a client's choosing may be off, unless the table says otherwise."""


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
class Table:
    """`definition` is its CreateTableRequest with all options filled in; `created` in seconds since the epoch."""

    id: int
    instance: str
    name: str
    created: float
    definition: Any
    columns: tuple[tuple[str, int], ...]
    """Names and types (PrimaryKeyType) of the key's columns."""
    indexes: dict[str, Index] = field(default_factory=dict)

    @classmethod
    def read(cls, table_id: int, instance: str, created: float, definition: bytes) -> Table:
        read = messages.table.CreateTableRequest.FromString(definition)
        columns = tuple((column.name, column.type) for column in read.table_meta.primary_key)
        return cls(table_id, instance, read.table_meta.table_name, created, read, columns)

    @property
    def seconds_to_live(self) -> int:
        """-1 for ever."""
        return int(self.definition.table_options.time_to_live)

    @property
    def versions(self) -> int:
        return int(self.definition.table_options.max_versions)

    @property
    def deviation(self) -> int:
        """Seconds."""
        return int(self.definition.table_options.deviation_cell_version_in_sec)

    def alive(self, row: Row | None, now: int) -> Row | None:
        """What is left of a row at `now` (milliseconds) of what has not grown too old."""
        if row is None or self.seconds_to_live == FOREVER:
            return row
        oldest = now - self.seconds_to_live * 1000
        cells = tuple(cell for cell in row.cells if cell.at >= oldest)
        return row._replace(cells=cells) if cells or row.written >= oldest else None
