"""The service's door: checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import base64
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION, Detect, OnChange
from emulator.objectstore.call import Call, read
from emulator.objectstore.context import checks_again
from emulator.objectstore.operations import Operation, Table, check_form, check_headers, chosen, level
from emulator.objectstore.overrides import OVERRIDES
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.reply import Reply, send
from emulator.objectstore.store import Store
from emulator.tencent.cos import REGION, auth, buckets, errors, labels, listing, names, objects, tagging, writing
from emulator.tencent.cos.context import Context

Handler = Callable[[Context, Call], Awaitable[Reply]]

_LIST = frozenset({"delimiter", "encoding-type", "max-keys", "prefix"})
_DETECT = frozenset({"detect-url", "scenes"})
SERVICE: Table[Handler] = {
    ("GET", ""): Operation(buckets.list_all, frozenset({*buckets.FILTERS, "marker", "max-keys", "region"}))
}
BUCKET: Table[Handler] = {
    ("GET", ""): Operation(listing.objects, _LIST | {"marker"}),
    ("GET", "acl"): Operation(buckets.acl),
    ("GET", "ci-process"): Operation(labels.detect, _DETECT),
    ("GET", "location"): Operation(buckets.location),
    ("GET", "uploads"): Operation(
        buckets.uploads,
        frozenset({"delimiter", "encoding-type", "key-marker", "max-uploads", "prefix", "upload-id-marker"}),
    ),
    ("GET", "versions"): Operation(listing.versions, _LIST | {"key-marker", "version-id-marker"}),
    ("HEAD", ""): Operation(buckets.head),
    ("PUT", ""): Operation(buckets.create),
    ("DELETE", ""): Operation(buckets.delete),
    ("POST", "delete"): Operation(buckets.delete_objects, frozenset({"encoding-type"})),
}
OBJECT: Table[Handler] = {
    ("GET", ""): Operation(objects.get, frozenset(OVERRIDES)),
    ("GET", "acl"): Operation(objects.acl),
    ("GET", "ci-process"): Operation(labels.detect, _DETECT),
    ("GET", "tagging"): Operation(tagging.get),
    ("HEAD", ""): Operation(objects.head),
    ("PUT", ""): Operation(writing.put),
    ("PUT", "tagging"): Operation(tagging.put),
    ("DELETE", ""): Operation(objects.delete),
    ("DELETE", "tagging"): Operation(tagging.delete),
}
EVERYWHERE = frozenset({*auth.FIELDS, auth.TOKEN, "x-cos-traffic-limit"})
"""Parameters of every operation. Nothing is slowed down here, so the last one changes nothing."""
_COPY_WORDS = "if-match if-modified-since if-none-match if-unmodified-since"
HEADERS = frozenset(
    {
        "x-cos-acl",
        "x-cos-copy-source",
        *(f"x-cos-copy-source-{condition}" for condition in _COPY_WORDS.split()),
        "x-cos-forbid-overwrite",
        "x-cos-metadata-directive",
        "x-cos-sdk-retry",
        "x-cos-security-token",
        "x-cos-storage-class",
        "x-cos-tagging",
        "x-cos-tagging-directive",
        "x-cos-traffic-limit",
    }
)
"""Headers of the vendor's that are obeyed, or that change nothing here. Any other is refused by its name."""

log = logging.getLogger(__name__)


class Service:
    """`clock` gives seconds since the epoch, `tag_signature` is one of TAG_SIGNATURES."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        detect: Detect | None = None,
        on_change: OnChange | None = None,
        region: str = REGION,
        clock: Callable[[], float] = time.time,
        tag_signature: str = "head",
    ) -> None:
        self._gate = auth.Gate(keyring, clock)
        again = checks_again(tag_signature, self._gate.check)
        self._context = Context(store, detect, on_change, region, clock, names.ARCHIVED, self._gate, check_again=again)

    async def answer(self, request: web.Request, bucket: str, endpoint: str) -> web.StreamResponse:
        """The answer to a request; `bucket` if the host name brought one, `endpoint` is the host without it."""
        call = replace(read(request, bucket, endpoint), request_id=_id(24))
        trace = _id(48)
        try:
            check_form(call)
            self._gate.check(call)
            reply = await _handler(self._context, call)(self._context, call)
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


def ours(request: web.Request) -> bool:
    """Whether a request that names no bucket is signed as for COS: a client whose ServiceDomain is this address."""
    return request.headers.get("Authorization", "").startswith("q-sign-algorithm=") and request.path == "/"


def refuse(refusal: Refusal, call: Call, trace: str) -> Reply:
    status = errors.status(refusal)
    if call.method == "HEAD":
        return Reply(status, dict(refusal.headers))
    host = f"{call.bucket}.{call.endpoint}" if call.bucket else call.endpoint
    body = errors.render(refusal, f"{host}/{call.key}", call.request_id, trace)
    return Reply(status, {"Content-Type": "application/xml", **refusal.headers}, body)


def _handler(context: Context, call: Call) -> Handler:
    table = OBJECT if call.key else BUCKET if call.bucket else SERVICE
    given = {name.partition("/")[0] for name, _ in call.params} - EVERYWHERE
    subresource, operation = chosen(table, call, given)
    check_headers(call, ("x-cos-", "x-ci-", "pic-operations"), HEADERS, writing.META)
    OPERATION.set(f"COS {call.method} {level(call).split()[-1]}" + (f"?{subresource}" if subresource else ""))
    if call.bucket:
        _there(context, call, operation.handler is buckets.create)
    if call.key:
        names.check_key(call.key)
    if operation.handler is writing.put and call.header("x-cos-copy-source"):
        return writing.copy
    return operation.handler


def _there(context: Context, call: Call, created: bool) -> None:
    if call.endpoint.partition(":")[0] != f"cos.{context.region}.myqcloud.com":
        raise Refusal("NoSuchBucket", f"All buckets of the emulator are in {context.region}.")
    if not created:
        context.bucket(call)


def _id(size: int) -> str:
    return base64.b64encode(secrets.token_hex(size // 2).encode()).decode()
