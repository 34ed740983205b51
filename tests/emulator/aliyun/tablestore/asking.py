"""Short forms of calls for which the SDK needs many words."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import tablestore
from tablestore import (
    CapacityUnit,
    ColumnReturnType,
    ColumnsToGet,
    Condition,
    ReservedThroughput,
    Row,
    RowExistenceExpectation,
    SearchIndexMeta,
    SearchQuery,
    TableMeta,
    TableOptions,
)

IGNORE = Condition(RowExistenceExpectation.IGNORE)
EXIST = Condition(RowExistenceExpectation.EXPECT_EXIST)
NOT_EXIST = Condition(RowExistenceExpectation.EXPECT_NOT_EXIST)
FREE = ReservedThroughput(CapacityUnit(0, 0))
NONE = ColumnsToGet(return_type=ColumnReturnType.NONE)


def create(
    client: Any, name: str = "t", key: Sequence[tuple[str, str]] = (("pk", "STRING"),), **options: int | bool
) -> None:
    client.create_table(TableMeta(name, list(key)), TableOptions(**options), FREE)


def put(client: Any, pk: Any, table: str = "t", condition: Any = IGNORE, **columns: Any) -> None:
    client.put_row(table, Row([("pk", pk)], list(columns.items())), condition)


def update(client: Any, pk: Any, changes: dict[str, list[Any]], condition: Any = IGNORE, **options: Any) -> Any:
    return client.update_row("t", Row([("pk", pk)], changes), condition, **options)


def get(client: Any, pk: Any, columns: Sequence[str] = (), table: str = "t", **options: Any) -> dict[str, Any] | None:
    """Return the columns of the row, or None if there is no row."""
    _, row, _ = client.get_row(table, [("pk", pk)], list(columns), **{"max_version": 1, **options})
    return None if row is None else {name: value for name, value, _ in row.attribute_columns}


def refused(call: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[int, str, str]:
    """Return the status, code and message with which a call of the SDK fails."""
    with pytest.raises(tablestore.OTSServiceError) as caught:
        call(*args, **kwargs)
    return caught.value.get_http_status(), caught.value.get_error_code(), caught.value.get_error_message()


def index(client: Any, fields: Sequence[Any], name: str = "i", **options: Any) -> None:
    client.create_search_index("t", name, SearchIndexMeta(list(fields), **options))


def search(client: Any, query: Any, columns: Any = NONE, **options: Any) -> Any:
    return client.search("t", "i", SearchQuery(query, **{"limit": 100, "get_total_count": True, **options}), columns)


def keys(client: Any, query: Any, **options: Any) -> list[Any]:
    """Return the keys of the rows that match, in their order."""
    return [row[0][0][1] for row in search(client, query, **options).rows]


class Clock:
    """The machine's clock, which can be put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead
