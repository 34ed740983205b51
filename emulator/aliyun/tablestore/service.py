"""The service Tablestore: it checks who calls, finds the operation, and turns whatever happens into a signed answer."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from aiohttp import web

from emulator.aliyun.account import REGION
from emulator.aliyun.tablestore import (
    auth,
    batches,
    checks,
    indexes,
    messages,
    ranges,
    rows,
    scans,
    searches,
    secondary,
    split_points,
    subjects,
    tables,
    transacting,
)
from emulator.aliyun.tablestore.context import Now, Switches, TablestoreContext
from emulator.aliyun.tablestore.refusal import STATUS, invalid, not_built, render
from emulator.aliyun.tablestore.search.views import Views
from emulator.aliyun.tablestore.store import RowStore
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.http_request import read_body
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.service import Host

HOST = re.compile(
    r"([a-z][a-z0-9-]{1,14}[a-z0-9])\.([a-z0-9-]+)\.(?:ots|tablestore|vpc\.tablestore)\.aliyuncs\.com(?::[0-9]{1,5})?"
)
"""The host name of an instance, in lower case, which has the instance and its region."""
MAX_BODY = 5 * 1024 * 1024
"""A body may have so many bytes: https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore."""

BUSY = "OTSServerBusy"
"""The code of requests that are too many. The vendor's page of error codes has it."""

log = logging.getLogger(__name__)


class TableOperation(NamedTuple):
    """`run` takes the context, the name of an instance and the request, and returns the answer."""

    request: Any
    """The class of the message that the client sends."""
    run: Callable[[TablestoreContext, str, Any], Any]
    newer: frozenset[int] = frozenset()
    """The numbers of the fields that `request` may have beyond its definition."""


pb = messages.table
OPERATIONS = {
    "CreateTable": TableOperation(pb.CreateTableRequest, tables.create),
    "ListTable": TableOperation(pb.ListTableRequest, tables.listing),
    "DescribeTable": TableOperation(pb.DescribeTableRequest, tables.describe),
    "UpdateTable": TableOperation(pb.UpdateTableRequest, tables.update),
    "DeleteTable": TableOperation(pb.DeleteTableRequest, tables.delete),
    "GetRow": TableOperation(pb.GetRowRequest, rows.get),
    "PutRow": TableOperation(pb.PutRowRequest, rows.put),
    "UpdateRow": TableOperation(pb.UpdateRowRequest, rows.update),
    "DeleteRow": TableOperation(pb.DeleteRowRequest, rows.delete),
    "BatchWriteRow": TableOperation(pb.BatchWriteRowRequest, batches.write, frozenset({batches.ATOMIC})),
    "BatchGetRow": TableOperation(pb.BatchGetRowRequest, batches.read),
    "GetRange": TableOperation(pb.GetRangeRequest, ranges.read),
    "ComputeSplitPointsBySize": TableOperation(pb.ComputeSplitPointsBySizeRequest, split_points.compute),
    "StartLocalTransaction": TableOperation(pb.StartLocalTransactionRequest, transacting.start),
    "CommitTransaction": TableOperation(pb.CommitTransactionRequest, transacting.commit),
    "AbortTransaction": TableOperation(pb.AbortTransactionRequest, transacting.abort),
    "CreateIndex": TableOperation(pb.CreateIndexRequest, secondary.create),
    "DropIndex": TableOperation(pb.DropIndexRequest, secondary.drop),
    "CreateSearchIndex": TableOperation(messages.search.CreateSearchIndexRequest, indexes.create),
    "ListSearchIndex": TableOperation(messages.search.ListSearchIndexRequest, indexes.listing),
    "DescribeSearchIndex": TableOperation(messages.search.DescribeSearchIndexRequest, indexes.describe),
    "DeleteSearchIndex": TableOperation(messages.search.DeleteSearchIndexRequest, indexes.delete),
    "Search": TableOperation(messages.search.SearchRequest, searches.run),
    "ComputeSplits": TableOperation(messages.search.ComputeSplitsRequest, scans.splits),
    "ParallelScan": TableOperation(messages.search.ParallelScanRequest, scans.run),
}


