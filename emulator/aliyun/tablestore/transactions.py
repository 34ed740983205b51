"""Local transactions: what each has changed, and which rows it holds.

https://www.alibabacloud.com/help/doc-detail/93819.htm. A transaction holds the rows that share the first column of
their keys. Others read what was committed, and cannot write there until it ends. Open transactions do not survive a
restart. The codes are those of the page. The message on invalid ids is in the vendor's own tests (transaction_test).
Those on ids that are gone and on other partitions are in the tests of SDKs for other languages.
"""

from __future__ import annotations

import heapq
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.values import Key, Row, ordered, row_size
from emulator.core.refusal import Refusal

pb = messages.table
SECONDS = 60
"""A transaction that does not end within so many seconds is aborted, as the page says."""
BYTES = 4 * 1024 * 1024
"""A transaction can write so many bytes, as the page says."""
# Unproven most-transactions: 1000 local transactions can be open at once; the next is refused with OTSServerBusy.
# Why: no page tells a number, nor the code for too many.
# Ask: StartLocalTransaction 1001 times with different partition keys: the code and the message of the last.
MOST = 1000
"""So many transactions can be open at once."""
ID = re.compile(r"[0-9a-f]{32}")


class RowAccess(Protocol):
    """Reads and writes single rows: the store, or a transaction over it."""

    def get(self, table: Table, key: Key) -> Row | None: ...

    def put(self, table: Table, row: Row) -> None: ...

    def delete(self, table: Table, key: Key) -> None: ...

    def scan(self, table: Table, start: Key, end: Key, backward: bool = False) -> Iterator[Row]: ...


@dataclass(slots=True)
class LocalTransaction:
    """The rows that a transaction has changed, over those of the store. A row that it has deleted is None."""

    below: RowAccess
    table: Table
    partition: Key
    until: int
    """The moment when it expires, in milliseconds since the epoch."""
    changes: dict[bytes, tuple[Key, Row | None]] = field(default_factory=dict)
    written: int = 0

    def get(self, table: Table, key: Key) -> Row | None:
        at = ordered(key)
        return self.changes[at][1] if at in self.changes else self.below.get(table, key)

    def put(self, table: Table, row: Row) -> None:
        self._change(row.key, row, row_size(row.key, row.cells))

    def delete(self, table: Table, key: Key) -> None:
        self._change(key, None, row_size(key, ()))

    # Unproven message-of-large-transaction: The message of OTSOutOfTransactionDataSizeLimit, and that the status
    #   of this and of the other codes of transactions is 400.
    # Why: the page has the codes, and neither message nor status.
    # Ask: in a local transaction, PutRow of two rows of 2 MB, and of a row in another table: status, code and
    #   message.
    def _change(self, key: Key, row: Row | None, size: int) -> None:
        self.written += size
        if self.written > BYTES:
            message = f"The total data size of the transaction exceeds the limit {BYTES} bytes."
            raise Refusal("OTSOutOfTransactionDataSizeLimit", message)
        self.changes[ordered(key)] = (key, row)

    def scan(self, table: Table, start: Key, end: Key, backward: bool = False) -> Iterator[Row]:
        stored = (row for row in self.below.scan(table, start, end, backward) if ordered(row.key) not in self.changes)
        low, high = sorted((ordered(start), ordered(end)))
        changed = sorted((at for at in self.changes if low <= at <= high), reverse=backward)
        ours = (row for at in changed if at != ordered(end) and (row := self.changes[at][1]) is not None)
        return heapq.merge(stored, ours, key=lambda row: ordered(row.key), reverse=backward)

    def check(self, table: Table, key: Key) -> None:
        """Refuse a key that does not belong to the transaction."""
        if table.id != self.table.id or ordered(key[:1]) != ordered(self.partition):
            ours, theirs = (shown(columns) for columns in (self.partition, key))
            message = f"Data out of scope of transaction. Transaction PartKey:{ours}. Data PartKey:{theirs}"
            raise Refusal("OTSDataOutOfRange", message)


def shown(key: Key) -> str:
    """Return the first value of a key as messages show it."""
    value = key[0][1] if key else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


class Transactions:
    """The open transactions by their ids, and the partitions that they hold."""

    def __init__(self) -> None:
        self._open: dict[str, LocalTransaction] = {}
        self._held: dict[tuple[int, bytes], str] = {}

    def start(self, below: RowAccess, table: Table, partition: Key, now: int) -> str:
        self._expire(now)
        if len(self._open) >= MOST:
            raise Refusal("OTSServerBusy", f"More than {MOST} transactions are open.")
        self.check_free(table, partition, now)
        name = uuid.uuid4().hex
        self._open[name] = LocalTransaction(below, table, partition, now + SECONDS * 1000)
        self._held[table.id, ordered(partition)] = name
        return name

    def find(self, name: str, now: int) -> LocalTransaction:
        """Return an open transaction."""
        if not ID.fullmatch(name):
            raise invalid("TransactionID is invalid.")
        self._expire(now)
        if name not in self._open:
            raise Refusal("OTSSessionNotExist", "Session not exist or may be timeout.")
        return self._open[name]

    def end(self, name: str) -> None:
        ended = self._open.pop(name)
        del self._held[ended.table.id, ordered(ended.partition)]

    def check_free(self, table: Table, key: Key, now: int) -> None:
        """Refuse a write outside of the transaction that holds the row."""
        if not self._held:
            return
        self._expire(now)
        if (table.id, ordered(key[:1])) in self._held:
            raise Refusal("OTSRowOperationConflict", "Data is being modified by the other request.")

    def _expire(self, now: int) -> None:
        for name in [name for name, each in self._open.items() if each.until < now]:
            self.end(name)
