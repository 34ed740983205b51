"""The service COS: it checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import base64
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from aiohttp import web

from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.clock import real_time
from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, OnChange
from emulator.core.refusal import Refusal
from emulator.core.service import LOCAL, Host
from emulator.objectstore import access, aging, conditions, inventories, links, operations, tagging, versioning
from emulator.objectstore import buckets as store_buckets
from emulator.objectstore import objects as store_objects
from emulator.objectstore import restoring as store_restoring
from emulator.objectstore.call import Call, read, subject
from emulator.objectstore.context import RESTORE_SECONDS, checks_again
from emulator.objectstore.operations import LISTING, PARTS, UPLOADS, VERSION, VERSIONS, Operation, OperationTable
from emulator.objectstore.overrides import OVERRIDES
from emulator.objectstore.posting import is_form
from emulator.objectstore.refusals import not_built
from emulator.objectstore.reply import Reply, send
from emulator.objectstore.store import ObjectStore
from emulator.tencent.account import REGION
from emulator.tencent.cos import (
    auth,
    buckets,
    errors,
    hotlinks,
    labels,
    listing,
    multipart,
    names,
    objects,
    posting,
    restoring,
    settings,
    writing,
)
from emulator.tencent.cos.context import CosContext
from emulator.tencent.cos.dialect import COS

Handler = Callable[[CosContext, Call], Awaitable[Reply]]


async def _processed(context: CosContext, call: Call) -> Reply:
    from emulator.tencent.cos import images  # it loads Pillow, which an idle emulator does without

    return await images.processed(context, call)


_DETECT = frozenset({"detect-url", "scenes"})
SERVICE: OperationTable[Handler] = {
    ("GET", ""): Operation(buckets.list_all, frozenset({*buckets.FILTERS, "marker", "max-keys", "region"}))
}
BUCKET: OperationTable[Handler] = {
    **{(method, name): Operation(operate, known) for method, name, operate, known in settings.ROWS},
    ("GET", ""): Operation(listing.objects, LISTING | {"marker"}),
    ("GET", "acl"): Operation(buckets.acl),
    ("GET", "ci-process"): Operation(labels.detect, _DETECT),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "object-lock"): Operation(buckets.object_lock),
    ("GET", "uploads"): Operation(multipart.uploads, UPLOADS),
    ("GET", "versioning"): Operation(versioning.get),
    ("GET", "versions"): Operation(listing.versions, VERSIONS),
    ("HEAD", ""): Operation(buckets.head),
    ("PUT", ""): Operation(buckets.create),
    ("PUT", "acl"): Operation(buckets.put_acl),
    ("PUT", "versioning"): Operation(versioning.put),
    ("DELETE", ""): Operation(store_buckets.delete),
    ("POST", "delete"): Operation(buckets.delete_objects, frozenset({"encoding-type"})),
}
OBJECT: OperationTable[Handler] = {
    ("GET", ""): Operation(objects.get, VERSION | frozenset(OVERRIDES)),
    ("GET", "acl"): Operation(objects.acl, VERSION),
    ("GET", "ci-process"): Operation(labels.detect, VERSION | _DETECT),
    ("GET", "symlink"): Operation(links.get, VERSION),
    ("GET", "tagging"): Operation(tagging.get, VERSION),
    **{("GET", name): Operation(_processed, VERSION | frozenset(OVERRIDES)) for name in sorted(names.IMAGE_OPERATIONS)},
    ("HEAD", ""): Operation(store_objects.head, VERSION),
    ("PUT", ""): Operation(writing.put),
    ("PUT", "acl"): Operation(objects.put_acl, VERSION),
    ("PUT", "symlink"): Operation(links.put),
    ("PUT", "tagging"): Operation(tagging.put, VERSION),
    ("PUT", "partNumber"): Operation(multipart.put_part, frozenset({"uploadId"})),
    ("POST", "append"): Operation(writing.append, VERSION | {"position"}),
    ("POST", "restore"): Operation(restoring.restore, VERSION),
    ("POST", "uploads"): Operation(multipart.begin),
    ("POST", "uploadId"): Operation(multipart.complete),
    ("GET", "uploadId"): Operation(multipart.parts, PARTS),
    ("DELETE", ""): Operation(store_objects.delete, VERSION),
    ("DELETE", "tagging"): Operation(tagging.delete, VERSION),
    ("DELETE", "uploadId"): Operation(multipart.abort),
}
COPIES: dict[Handler, Handler] = {writing.put: writing.copy, multipart.put_part: multipart.copy_part}
"""A request with the header that names a source takes its bytes from there and not from its body."""
ENCRYPTING = (writing.put, writing.append, writing.copy, multipart.begin)
"""Only these operations may say how an object is encrypted."""
TABLES = {"service": SERVICE, "bucket": BUCKET, "object": OBJECT}
CI_TOKEN = "x-ci-security-token"
EVERYWHERE = frozenset({*auth.FIELDS, auth.TOKEN, "x-cos-traffic-limit"})
"""The parameters of every operation. Nothing is slowed down here, so x-cos-traffic-limit changes nothing."""
HEADERS = frozenset(
    {
        "x-cos-acl",
        "x-cos-copy-source",
        "x-cos-copy-source-range",
        *(f"x-cos-copy-source-{condition}" for condition in conditions.CONDITIONS),
        "x-cos-forbid-overwrite",
        "x-cos-metadata-directive",
        "x-cos-sdk-retry",
        "x-cos-security-token",
        COS.encryption.algorithm,
        COS.encryption.key,
        "x-cos-storage-class",
        "x-cos-symlink-target",
        "x-cos-tagging",
        "x-cos-tagging-directive",
        "x-cos-traffic-limit",
    }
)
"""The vendor's own headers that are obeyed, or that change nothing here. Any other is refused by its name."""

