"""The service's door: checks who calls, finds the operation, and turns whatever happens into a signed answer."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from aiohttp import web

from emulator.aliyun.tablestore import auth, batches, checks, messages, ranges, rows, tables
from emulator.aliyun.tablestore.context import Context, Now, Switches
from emulator.aliyun.tablestore.refusal import Refusal, invalid, not_built, render
from emulator.aliyun.tablestore.search import indexes, search
from emulator.aliyun.tablestore.search.views import Views
from emulator.aliyun.tablestore.store import Store
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION

REGION = "cn-hangzhou"
"""Where all instances are said to stand."""
HOST = re.compile(
    r"([a-z][a-z0-9-]{1,14}[a-z0-9])\.([a-z0-9-]+)\.(?:ots|tablestore|vpc\.tablestore)\.aliyuncs\.com(?::[0-9]{1,5})?"
)
"""An instance's own host name, in lower case, and its region."""
MAX_BODY = 5 * 1024 * 1024
"""https://www.alibabacloud.com/help/en/tablestore/general-limits-of-tablestore."""

log = logging.getLogger(__name__)


class Operation(NamedTuple):
    request: Any
    """Its message."""
    run: Callable[[Context, str, Any], Any]
    """From context, instance and request to the answer."""


pb = messages.table
OPERATIONS = {
    "CreateTable": Operation(pb.CreateTableRequest, tables.create),
    "ListTable": Operation(pb.ListTableRequest, tables.listing),
    "DescribeTable": Operation(pb.DescribeTableRequest, tables.describe),
    "UpdateTable": Operation(pb.UpdateTableRequest, tables.update),
    "DeleteTable": Operation(pb.DeleteTableRequest, tables.delete),
    "GetRow": Operation(pb.GetRowRequest, rows.get),
    "PutRow": Operation(pb.PutRowRequest, rows.put),
    "UpdateRow": Operation(pb.UpdateRowRequest, rows.update),
    "DeleteRow": Operation(pb.DeleteRowRequest, rows.delete),
    "BatchWriteRow": Operation(pb.BatchWriteRowRequest, batches.write),
    "BatchGetRow": Operation(pb.BatchGetRowRequest, batches.read),
    "GetRange": Operation(pb.GetRangeRequest, ranges.read),
    "CreateSearchIndex": Operation(messages.search.CreateSearchIndexRequest, indexes.create),
    "ListSearchIndex": Operation(messages.search.ListSearchIndexRequest, indexes.listing),
    "DescribeSearchIndex": Operation(messages.search.DescribeSearchIndexRequest, indexes.describe),
    "DeleteSearchIndex": Operation(messages.search.DeleteSearchIndexRequest, indexes.delete),
    "Search": Operation(messages.search.SearchRequest, search.run),
}


class Service:
    """`clock` gives seconds since the epoch; search indexes see a row `lag_seconds` after it was written."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        *,
        lag_seconds: float = 0.0,
        switches: Switches | None = None,
        region: str = REGION,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._gate = auth.Gate(keyring, region, clock)
        now = Now(clock)
        self._context = Context(store, Views(store, now, lag_seconds), now, switches or Switches())

    async def answer(self, request: web.Request) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        request_id, signing = str(uuid.uuid4()), None
        try:
            body = await _body(request)
            if query:
                raise invalid("Tablestore takes no parameters in a request's address.")
            signing = self._gate.check(path, headers, body)
            status, reply = 200, self._operate(path[1:], headers, body)
        except Refusal as refusal:
            status, reply = refusal.status, render(refusal.code, refusal.message)
        except Exception:
            log.exception("%s failed, request id %s", path, request_id)
            status, reply = 500, render("OTSInternalServerError", "Internal server error.")
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

    def _operate(self, name: str, headers: Mapping[str, str], body: bytes) -> bytes:
        operation, instance = OPERATIONS.get(name), headers["x-ots-instancename"]
        if operation is None:
            raise not_built(name)
        if not checks.INSTANCE.fullmatch(instance):
            raise Refusal("OTSAuthFailed", "The instance is not found.")
        OPERATION.set(f"Tablestore {name}")
        try:
            asked = messages.read(operation.request, body)
            answer: bytes = operation.run(self._context, instance, asked).SerializeToString()
        except messages.DecodeError as error:
            raise invalid("Failed to parse the ProtoBuf message.") from error
        except messages.UnknownField as error:
            raise not_built(f"{name} with {error}") from error
        except RecursionError as error:
            raise invalid("The request is nested too deeply.") from error
        return answer


def ours(request: web.Request) -> bool:
    """Whether a request at an address of this machine is for Tablestore: its clients name an instance in a header."""
    return "x-ots-instancename" in request.headers or "x-ots-apiversion" in request.headers


async def _body(request: web.Request) -> bytes:
    if request.method != "POST":
        raise Refusal("OTSMethodNotAllowed", "Only POST method for requests is supported.")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refusal("OTSRequestBodyTooLarge", "The size of POST data is too large.")
    return bytes(body)
