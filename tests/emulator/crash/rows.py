"""Writes rows of Tablestore, one at a time, in batches and in transactions. A secondary index follows them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tablestore
import urllib3
from tablestore import (
    INF_MAX,
    INF_MIN,
    Condition,
    DeleteRowItem,
    Direction,
    OTSClient,
    PutRowItem,
    Row,
    RowExistenceExpectation,
    SecondaryIndexMeta,
    TableMeta,
    TableOptions,
)
from tablestore.metadata import BatchWriteRowRequest, TableInBatchWriteRowItem
from tablestore.retry import NoRetryPolicy

Rows = Mapping[int, str]
"""The value of each row by the second column of its key."""
IGNORE = Condition(RowExistenceExpectation.IGNORE)
COUNT = 8


class RowClient:
    """Writes rows, each of which has one value."""

    lost: tuple[type[Exception], ...] = (tablestore.OTSClientError, urllib3.exceptions.HTTPError, ConnectionError)

    def __init__(self, address: str) -> None:
        self._client: Any = OTSClient(address, "emulator", "emulator", "crash", retry_policy=NoRetryPolicy())
        if "rows" not in self._client.list_table():
            meta = TableMeta("rows", [("owner", "STRING"), ("n", "INTEGER")], [("value", "STRING")])
            free = tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
            self._client.create_table(meta, TableOptions(), free, [SecondaryIndexMeta("by_value", ["value"], [])])

    def fits(self, held: Rows, seen: Rows) -> bool:
        return held == seen

    def seen(self) -> Rows:
        """Return the rows. AssertionError if the secondary index has others."""
        rows = {key[1][1]: columns[0][1] for key, columns in self._listed("rows", ["owner", "n"])}
        index = {key[2][1]: key[0][1] for key, _ in self._listed("by_value", ["value", "owner", "n"])}
        assert rows == index
        return rows

    def _listed(self, table: str, columns: Sequence[str]) -> list[tuple[Any, Any]]:
        low, high = ([(column, end) for column in columns] for end in (INF_MIN, INF_MAX))
        rows = self._client.get_range(table, Direction.FORWARD, low, high, max_version=1)[2]
        return [(row.primary_key, row.attribute_columns) for row in rows]

    def write(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        return chance.choice([self._put, self._update, self._delete, self._batch, self._transaction])(
            held, chance, pending
        )

    def _put(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        n, value = chance.randrange(COUNT), _value(chance)
        pending([after := {**held, n: value}])
        self._client.put_row("rows", _row(n, value), IGNORE)
        return after

    def _update(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        n, value = chance.randrange(COUNT), _value(chance)
        pending([after := {**held, n: value}])
        self._client.update_row("rows", Row(_key(n), {"PUT": [("value", value)]}), IGNORE)
        return after

    def _delete(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        n = chance.randrange(COUNT)
        pending([after := {other: value for other, value in held.items() if other != n}])
        self._client.delete_row("rows", _key(n), IGNORE)
        return after

    def _batch(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        """Write two rows in one request, which may take effect one without the other."""
        (first, second), value = chance.sample(range(COUNT), 2), _value(chance)
        removed = {other: kept for other, kept in held.items() if other != second}
        pending([{**held, first: value}, removed, after := {**removed, first: value}])
        items = [PutRowItem(_row(first, value), IGNORE), DeleteRowItem(Row(_key(second)), IGNORE)]
        request = BatchWriteRowRequest()
        request.add(TableInBatchWriteRowItem("rows", items))
        assert self._client.batch_write_row(request).is_all_succeed()
        return after

    def _transaction(self, held: Rows, chance: random.Random, pending: Callable[[Sequence[Rows]], None]) -> Rows:
        """Write two rows in a transaction, which takes effect as a whole."""
        (first, second), value = chance.sample(range(COUNT), 2), _value(chance)
        pending([after := {**held, first: value, second: value}])
        transaction = self._client.start_local_transaction("rows", [("owner", "a")])
        for n in (first, second):
            self._client.put_row("rows", _row(n, value), IGNORE, None, transaction)
        self._client.commit_transaction(transaction)
        return after


def _key(n: int) -> list[tuple[str, Any]]:
    return [("owner", "a"), ("n", n)]


def _row(n: int, value: str) -> Row:
    return Row(_key(n), [("value", value)])


def _value(chance: random.Random) -> str:
    return f"{chance.randrange(10**9):x}" * chance.choice([1, 100])
