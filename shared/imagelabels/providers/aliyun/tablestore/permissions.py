"""Tries whether the ledger's calls are allowed, with writes whose condition no row meets: nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import tablestore as ots

from imagelabels.domain.errors import LabelingError, Unavailable
from imagelabels.providers.aliyun.tablestore import failures
from imagelabels.providers.aliyun.tablestore.client import EXISTS, Instance, equals
from imagelabels.providers.aliyun.tablestore.tables import ANSWERS, BUDGETS, CHANGES, EVENTS, IMAGES, KEYS

_Try = Callable[[], object]


def refusals(instance: Instance, name: str) -> list[LabelingError]:
    """Make each call of the ledger once per table, on a row with this name, which must not be there."""
    refused = []
    for attempt in _attempts(instance, name):
        try:
            attempt()
        except LabelingError as error:
            refused.append(error)
            if isinstance(error, Unavailable):
                break  # the others would be waited for as long
    return refused


def _attempts(instance: Instance, name: str) -> Iterator[_Try]:
    keys = {table: (name,) * len(columns) for table, columns in KEYS.items()}
    for table in (IMAGES, ANSWERS, BUDGETS):
        yield partial(instance.get, table, keys[table], ["state"])
        yield _put(instance, table, keys[table])
        yield partial(instance.update, table, keys[table], {"state": ""}, row=EXISTS)
    for table in (IMAGES, ANSWERS, EVENTS):
        yield partial(instance.delete, table, keys[table], equals("state", ""))
    together = (IMAGES, EVENTS, ANSWERS, CHANGES)
    yield lambda: instance.batch(*((table, _item(instance, table, keys[table])) for table in together))


def _put(instance: Instance, table: str, key: tuple[str, ...]) -> _Try:
    row = ots.Row(instance.key(table, key), [("state", "")])

    def put() -> None:
        try:
            instance.call("PutRow", table, lambda: instance.sdk.put_row(table, row, ots.Condition(EXISTS)))
        except ots.OTSServiceError as error:
            if error.code != failures.CONDITION:
                raise

    return put


def _item(instance: Instance, table: str, key: tuple[str, ...]) -> Any:
    return ots.UpdateRowItem(instance.changed(table, key, {"state": ""}), ots.Condition(EXISTS))
