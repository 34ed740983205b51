"""GetRange: rows in the order of their keys, forward or backward."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import checks, messages, plainbuffer, rows
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.values import Key, Row, ordered, row_size

pb = messages.table
ROWS, BYTES = 5000, 4 * 1024 * 1024
"""One call scans at most so many rows and bytes:
https://www.alibabacloud.com/help/en/tablestore/limits-on-widecolumn-model."""


def read(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.table(instance, request.table_name)
    start = checks.key(table, rows.received(request.inclusive_start_primary_key).key, bounds=True)
    end = checks.key(table, rows.received(request.exclusive_end_primary_key).key, bounds=True)
    backward = request.direction == pb.BACKWARD
    if backward and ordered(start) <= ordered(end):
        raise invalid("Begin key must more than end key in BACKWARD")
    if not backward and ordered(start) >= ordered(end):
        raise invalid("Begin key must less than end key in FORWARD")
    if request.HasField("limit") and request.limit < 1:
        raise invalid("The limit must be greater than 0.")
    rows.readable(request)
    limit = min(request.limit or ROWS, ROWS)
    now, rows_read, scanned, size = context.now(), list[Row](), 0, 0
    onward: Key | None = None
    transaction = rows.joined(context, request)
    if transaction is not None:
        transaction.check(table, start)
        transaction.check(table, end)
    for stored in (transaction or context.store).scan(table, start, end, backward):
        row = table.alive(stored, now)
        if row is None:
            continue
        if len(rows_read) == limit or scanned == ROWS or size >= BYTES:
            onward = row.key
            break
        scanned, size = scanned + 1, size + row_size(row.key, row.cells)
        if seen := rows.selected(request, row):
            rows_read.append(seen)
    answer = pb.GetRangeResponse(rows=plainbuffer.write(rows_read))
    rows.consumed(answer.consumed, rows.units(size), 0)
    if onward is not None:
        answer.next_start_primary_key = plainbuffer.write([Row(onward, ())])
    return answer
