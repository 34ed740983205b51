"""ComputeSplitPointsBySize: keys that part a table into pieces of about the same size."""

from __future__ import annotations

from typing import Any

from emulator.aliyun.tablestore import messages, plainbuffer, rows
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.values import Row, ordered, row_size

pb = messages.table
UNIT = 100 * 1024 * 1024
"""A size is counted in pieces of so many bytes unless the client says otherwise:
https://www.alibabacloud.com/help/en/tablestore/developer-reference/computesplitpointsbysize."""
# Unproven most-split-points: ComputeSplitPointsBySize returns 10,000 points at most.
# Why: no page tells a number.
# Ask: ComputeSplitPointsBySize with a split size of 1 on a table of 2 TB: the number of points. It is not worth its
#   price.
POINTS = 10_000
"""An answer has so many points at most."""


def compute(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.table(instance, request.table_name)
    unit = request.split_size_unit_in_byte if request.HasField("split_size_unit_in_byte") else UNIT
    if request.split_size < 1 or unit < 1:
        raise invalid("The split size must be greater than 0.")
    answer = pb.ComputeSplitPointsBySizeResponse(schema=table.definition.table_meta.primary_key)
    piece, wanted, partition = 0, request.split_size * unit, b""
    for row in context.store.all(table):
        first = row.key[:1]
        if piece >= wanted and ordered(first) != partition:
            answer.split_points.append(plainbuffer.write([Row(first, ())]))
            piece = 0
            if len(answer.split_points) == POINTS:
                break
        piece, partition = piece + row_size(row.key, row.cells), ordered(first)
    # All pieces lie in one place, whose name is an empty text.
    answer.locations.add(location="", repeat=len(answer.split_points) + 1)
    rows.consumed(answer.consumed, 1, 0)
    return answer
