"""The store of rows: a transaction is done as a whole, or not at all, and then nobody is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.store import RowStore
from emulator.aliyun.tablestore.table import Table
from emulator.aliyun.tablestore.values import Cell, Row

ROW = Row((("pk", "a"),), (Cell("n", 1, 5),), 5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RowStore]:
    store = RowStore(tmp_path)
    yield store
    store.close()


def made(store: RowStore) -> Table:
    definition = messages.table.CreateTableRequest()
    definition.table_meta.table_name = "t"
    definition.table_meta.primary_key.add(name="pk", type=messages.table.STRING)
    definition.reserved_throughput.capacity_unit.read = 0
    return store.create("inst", 0.0, definition.SerializeToString())


def failing(store: RowStore, table: Table) -> None:
    with store.transaction():
        store.put(table, ROW)
        raise ZeroDivisionError


def test_what_fails_midway_is_not_kept_and_not_told_later(store: RowStore) -> None:
    table, told = made(store), list[Row | None]()
    store.watch = lambda table, key, row: told.append(row)
    with pytest.raises(ZeroDivisionError):
        failing(store, table)
    assert store.get(table, ROW.key) is None
    with store.transaction():
        store.delete(table, ROW.key)
    assert told == [None]


def test_what_is_kept_is_told_afterwards_in_its_order(store: RowStore) -> None:
    table, told = made(store), list[Row | None]()
    store.watch = lambda table, key, row: told.append(row)
    with store.transaction():
        store.put(table, ROW)
        store.delete(table, ROW.key)
        store.put(table, ROW)
        assert told == []
    assert told == [ROW, None, ROW]
    assert store.get(table, ROW.key) == ROW


def test_a_table_takes_its_rows_with_it(store: RowStore) -> None:
    table = made(store)
    with store.transaction():
        store.put(table, ROW)
    store.drop(table)
    assert store.get(table, ROW.key) is None
    assert list(store.all(made(store))) == []
