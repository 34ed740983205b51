"""The service's door: checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import base64
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from aiohttp import web

from emulator.cos import REGION, auth, buckets, errors, labels, listing, names, objects, tagging, writing
from emulator.cos.context import Context
from emulator.keyring import Keyring
from emulator.objectstore.call import Call, read
from emulator.objectstore.context import checks_again
from emulator.objectstore.refusal import Refusal, not_built
from emulator.objectstore.reply import Reply, send
from emulator.parts import OPERATION, Detect, OnChange
from emulator.store import Store

Handler = Callable[[Context, Call], Awaitable[Reply]]

SERVICE: dict[tuple[str, str], Handler] = {("GET", ""): buckets.list_all}
BUCKET: dict[tuple[str, str], Handler] = {
    ("GET", ""): listing.objects,
    ("GET", "acl"): buckets.acl,
    ("GET", "ci-process"): labels.detect,
    ("GET", "location"): buckets.location,
    ("GET", "uploads"): buckets.uploads,
    ("GET", "versions"): listing.versions,
    ("HEAD", ""): buckets.head,
    ("PUT", ""): buckets.create,
    ("DELETE", ""): buckets.delete,
    ("POST", "delete"): buckets.delete_objects,
}
OBJECT: dict[tuple[str, str], Handler] = {
    ("GET", ""): objects.get,
    ("GET", "acl"): objects.acl,
    ("GET", "ci-process"): labels.detect,
    ("GET", "tagging"): tagging.get,
    ("HEAD", ""): objects.head,
    ("PUT", ""): writing.put,
    ("PUT", "tagging"): tagging.put,
    ("DELETE", ""): objects.delete,
    ("DELETE", "tagging"): tagging.delete,
}

_CHOICES_WORDS = (
    "accelerate acl append asyncfetch ci-process cors domain domaincertificate encryption exif imageAve imageInfo "
    "imageMogr2 imageView2 intelligent-tiering intelligenttiering inventory legal-hold lifecycle live location logging "
    "notification object-lock origin policy referer replication restore retention select sym symlink tagging torrent "
    "uploadId uploads versionId versioning versions watermark website"
)
CHOICES = frozenset(_CHOICES_WORDS.split())
"""Parameters of a GET or HEAD that choose an operation; of those with a slash, what stands before it."""
BESIDE = frozenset({*auth.FIELDS, auth.TOKEN, "encoding-type"})
"""Parameters that a write may carry besides its choice. Any other could name an operation that is not built, and a PUT
taken for a plain one would overwrite the object."""

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
    level, table = (
        ("an object", OBJECT) if call.key else ("a bucket", BUCKET) if call.bucket else ("the service", SERVICE)
    )
    given = {name.partition("/")[0] for name, value in call.params}
    chosen = given & CHOICES if call.method in ("GET", "HEAD") else given - BESIDE
    operation = "&".join(sorted(chosen))
    handler = table.get((call.method, operation))
    if handler is None:
        raise not_built(f"{call.method} ?{operation} on {level}" if operation else f"{call.method} on {level}")
    OPERATION.set(f"COS {call.method} {level.split()[-1]}" + (f"?{operation}" if operation else ""))
    if call.bucket:
        _there(context, call, handler is buckets.create)
    if call.key:
        names.check_key(call.key)
    if handler is writing.put and call.header("x-cos-copy-source"):
        return writing.copy
    return handler


def _there(context: Context, call: Call, created: bool) -> None:
    if call.endpoint.partition(":")[0] != f"cos.{context.region}.myqcloud.com":
        raise Refusal("NoSuchBucket", f"All buckets of the emulator are in {context.region}.")
    if not created:
        context.bucket(call)


def _id(size: int) -> str:
    return base64.b64encode(secrets.token_hex(size // 2).encode()).decode()
