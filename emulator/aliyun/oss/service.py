"""The service OSS: it checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from emulator.aliyun.account import REGION
from emulator.aliyun.oss import (
    auth,
    buckets,
    errors,
    listing,
    multipart,
    names,
    objects,
    posting,
    process,
    restoring,
    settings,
    signing,
    statistics,
    writing,
)
from emulator.aliyun.oss.dialect import OSS
from emulator.aliyun.oss.errors import OssRefusal
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, OnChange
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.objectstore import access, conditions, links, operations, tagging, versioning
from emulator.objectstore import buckets as store_buckets
from emulator.objectstore import objects as store_objects
from emulator.objectstore.call import Call, read, subject
from emulator.objectstore.context import RESTORE_SECONDS, StoreContext, checks_again
from emulator.objectstore.operations import LISTING, PARTS, UPLOADS, VERSION, VERSIONS, Operation, OperationTable
from emulator.objectstore.overrides import OVERRIDES
from emulator.objectstore.posting import is_form
from emulator.objectstore.reply import Reply, send
from emulator.objectstore.store import ObjectStore

Handler = Callable[[StoreContext, Call], Awaitable[Reply]]

SERVICE: OperationTable[Handler] = {
    ("GET", ""): Operation(buckets.list_all, frozenset({"marker", "max-keys", "prefix", "tag-key", "tag-value"})),
    ("GET", "regions"): Operation(statistics.regions),
}
BUCKET: OperationTable[Handler] = {
    **{(method, name): Operation(operate, known) for method, name, operate, known in settings.ROWS},
    ("DELETE", "tagging"): Operation(settings.remove_tags),
    ("GET", ""): Operation(
        listing.objects, LISTING | {"continuation-token", "fetch-owner", "list-type", "marker", "start-after"}
    ),
    ("GET", "acl"): Operation(buckets.acl),
    ("GET", "bucketInfo"): Operation(buckets.info),
    ("GET", "live"): Operation(buckets.channels, frozenset({"marker", "max-keys", "prefix"})),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "metaQuery"): Operation(buckets.meta_query),
    ("GET", "objectWorm"): Operation(buckets.object_worm),
    ("GET", "stat"): Operation(statistics.stat),
    ("GET", "uploads"): Operation(multipart.uploads, UPLOADS),
    ("GET", "versioning"): Operation(versioning.get),
    ("GET", "versions"): Operation(listing.versions, VERSIONS),
    ("GET", "worm"): Operation(buckets.worm),
    ("PUT", ""): Operation(buckets.create),
    ("PUT", "acl"): Operation(buckets.put_acl),
    ("PUT", "versioning"): Operation(versioning.put),
    ("DELETE", ""): Operation(store_buckets.delete),
    ("POST", "delete"): Operation(buckets.delete_objects, frozenset({"encoding-type"})),
}
OBJECT: OperationTable[Handler] = {
    ("GET", ""): Operation(objects.get, VERSION | frozenset(OVERRIDES)),
    ("GET", "acl"): Operation(objects.acl, VERSION),
    ("GET", "symlink"): Operation(links.get, VERSION),
    ("GET", "tagging"): Operation(tagging.get, VERSION),
    ("GET", "x-oss-process"): Operation(process.processed, VERSION),
    ("HEAD", ""): Operation(store_objects.head, VERSION),
    ("HEAD", "objectMeta"): Operation(objects.meta, VERSION),
    ("PUT", ""): Operation(writing.put),
    ("PUT", "acl"): Operation(objects.put_acl, VERSION),
    ("PUT", "symlink"): Operation(links.put),
    ("PUT", "tagging"): Operation(tagging.put, VERSION),
    ("PUT", "partNumber"): Operation(multipart.put_part, frozenset({"uploadId"})),
    ("POST", "x-oss-process"): Operation(process.saved),
    ("POST", "append"): Operation(writing.append, VERSION | {"position"}),
    ("POST", "cleanRestoredObject"): Operation(restoring.clean, VERSION),
    ("POST", "restore"): Operation(restoring.restore, VERSION),
    ("POST", "uploads"): Operation(multipart.begin, frozenset({"encoding-type", "sequential"})),
    ("POST", "uploadId"): Operation(multipart.complete, frozenset({"encoding-type"})),
    ("GET", "uploadId"): Operation(multipart.parts, PARTS),
    ("DELETE", ""): Operation(store_objects.delete, VERSION),
    ("DELETE", "tagging"): Operation(tagging.delete, VERSION),
    ("DELETE", "uploadId"): Operation(multipart.abort),
}
COPIES: dict[Handler, Handler] = {writing.put: writing.copy, multipart.put_part: multipart.copy_part}
"""A request with the header that names a source takes its bytes from there and not from its body."""
TABLES = {"service": SERVICE, "bucket": BUCKET, "object": OBJECT}
EVERYWHERE = signing.PARAMETERS | {"x-oss-request-payer", "x-oss-traffic-limit"}
"""The parameters that every operation has. The last two change nothing here: nobody is billed, nothing is slowed."""
HEADERS = frozenset(
    {
        "x-oss-acl",
        "x-oss-allow-same-action-overlap",
        "x-oss-complete-all",
        "x-oss-content-sha256",
        "x-oss-copy-source",
        "x-oss-copy-source-range",
        *(f"x-oss-copy-source-{condition}" for condition in conditions.CONDITIONS),
        "x-oss-date",
        "x-oss-forbid-overwrite",
        "x-oss-metadata-directive",
        "x-oss-object-acl",
        "x-oss-range-behavior",
        "x-oss-request-payer",
        "x-oss-security-token",
        "x-oss-storage-class",
        "x-oss-symlink-target",
        "x-oss-tagging",
        "x-oss-tagging-directive",
        "x-oss-traffic-limit",
        "x-oss-user-agent",
    }
)
"""The vendor's own headers that are obeyed, or that change nothing here. Any other is refused by its name."""