class TablestoreService:
    """The endpoint of Tablestore. Its search indexes see a row `lag_seconds` after it was written.

    `clock` gives seconds since the epoch.
    """

    host_names = "<instance>.<region>.ots.aliyuncs.com"

    def __init__(
        self,
        store: RowStore,
        keyring: Keyring,
        *,
        lag_seconds: float = 0.0,
        switches: Switches | None = None,
        region: str = REGION,
        clock: Callable[[], float] = time.time,
        lag: Callable[[], float | None] = lambda: None,
    ) -> None:
        """`lag` tells the seconds that stand in place of `lag_seconds` for now, if there are such."""
        self._clock = clock
        self._gate = auth.TablestoreGate(keyring, region, clock)
        now = Now(clock)
        self._context = TablestoreContext(
            store,
            Views(store, now, lambda: lag_seconds if (own := lag()) is None else own),
            now,
            switches or Switches(),
        )

    def owns(self, host_name: str) -> bool:
        return HOST.fullmatch(host_name) is not None

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take a request whose headers name an instance or the version of the API."""
        return not host.label and ("x-ots-instancename" in request.headers or "x-ots-apiversion" in request.headers)

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        request_id, signing = str(uuid.uuid4()), None
        request_log.note("Tablestore", lambda: headers.get("x-ots-instancename", "") + path, request_id)
        try:
            body = await _body(request)
            if query:
                raise invalid("Tablestore takes no parameters in a request's address.")
            signing = self._gate.check(path, headers, body)
            status, reply = 200, await self._operate(path[1:], headers, body)
        except Refusal as refusal:
            status, reply = _refused(refusal)
        except Exception:
            log.exception("%s failed, request id %s", path, request_id)
            status, reply = _refused(Refusal("OTSInternalServerError", "Internal server error."))
        sent = {
            "x-ots-contentmd5": auth.md5(reply),
            "x-ots-requestid": request_id,
            "x-ots-date": f"{datetime.fromtimestamp(self._clock(), timezone.utc):%Y-%m-%dT%H:%M:%S.%fZ}",
            "x-ots-contenttype": "protocol buffer",
        }
        if signing is not None:
            signature = auth.answer_signature(signing, path, sent)
            sent["Authorization"] = f"OTS {headers['x-ots-accesskeyid']}:{signature}"
        return web.Response(status=status, headers=sent, body=reply)

    async def _operate(self, name: str, headers: Mapping[str, str], body: bytes) -> bytes:
        operation, instance = OPERATIONS.get(name), headers["x-ots-instancename"]
        if operation is None:
            raise not_built(name)
        if not checks.INSTANCE.fullmatch(instance):
            raise Refusal("OTSAuthFailed", "The instance is not found.")
        OPERATION.set(f"Tablestore {name}")
        try:
            message = messages.read(operation.request, body, operation.newer)
            await admitted(instance, subjects.of(message), lambda: self._gate.check(f"/{name}", headers, body), BUSY)
            answer: bytes = operation.run(self._context, instance, message).SerializeToString()
        except messages.DecodeError as error:
            raise invalid("Failed to parse the ProtoBuf message.") from error
        except messages.UnknownField as error:
            raise not_built(f"{name} with {error}") from error
        except RecursionError as error:
            raise invalid("The request is nested too deeply.") from error
        return answer


def _refused(refusal: Refusal) -> tuple[int, bytes]:
    """Return the status and the body with which a request is refused."""
    request_log.note_refusal(refusal, refusal.message)
    return refusal.status or STATUS.get(refusal.code, 400), render(refusal.code, refusal.message)


async def _body(request: web.Request) -> bytes:
    if request.method != "POST":
        raise Refusal("OTSMethodNotAllowed", "Only POST method for requests is supported.")
    too_large = Refusal("OTSRequestBodyTooLarge", "The size of POST data is too large.")
    return await read_body(request, MAX_BODY, too_large, invalid("The body ended before its length was reached."))