BUSY = "SlowDown"
"""The code of requests that are too many: https://www.tencentcloud.com/document/product/436/7730."""

log = logging.getLogger(__name__)


class CosService:
    """The endpoint of COS. All buckets are in the `region`, and `clock` gives seconds since the epoch.

    `tag_signature` is one of TAG_SIGNATURES. The restoring of an archived object takes `restore_seconds`. Signatures
    are judged by the real time, also if the `clock` is one that was moved forward.
    """

    host_names = "<bucket>-<APPID>.cos.<region>.myqcloud.com"

    def __init__(
        self,
        store: ObjectStore,
        keyring: Keyring,
        detect: Detect | None = None,
        on_change: OnChange | None = None,
        region: str = REGION,
        clock: Callable[[], float] = time.time,
        tag_signature: str = "head",
        restore_seconds: float = RESTORE_SECONDS,
    ) -> None:
        self._gate = auth.CosGate(keyring, real_time(clock))
        again = checks_again(tag_signature, self._gate.check)
        self._context = CosContext(
            store,
            COS,
            detect,
            on_change,
            region,
            clock,
            self._gate,
            check_again=again,
            restore_seconds=restore_seconds,
            signature_clock=real_time(clock),
        )

    async def age(self) -> Mapping[str, int]:
        """Do what has fallen due as time has passed. Return what the lifecycle of the buckets did."""
        store_restoring.go_on(self._context)
        return await aging.age(self._context)

    async def write_inventory(self, bucket: str, number: str, rows: int, incremental: bool) -> inventories.Written:
        """Write an inventory by the id of its configuration, now. ValueError says why it cannot be written."""
        return await inventories.write_now(self._context, bucket, number, rows, incremental)

    async def write_due_inventories(self) -> Mapping[str, int]:
        """Write the inventories that have fallen due, and return how many those were."""
        return await inventories.write_due(self._context)

    def owns(self, host_name: str) -> bool:
        return names.HOST.fullmatch(host_name) is not None

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take what a client sends to the whole service that uses this address as the domain of the service, and what
        a browser asks at a signed address, which it can give no other header Host."""
        signed = request.headers.get("Authorization", "").startswith("q-sign-algorithm=")
        is_signed_address = "q-sign-algorithm=" in request.query_string
        return not host.label and (is_signed_address or (signed and request.path == "/"))

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        call = replace(read(request, host, names.HOST), request_id=_new_id(24))
        if call.endpoint.startswith("ci."):
            # Cloud Infinite has another name for the token, and the path of a request begins with no bucket.
            headers = {**call.headers, auth.TOKEN: call.header(CI_TOKEN)}
            call = replace(call, bucket="", key=call.bucket, headers=headers)
        request_log.note("COS", lambda: subject(call, EVERYWHERE), call.request_id)
        trace = _new_id(48)
        try:
            reply = await self._reply(call)
        except Refusal as refusal:
            reply = refuse(refusal, call, trace)
        except Exception:
            log.exception("%s failed, request id %s", call.method, call.request_id)
            reply = refuse(Refusal("InternalError"), call, trace)
        reply.headers.setdefault("Server", "tencent-cos")
        reply.headers["x-cos-request-id"] = call.request_id
        if reply.status >= 400:
            reply.headers["x-cos-trace-id"] = trace
        return await send(reply, request)

    async def _reply(self, call: Call) -> Reply:
        if is_form(call, EVERYWHERE):  # its signature is in its body
            operations.check_headers(call, COS, HEADERS, ("x-ci-", names.PROCESSING))
            operations.count("COS", "POST bucket form")
            _check_bucket(self._context, call, created=False)
            await admitted(call.bucket, busy=BUSY)
            return await posting.post(self._context, call)
        self._admit(call)
        handler = _handler(self._context, call)
        await admitted(call.bucket, call.key, lambda: self._admit(call), BUSY)
        return await handler(self._context, call)

    def _admit(self, call: Call) -> None:
        """Raise a Refusal unless the gate lets the call in, or anybody may read the object."""
        if self._gate.signed(call) or not access.open_to_all(self._context, call, names.IMAGE_OPERATIONS):
            self._gate.check(call)
        else:
            hotlinks.check(self._context, call)


def refuse(refusal: Refusal, call: Call, trace: str) -> Reply:
    """Return the answer to a call that is refused. An answer to HEAD has no error document."""
    request_log.note_refusal(refusal, errors.TABLE.message(refusal))
    status = errors.TABLE.status(refusal)
    if call.method == "HEAD":
        return Reply(status, dict(refusal.headers))
    body = errors.render(refusal, f"{call.host}/{call.key}", call.request_id, trace)
    return Reply(status, {"Content-Type": "application/xml", **refusal.headers}, body)


def _handler(context: CosContext, call: Call) -> Handler:
    if call.endpoint.startswith("ci."):
        return buckets.recognised
    named = {name.partition("/")[0] for name, _ in call.params} - EVERYWHERE
    name, operation = operations.chosen(TABLES, call, named)
    processes = operation.handler is writing.put and not call.header("x-cos-copy-source")
    known = HEADERS | {names.PROCESSING} if processes else HEADERS
    operations.check_headers(call, COS, known, ("x-ci-", names.PROCESSING))
    operations.count("COS", name)
    if call.bucket:
        _check_bucket(context, call, operation.handler is buckets.create)
    if call.key:
        COS.keys.check(call.key)
    handler = operation.handler
    if call.header("x-cos-copy-source"):
        handler = COPIES.get(handler, handler)
    if call.header(COS.encryption.algorithm) and handler not in ENCRYPTING:
        raise not_built(f"{name} with the header {COS.encryption.algorithm}")
    return handler


def _check_bucket(context: CosContext, call: Call, created: bool) -> None:
    """Refuse a bucket of another region, and one that does not exist unless it is to be created."""
    own = f"cos.{context.region}.myqcloud.com"
    if call.endpoint.partition(":")[0] != own and LOCAL.fullmatch(call.endpoint) is None:
        raise Refusal("NoSuchBucket", f"All buckets of the emulator are in {context.region}.")
    if not created:
        context.bucket(call)


def _new_id(size: int) -> str:
    return base64.b64encode(secrets.token_hex(size // 2).encode()).decode()
