"""Speaks to Tablestore with strong reads, conditional writes, and retries that end soon."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import tablestore as ots
from tablestore.retry import NoRetryPolicy
from urllib3 import PoolManager, ProxyManager, Timeout, make_headers

from imagelabels.domain.calls import UNSENDABLE, Call
from imagelabels.ports import Clock
from imagelabels.providers.aliyun.credentials import AliyunCredentials
from imagelabels.providers.aliyun.tablestore import failures
from imagelabels.providers.kit import back_off
from imagelabels.providers.kit.proxies import DIRECT, Proxies

T = TypeVar("T")
Columns = dict[str, Any]
Key = tuple[str, ...]

PATIENCE = 5.0
"""No attempt at a call begins later than so many seconds after the first. The SDK's own policy retries for a minute."""

FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
"""Pauses between two attempts have so many seconds, before chance shortens them."""

CONNECT, READ = 1.0, 4.0
"""An attempt waits so many seconds for a connection, and for the answer."""

CONNECTIONS = 64

MOST_READ = 100
"""One BatchGetRow reads so many rows (https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore)."""

ANY, EXISTS, NEW = (
    ots.RowExistenceExpectation.IGNORE,
    ots.RowExistenceExpectation.EXPECT_EXIST,
    ots.RowExistenceExpectation.EXPECT_NOT_EXIST,
)

# It formats every request for a log at DEBUG, headers and token with it, and calls every failed condition an error.
logging.getLogger(ots.OTSClient.DEFAULT_LOGGER_NAME).setLevel(logging.CRITICAL)