BUSY = "TotalQpsLimitExceeded"
"""The code of requests that are too many: https://help.aliyun.com/en/oss/user-guide/http-status-code-503."""

log = logging.getLogger(__name__)


class OssService:
    """The endpoint of OSS. All buckets are in the `region`, and `clock` gives seconds since the epoch.

    `tag_signature` is one of TAG_SIGNATURES. The restoring of an archived object takes `restore_seconds`.
    """

    host_names = "<bucket>.oss-<region>.aliyuncs.com"

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
        self._gate = auth.OssGate(keyring, region, clock)
        again = checks_again(tag_signature, self._gate.check)
        self._context = StoreContext(
            store, OSS, detect, on_change, region, clock, check_again=again, restore_seconds=restore_seconds
        )

    def owns(self, host_name: str) -> bool:
        return names.HOST.fullmatch(host_name) is not None

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take every request: the paths of OSS may be any, and its clients name buckets before the address too."""
        return True

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        began = time.perf_counter()
        call = read(request, host, names.HOST)
        request_log.note("OSS", lambda: subject(call, EVERYWHERE), call.request_id)
        try:
            if is_form(call, EVERYWHERE):
                reply = await self._post(call)
            else:
                self._admit(call)
                handler = _handler(self._context, call)
                await admitted(call.bucket, call.key, lambda: self._admit(call), BUSY)
                reply = await handler(self._context, call)
        except Refusal as refusal:
            reply = refuse(refusal, call)
        except Exception:
            log.exception("%s failed, request id %s", call.method, call.request_id)
            reply = refuse(Refusal("InternalError"), call)
        reply.headers.setdefault("Server", "AliyunOSS")
        reply.headers["x-oss-request-id"] = call.request_id
        reply.headers["x-oss-server-time"] = str(round((time.perf_counter() - began) * 1000))
        return await send(reply, request)

    async def _post(self, call: Call) -> Reply:
        """Take an upload by an HTML form, which has its signature in its body."""
        operations.check_headers(call, OSS, HEADERS)
        operations.count("OSS", "POST bucket form")
        _check_region(self._context, call)
        self._context.bucket(call)
        await admitted(call.bucket, busy=BUSY)
        return await posting.post(self._context, call, self._gate)

    def _admit(self, call: Call) -> None:
        """Raise a Refusal unless the gate lets the call in.

        A client that asks for a bucket that does not exist is told so before it is told of an unknown key id. The
        vendor's own tests expect NoSuchBucket for reads and for settings of a bucket, and InvalidAccessKeyId where the
        bucket exists or will be created, and from PutBucketAcl.
        """
        if not self._gate.signed(call) and access.open_to_all(self._context, call, ("x-oss-process",)):
            return
        try:
            self._gate.check(call)
        except Refusal as refusal:
            if refusal.code == "InvalidAccessKeyId" and call.bucket and _needs_bucket(call):
                self._context.bucket(call)
            raise


def _needs_bucket(call: Call) -> bool:
    """Tell whether the call reads from a bucket, or changes a setting of it other than its ACL."""
    if call.method in ("GET", "HEAD"):
        return True
    return call.method == "PUT" and not call.key and bool(call.query.keys() - signing.PARAMETERS - {"acl"})


def refuse(refusal: Refusal, call: Call) -> Reply:
    """Return the answer to a call that is refused. An answer to HEAD has the error document in a header."""
    request_log.note_refusal(refusal, errors.TABLE.message(refusal))
    body = errors.render(refusal, call.host, call.request_id)
    status, headers = errors.TABLE.status(refusal), dict(refusal.headers)
    if ec := errors.ec_number(refusal):
        headers["x-oss-ec"] = ec
    if call.method == "HEAD":
        return Reply(status, headers | {"x-oss-err": errors.header_form(body)})
    return Reply(status, headers | {"Content-Type": "application/xml"}, body)


def _handler(context: StoreContext, call: Call) -> Handler:
    named = {name for name, _ in call.params} - EVERYWHERE
    name, operation = operations.chosen(TABLES, call, named)
    if call.key and not call.bucket:
        raise Refusal("InvalidBucketName", details={"BucketName": ""})
    operations.check_headers(call, OSS, HEADERS)
    operations.count("OSS", name)
    if call.bucket:
        _check_region(context, call)
    if call.bucket and (call.key or call.method != "PUT"):
        context.bucket(call)
    if call.key:
        OSS.keys.check(call.key)
    if call.header("x-oss-copy-source"):
        return COPIES.get(operation.handler, operation.handler)
    return operation.handler


def _check_region(context: StoreContext, call: Call) -> None:
    """Refuse a bucket at the host name of another region: https://help.aliyun.com/en/oss/user-guide/0003-00001403."""
    host = names.HOST.fullmatch(call.endpoint)
    if host is not None and host[3] != context.region:
        message = (
            "The bucket you are attempting to access must be addressed using the specified endpoint."
            " Please send all future requests to this endpoint."
        )
        endpoint = f"oss-{context.region}.aliyuncs.com"
        raise OssRefusal("AccessDenied", message, ec="0003-00001403", details={"Endpoint": endpoint})
