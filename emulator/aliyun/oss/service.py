"""The service's door: checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from emulator.aliyun.oss import auth, buckets, errors, listing, names, objects, process, signing, tagging, writing
from emulator.aliyun.oss.errors import Refusal as OssRefusal
from emulator.aliyun.oss.names import ARCHIVED
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION, Detect, OnChange
from emulator.objectstore.call import Call, read
from emulator.objectstore.context import Context, checks_again
from emulator.objectstore.operations import Operation, Table, check_form, check_headers, chosen, level
from emulator.objectstore.overrides import OVERRIDES
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.reply import Reply, send
from emulator.objectstore.store import Store

Handler = Callable[[Context, Call], Awaitable[Reply]]

_LIST = frozenset({"delimiter", "encoding-type", "max-keys", "prefix"})
_RESPONSE = frozenset(OVERRIDES)
SERVICE: Table[Handler] = {("GET", ""): Operation(buckets.list_all, frozenset({"marker", "max-keys", "prefix"}))}
BUCKET: Table[Handler] = {
    ("GET", ""): Operation(
        listing.objects, _LIST | {"continuation-token", "fetch-owner", "list-type", "marker", "start-after"}
    ),
    ("GET", "acl"): Operation(buckets.acl),
    ("GET", "bucketInfo"): Operation(buckets.info),
    ("GET", "live"): Operation(buckets.channels, frozenset({"marker", "max-keys", "prefix"})),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "uploads"): Operation(
        buckets.uploads,
        frozenset({"delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"}),
    ),
    ("GET", "versions"): Operation(listing.versions, _LIST | {"key-marker", "version-id-marker"}),
    ("PUT", ""): Operation(buckets.create),
    ("DELETE", ""): Operation(buckets.delete),
    ("POST", "delete"): Operation(buckets.delete_objects, frozenset({"encoding-type"})),
}
OBJECT: Table[Handler] = {
    ("GET", ""): Operation(objects.get, _RESPONSE),
    ("GET", "acl"): Operation(objects.acl),
    ("GET", "tagging"): Operation(tagging.get),
    ("GET", "x-oss-process"): Operation(process.processed),
    ("HEAD", ""): Operation(objects.head),
    ("HEAD", "objectMeta"): Operation(objects.meta),
    ("PUT", ""): Operation(writing.put),
    ("PUT", "tagging"): Operation(tagging.put),
    ("DELETE", ""): Operation(objects.delete),
    ("DELETE", "tagging"): Operation(tagging.delete),
}
EVERYWHERE = signing.PARAMETERS | {"x-oss-request-payer", "x-oss-traffic-limit"}
"""Parameters of every operation. Nobody is billed here and nothing is slowed down, so the last two change nothing."""
_COPY_WORDS = "if-match if-modified-since if-none-match if-unmodified-since"
HEADERS = frozenset(
    {
        "x-oss-acl",
        "x-oss-content-sha256",
        "x-oss-copy-source",
        *(f"x-oss-copy-source-{condition}" for condition in _COPY_WORDS.split()),
        "x-oss-date",
        "x-oss-forbid-overwrite",
        "x-oss-metadata-directive",
        "x-oss-object-acl",
        "x-oss-range-behavior",
        "x-oss-request-payer",
        "x-oss-security-token",
        "x-oss-storage-class",
        "x-oss-tagging",
        "x-oss-tagging-directive",
        "x-oss-traffic-limit",
        "x-oss-user-agent",
    }
)
"""Headers of the vendor's that are obeyed, or that change nothing here. Any other is refused by its name."""

log = logging.getLogger(__name__)


class Service:
    """`region` is where all buckets are, `clock` gives seconds since the epoch.

    `tag_signature` is one of TAG_SIGNATURES.
    """

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        detect: Detect | None,
        on_change: OnChange | None,
        region: str,
        clock: Callable[[], float] = time.time,
        tag_signature: str = "head",
    ) -> None:
        self._gate = auth.Gate(keyring, region, clock)
        again = checks_again(tag_signature, self._gate.check)
        self._context = Context(store, detect, on_change, region, clock, ARCHIVED, check_again=again)

    async def answer(self, request: web.Request, host_bucket: str, endpoint: str) -> web.StreamResponse:
        """The answer to a request; `host_bucket` if the host name brought one, `endpoint` is the host without it."""
        began = time.perf_counter()
        call = read(request, host_bucket, endpoint)
        try:
            check_form(call)
            self._admit(call)
            reply = await _handler(self._context, call)(self._context, call)
        except Refusal as refusal:
            reply = refuse(refusal, call)
        except Exception:
            log.exception("%s failed, request id %s", call.method, call.request_id)
            reply = refuse(Refusal("InternalError"), call)
        reply.headers.setdefault("Server", "AliyunOSS")
        reply.headers["x-oss-request-id"] = call.request_id
        reply.headers["x-oss-server-time"] = str(round((time.perf_counter() - began) * 1000))
        return await send(reply, request)

    def _admit(self, call: Call) -> None:
        """Refusal unless the gate lets the call in.

        Who reads from a bucket that does not exist is told so before a key id that does not exist: the vendor's own
        tests expect NoSuchBucket there, and InvalidAccessKeyId where the bucket exists or is about to be created.
        """
        try:
            self._gate.check(call)
        except Refusal as refusal:
            if refusal.code == "InvalidAccessKeyId" and call.bucket and call.method in ("GET", "HEAD"):
                self._context.bucket(call)
            raise


def refuse(refusal: Refusal, call: Call) -> Reply:
    host = f"{call.bucket}.{call.endpoint}" if call.bucket else call.endpoint
    body = errors.render(refusal, host, call.request_id)
    shown = errors.entry(refusal)
    headers = dict(refusal.headers)
    if shown.ec:
        headers["x-oss-ec"] = shown.ec
    if call.method == "HEAD":
        return Reply(shown.status, headers | {"x-oss-err": errors.header_form(body)})
    return Reply(shown.status, headers | {"Content-Type": "application/xml"}, body)


def _handler(context: Context, call: Call) -> Handler:
    table = OBJECT if call.key else BUCKET if call.bucket else SERVICE
    given = {name for name, value in call.params if not (name == "versionId" and value == "null")} - EVERYWHERE
    subresource, operation = chosen(table, call, given)
    if call.key and not call.bucket:
        raise Refusal("InvalidBucketName", details={"BucketName": ""})
    check_headers(call, "x-oss-", HEADERS, writing.META)
    OPERATION.set(f"OSS {call.method} {level(call).split()[-1]}" + (f"?{subresource}" if subresource else ""))
    if call.bucket:
        _addressed(context, call)
    if call.bucket and call.method != "PUT":
        context.bucket(call)
    if call.key:
        names.check_key(call.key)
    if operation.handler is writing.put and call.header("x-oss-copy-source"):
        return writing.copy
    return operation.handler


def _addressed(context: Context, call: Call) -> None:
    """Refusal for a bucket that is asked for at another region: https://help.aliyun.com/en/oss/user-guide/0003-00001403."""
    host = names.HOST.fullmatch(call.endpoint)
    if host is not None and host[3] != context.region:
        message = (
            "The bucket you are attempting to access must be addressed using the specified endpoint."
            " Please send all future requests to this endpoint."
        )
        endpoint = f"oss-{context.region}.aliyuncs.com"
        raise OssRefusal("AccessDenied", message, ec="0003-00001403", details={"Endpoint": endpoint})