class Instance:
    """It has an instance's tables, over one pool of connections. It is thread-safe and signs with the present keys."""

    def __init__(
        self,
        endpoint: str,
        name: str,
        region: str,
        credentials: AliyunCredentials,
        keys: Mapping[str, tuple[str, ...]],
        clock: Clock = time,
        patience: float = PATIENCE,
        proxies: Proxies = DIRECT,
    ) -> None:
        self.uri, self._keys = f"tablestore://{name}", keys
        self._clock, self._patience, self._credentials = clock, patience, credentials
        self._client = ots.OTSClient(
            endpoint,
            instance_name=name,
            credentials_provider=credentials,
            region=region,
            retry_policy=NoRetryPolicy(),
            socket_timeout=Timeout(connect=CONNECT, read=READ),
            max_connection=CONNECTIONS,
        )
        for proxy in proxies.of(endpoint).values():
            self._client.connection.pool = _through(proxy, self._client.connection.pool)

    def close(self) -> None:
        self._client.connection.pool.clear()

    def get(self, table: str, key: Key, columns: Sequence[str] = ()) -> Columns | None:
        """Read these columns, or all, of one row, as of the last write; None if there is no row with any of them."""
        _, row, _ = self.call("GetRow", table, lambda: self._client.get_row(table, self.key(table, key), list(columns)))
        return None if row is None else {name: value for name, value, _ in row.attribute_columns}

    def get_many(self, table: str, keys: Sequence[Key], columns: Sequence[str] = ()) -> list[Columns | None]:
        """Read these columns, or all, of many rows, each as of its last write, in the order of the keys.

        A row that failed is asked for again, without those that did not.
        """
        found: dict[Key, Columns | None] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), MOST_READ):
            part = wanted[start : start + MOST_READ]
            self.call("BatchGetRow", table, partial(self._get_some, table, part, list(columns), found))
        return [found[key] for key in keys]

    def _get_some(self, table: str, keys: Sequence[Key], columns: list[str], found: dict[Key, Columns | None]) -> None:
        missing = [key for key in keys if key not in found]
        request = ots.BatchGetRowRequest()
        request.add(ots.TableInBatchGetRowItem(table, [self.key(table, key) for key in missing], columns, None, 1))
        failed = None
        for key, item in zip(missing, self._client.batch_get_row(request).get_result_by_table(table), strict=True):
            if item.is_ok:
                row = item.row
                found[key] = None if row is None else {name: value for name, value, _ in row.attribute_columns}
            else:
                failed = item
        if failed is not None:
            raise ots.OTSServiceError(200, failed.error_code, failed.error_message)

    def put(self, table: str, key: Key, columns: Columns) -> bool:
        """Write a new row; False if there is one already."""
        row = ots.Row(self.key(table, key), list(columns.items()))
        return self._written("PutRow", table, lambda: self._client.put_row(table, row, ots.Condition(NEW)))

    def update(
        self,
        table: str,
        key: Key,
        put: Columns,
        gone: Sequence[str] = (),
        when: Any = None,
        row: str = ANY,
        add: Mapping[str, int] | None = None,
        twice: bool = True,
    ) -> bool:
        """Write columns, delete those in `gone` and count up those in `add` if the row meets `when` and `row`; else
        False.

        `twice` says that a second time does no harm.
        """
        made = self.changed(table, key, put, gone, add)
        condition = ots.Condition(row, when)
        return self._written("UpdateRow", table, lambda: self._client.update_row(table, made, condition), twice)

    def delete(self, table: str, key: Key, when: Any = None) -> bool:
        """Delete a row if it meets the condition; else False. Without a condition, a missing row counts as deleted."""
        row = ots.Row(self.key(table, key))
        condition = ots.Condition(ANY if when is None else EXISTS, when)
        return self._written("DeleteRow", table, lambda: self._client.delete_row(table, row, condition))

    def batch(self, *items: tuple[str, Any], beside: str = "") -> list[bool]:
        """Write several rows of different tables in one call, each by itself. Return whether each one's condition held.

        A row that failed for another reason is tried again, without those that did not. The row of the table `beside`
        goes along whenever the first row is tried.
        """
        held: dict[str, bool] = {}

        def send() -> None:
            request = ots.BatchWriteRowRequest()
            for table, item in items:
                if table not in held or (table == beside and items[0][0] not in held):
                    request.add(ots.TableInBatchWriteRowItem(table, [item]))
            answer = self._client.batch_write_row(request)
            rooms = (answer.table_of_put, answer.table_of_update, answer.table_of_delete)
            failed = None
            for table, (one,) in ((table, room[table]) for room in rooms for table in room if room[table]):
                if one.is_ok or one.error_code == failures.CONDITION:
                    held[table] = bool(one.is_ok)
                else:
                    failed = one
            if failed is not None:
                raise ots.OTSServiceError(200, failed.error_code, failed.error_message)

        self.call("BatchWriteRow", items[0][0], send)
        return [held[table] for table, _ in items]

    def range(
        self, table: str, begins: Key, columns: Sequence[str] = (), when: Any = None, start_at: Key = ()
    ) -> Iterator[Any]:
        """Yield (primary key, columns, ms of the last write) of each row whose key begins so, in key order; the first
        one has the key `start_at` or a later one."""
        names = self._keys[table]
        start: Any = [(name, ots.INF_MIN) for name in names]
        start[: len(start_at or begins)] = zip(names, start_at or begins, strict=False)
        end = [*zip(names, begins, strict=False), *((name, ots.INF_MAX) for name in names[len(begins) :])]
        while start is not None:
            start, found = self._page(table, start, end, list(columns), when)
            for row in found:
                key = tuple(value for _, value, *_ in row.primary_key)
                written = max((at for _, _, at in row.attribute_columns), default=0)
                yield key, {name: value for name, value, _ in row.attribute_columns}, written

    def _page(self, table: str, start: Any, end: Any, columns: list[str], when: Any) -> tuple[Any, Any]:
        _, following, found, _ = self.call(
            "GetRange",
            table,
            lambda: self._client.get_range(
                table, ots.Direction.FORWARD, start, end, columns, column_filter=when, max_version=1
            ),
        )
        return following, found

    def call(self, operation: str, table: str, send: Callable[[], T], twice: bool = True) -> T:
        """Return the SDK's answer. After as many attempts as help and fit in time, raise our error instead of the
        SDK's."""
        end = self._clock.monotonic() + self._patience
        pauses = back_off.pauses(FIRST_PAUSE, LONGEST_PAUSE)
        while True:
            pause = next(pauses)
            ours = None
            try:
                return send()
            except failures.SDK_ERRORS as error:
                if isinstance(error, ots.OTSServiceError) and error.code == failures.CONDITION:
                    raise
                found = failures.meaning(error, self._credentials.get_credentials().temporary) or failures.FAILED
                again = found in failures.REFUSED or (twice and found in failures.UNSURE)
                if not again or self._clock.monotonic() + pause > end:
                    ours = failures.raised(found, self._call(operation, table), error)
                    failures.strip(error)
                    if found is not UNSENDABLE:
                        raise ours from error
            if ours is not None:
                raise ours  # not while the SDK's error is handled: it quotes the header, which may be the token
            self._clock.sleep(pause)

    @property
    def sdk(self) -> Any:
        """The SDK's client makes the requests that go through `call`."""
        return self._client

    def key(self, table: str, key: Key) -> list[tuple[str, Any]]:
        return [*zip(self._keys[table], key, strict=True)]

    def changed(
        self, table: str, key: Key, put: Columns, gone: Sequence[str] = (), add: Mapping[str, int] | None = None
    ) -> Any:
        """Make the row of an update."""
        changes: dict[str, list[Any]] = {}
        if put:
            changes["PUT"] = list(put.items())
        if gone:
            changes["DELETE_ALL"] = list(gone)
        if add:
            changes["INCREMENT"] = list(add.items())
        return ots.Row(self.key(table, key), changes)

    def _written(self, operation: str, table: str, send: Callable[[], object], twice: bool = True) -> bool:
        try:
            self.call(operation, table, send, twice)
        except ots.OTSServiceError as error:
            if error.code != failures.CONDITION:
                raise
            return False
        return True

    def _call(self, operation: str, table: str) -> Call:
        return Call(operation, f"ots:{operation}", f"{self.uri}/{table}")


