"""Writes many rows of one table with few requests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import tablestore as ots

from imagelabels.providers.aliyun.tablestore import failures
from imagelabels.providers.aliyun.tablestore.client import Instance

MOST_WRITTEN = 200
"""One BatchWriteRow writes so many rows (https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore)."""


def write_many(instance: Instance, table: str, items: Sequence[Any]) -> None:
    """Write each row by itself. A row whose condition does not hold stays as it is; another failure is raised after
    the other rows of its request were written."""
    for start in range(0, len(items), MOST_WRITTEN):
        some = items[start : start + MOST_WRITTEN]
        instance.call("BatchWriteRow", table, partial(_write, instance, table, some))


def _write(instance: Instance, table: str, items: Sequence[Any]) -> None:
    request = ots.BatchWriteRowRequest()
    request.add(ots.TableInBatchWriteRowItem(table, list(items)))
    answer = instance.sdk.batch_write_row(request)
    for room in (answer.table_of_put, answer.table_of_update, answer.table_of_delete):
        for one in room.get(table, ()):
            if not one.is_ok and one.error_code != failures.CONDITION:
                raise ots.OTSServiceError(200, one.error_code, one.error_message)
