"""The service's door: checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web

from emulator.keyring import Keyring
from emulator.objectstore.call import Call, read
from emulator.objectstore.context import Context, checks_again
from emulator.objectstore.refusal import Refusal, not_built
from emulator.objectstore.reply import Reply, send
from emulator.oss import auth, buckets, errors, listing, names, objects, process, tagging, writing
from emulator.oss.names import ARCHIVED
from emulator.oss.signing import SUBRESOURCES
from emulator.parts import OPERATION, Detect, OnChange
from emulator.store import Store

Handler = Callable[[Context, Call], Awaitable[Reply]]

NEUTRAL = frozenset(
    {name for name in SUBRESOURCES if name.startswith(("response-", "x-oss-ac-"))}
    | {"continuation-token", "security-token", "x-oss-request-payer", "x-oss-traffic-limit"}
)
"""Part of a V1 resource, but not a choice of operation."""
CHOICES = SUBRESOURCES - NEUTRAL

SERVICE: dict[tuple[str, str], Handler] = {("GET", ""): buckets.list_all}
BUCKET: dict[tuple[str, str], Handler] = {
    ("GET", ""): listing.objects,
    ("GET", "acl"): buckets.acl,
    ("GET", "bucketInfo"): buckets.info,
    ("GET", "live"): buckets.channels,
    ("GET", "location"): buckets.location,
    ("GET", "uploads"): buckets.uploads,
    ("GET", "versions"): listing.versions,
    ("PUT", ""): buckets.create,
    ("DELETE", ""): buckets.delete,
    ("POST", "delete"): buckets.delete_objects,
}
OBJECT: dict[tuple[str, str], Handler] = {
    ("GET", ""): objects.get,
    ("GET", "acl"): objects.acl,
    ("GET", "tagging"): tagging.get,
    ("GET", "x-oss-process"): process.processed,
    ("HEAD", ""): objects.head,
    ("HEAD", "objectMeta"): objects.meta,
    ("PUT", ""): writing.put,
    ("PUT", "tagging"): tagging.put,
    ("DELETE", ""): objects.delete,
    ("DELETE", "tagging"): tagging.delete,
}
BESIDE = frozenset(
    {
        "Expires",
        "OSSAccessKeyId",
        "Signature",
        "encoding-type",
        "x-oss-additional-headers",
        "x-oss-credential",
        "x-oss-date",
        "x-oss-expires",
        "x-oss-security-token",
        "x-oss-signature",
        "x-oss-signature-version",
    }
)
"""Parameters that a write may carry besides its choice. Any other could name an operation newer than these tables, and
a PUT taken for a plain one would overwrite the object."""

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
            self._gate.check(call)
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
    level, table = (
        ("an object", OBJECT) if call.key else ("a bucket", BUCKET) if call.bucket else ("the service", SERVICE)
    )
    given = {name for name, value in call.params if not (name == "versionId" and value == "null")}
    chosen = given & CHOICES if call.method in ("GET", "HEAD") else given - NEUTRAL - BESIDE
    operation = "&".join(sorted(chosen))
    handler = table.get((call.method, operation))
    if handler is None:
        raise not_built(f"{call.method} ?{operation} on {level}" if operation else f"{call.method} on {level}")
    OPERATION.set(f"OSS {call.method} {level.split()[-1]}" + (f"?{operation}" if operation else ""))
    if call.bucket and call.method != "PUT":
        context.bucket(call)
    if call.key:
        names.check_key(call.key)
    if handler is writing.put and call.header("x-oss-copy-source"):
        return writing.copy
    return handler