def _through(proxy: str, pool: PoolManager) -> ProxyManager:
    """Make a pool like `pool` that speaks to the service through a proxy."""
    at = urlsplit(proxy)
    login = f"{unquote(at.username)}:{unquote(at.password or '')}" if at.username else None
    headers = make_headers(proxy_basic_auth=login) if login else None
    return ProxyManager(proxy, proxy_headers=headers, **pool.connection_pool_kw)


def equals(column: str, value: object) -> Any:
    """Require that the row has the column, with that value in it."""
    return ots.SingleColumnCondition(column, value, ots.ComparatorType.EQUAL, pass_if_missing=False)


def missing(column: str, never: object = "") -> Any:
    """Require that the row lacks the column. `never` is a value that never stands in it."""
    return ots.SingleColumnCondition(column, never, ots.ComparatorType.EQUAL, pass_if_missing=True)


def there(column: str, never: object = "") -> Any:
    """Require that the row has the column. `never` is a value that never stands in it."""
    return ots.SingleColumnCondition(column, never, ots.ComparatorType.NOT_EQUAL, pass_if_missing=False)


def another(column: str, value: object) -> Any:
    """Require that the row lacks the column or has another value in it."""
    return ots.SingleColumnCondition(column, value, ots.ComparatorType.NOT_EQUAL, pass_if_missing=True)


def below(column: str, value: int) -> Any:
    """Require that the row lacks the column or has a smaller value in it."""
    return ots.SingleColumnCondition(column, value, ots.ComparatorType.LESS_THAN, pass_if_missing=True)


def every(*conditions: Any) -> Any:
    return _composed(ots.LogicalOperator.AND, conditions)


def either(*conditions: Any) -> Any:
    return _composed(ots.LogicalOperator.OR, conditions)


def _composed(operator: Any, conditions: tuple[Any, ...]) -> Any:
    made = ots.CompositeColumnCondition(operator)
    for condition in conditions:
        made.add_sub_condition(condition)
    return made
