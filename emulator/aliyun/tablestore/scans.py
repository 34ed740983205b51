"""ComputeSplits and ParallelScan: all rows that match a query, in several parts at once and in no order.

Messages are those of the vendor's own tests, parallel_scan_test.
"""

from __future__ import annotations

import base64
import heapq
import operator
import zlib
from collections.abc import Iterator
from typing import Any

from emulator.aliyun.tablestore import messages
from emulator.aliyun.tablestore.context import TablestoreContext
from emulator.aliyun.tablestore.indexes import existing
from emulator.aliyun.tablestore.refusal import invalid
from emulator.aliyun.tablestore.search.documents import Document
from emulator.aliyun.tablestore.search.queries import compiled
from emulator.aliyun.tablestore.search.sessions import ALIVE
from emulator.aliyun.tablestore.search_rows import RowReader
from emulator.aliyun.tablestore.searches import read_query
from emulator.aliyun.tablestore.table import Index, Table
from emulator.core.refusal import Refusal

pb = messages.search
LIMIT = 2000
"""One call returns so many rows at most: https://www.alibabacloud.com/help/en/tablestore/limits-on-search-index."""
# Unproven splits-of-scan: A parallel scan has one part for every 1000 rows, and 10 parts at most.
# Why: the vendor's pages say only that there are more for more rows.
# Ask: ComputeSplits of an index with 100, 10,000 and 1,000,000 rows: splits_size.
ROWS_OF_A_SPLIT, SPLITS = 1000, 10
"""A scan has one part for so many rows, and so many parts at most."""
# Unproven longest-session: alive_time of a ParallelScan may be 3600 seconds.
# Why: no page tells a limit.
# Ask: ParallelScan with alive_time 3601: the code and the message.
LONGEST = 3600
"""A client can keep a session for so many seconds."""


def splits(context: TablestoreContext, instance: str, request: Any) -> Any:
    table = context.store.table(instance, request.table_name)
    if table is None:
        raise invalid(f"table [{request.table_name}] does not exist")
    if not request.search_index_splits_options.index_name:
        raise invalid("[search index splits options] must not be null")
    name = request.search_index_splits_options.index_name
    index = table.indexes.get(name)
    if index is None:
        raise Refusal("OTSMetaNotMatch", f"search index [{name}] does not exist")
    now = context.now()
    rows = sum(1 for _ in context.views.of(table, index).documents(now))
    size = min(SPLITS, 1 + rows // ROWS_OF_A_SPLIT)
    return pb.ComputeSplitsResponse(
        session_id=context.scans.start(table.id, name, size, now).encode(), splits_size=size
    )


def run(context: TablestoreContext, instance: str, request: Any) -> Any:
    table, index = existing(context, instance, request)
    return read_query(lambda: _run(context, table, index, request))


def _run(context: TablestoreContext, table: Table, index: Index, request: Any) -> Any:
    scan, now, view = messages.read(pb.ScanQuery, request.scan_query), context.now(), context.views.of(table, index)
    reader = RowReader(context, table, view.schema, request.columns_to_get)
    if not reader.in_index:
        raise invalid("a parallel scan returns only columns that the search index holds")
    limit = scan.limit if scan.HasField("limit") else LIMIT
    if not 1 <= limit <= LIMIT:
        raise invalid(f"[parallel_scan.limit] must be in range: [1, {LIMIT}]")
    part, parts = _part(context, table, index, request, scan, now)
    test, after = compiled(scan.query, view.schema), _after(scan.token)
    hits = heapq.nsmallest(
        limit,
        (
            (key, document)
            for key, document in _of_part(view.documents(now), part, parts)
            if key > after and test(document) and table.alive(document.row, now) is not None
        ),
        key=operator.itemgetter(0),
    )
    answer = pb.ParallelScanResponse(rows=[row for _, document in hits if (row := reader.row(document))])
    if hits:
        # There is a token until an answer has no rows: the vendor's own tests count on it.
        answer.next_token = base64.b64encode(hits[-1][0])
    return answer


def _part(context: TablestoreContext, table: Table, index: Index, request: Any, scan: Any, now: int) -> tuple[int, int]:
    """Return the number of this part and how many there are. Without a session there is only one part."""
    alive = scan.alive_time if scan.HasField("alive_time") else ALIVE
    if not 1 <= alive <= LONGEST:
        raise invalid(f"[parallel_scan.alive_time] must be in range: [1, {LONGEST}]")
    most = 1
    if request.session_id:
        session_id = request.session_id.decode("ascii", "replace")
        most = context.scans.use(session_id, table.id, index.name, alive, now).splits
    parts = scan.max_parallel if scan.HasField("max_parallel") else most
    if not 0 < parts <= most:
        raise invalid(
            f"[parallel_scan.max_parallel_id] must in (0 ,{most}], current max_parallel_id is {scan.max_parallel}"
        )
    if not 0 <= scan.current_parallel_id < parts:
        raise invalid(
            "[parallel_scan.current_parallel_id] must in [0, max_parallel), current max_parallel is"
            f" {parts}, current_parallel_id is {scan.current_parallel_id}"
        )
    return scan.current_parallel_id, parts


def _of_part(documents: Iterator[tuple[bytes, Document]], part: int, parts: int) -> Iterator[tuple[bytes, Document]]:
    """Yield the documents of one part. Every key is in the same part whenever it is asked for."""
    return (pair for pair in documents if parts == 1 or zlib.crc32(pair[0]) % parts == part)


def _after(token: bytes) -> bytes:
    try:
        return base64.b64decode(token, validate=True)
    except ValueError:
        raise invalid("[parallel_scan.token] is invalid") from None
