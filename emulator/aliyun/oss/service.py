"""The service OSS: it checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from aiohttp import web

from emulator.aliyun.account import REGION
from emulator.aliyun.oss import (
    auth,
    errors,
    hotlinks,
    names,
    permissions,
    posting,
    regions,
    signing,
    website,
)
from emulator.aliyun.oss.dialect import OSS
from emulator.aliyun.oss.errors import OssRefusal
from emulator.aliyun.oss.tables import COPIES, ENCRYPTING, EVERYWHERE, HEADERS, TABLES, Handler
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.clock import real_time
from emulator.core.keyring import Keyring
from emulator.core.parts import Detect, OnChange
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.objectstore import access, aging, inventories, operations
from emulator.objectstore.call import Call, read, subject
from emulator.objectstore.context import RESTORE_SECONDS, StoreContext, checks_again
from emulator.objectstore.posting import is_form
from emulator.objectstore.refusals import not_built
from emulator.objectstore.reply import Reply, send
from emulator.objectstore.store import ObjectStore

BUSY = "TotalQpsLimitExceeded"
"""The code of requests that are too many: https://help.aliyun.com/en/oss/user-guide/http-status-code-503."""

log = logging.getLogger(__name__)


class OssService:
    """The endpoint of OSS. Buckets are in the `region` unless they are created at the host name of another one.

    `clock` gives seconds since the epoch.

    `tag_signature` is one of TAG_SIGNATURES. The restoring of an archived object takes `restore_seconds`. Signatures
    are judged by the real time, also if the `clock` is one that was moved forward.
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
        self._gate, self._other_key = auth.OssGate(keyring, region, real_time(clock)), keyring.other_account
        again = checks_again(tag_signature, self._gate.check)
        self._context = StoreContext(
            store,
            OSS,
            detect,
            on_change,
            region,
            clock,
            check_again=again,
            restore_seconds=restore_seconds,
            signature_clock=real_time(clock),
        )

    async def age(self) -> Mapping[str, int]:
        """Do what has fallen due as time has passed. Return what the lifecycle of the buckets did."""
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
                admitted_call = self._admit(call)
                hotlinks.check(self._context, admitted_call)
                handler = _handler(self._context, admitted_call)
                await admitted(call.bucket, call.key, lambda: self._admit(call), BUSY)
                reply = await handler(self._context, admitted_call)
        except Refusal as refusal:
            reply = refuse(refusal, call)
            if not self._gate.signed(call):
                reply = website.missing(self._context, call, refusal) or reply
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
        regions.check(self._context, call)
        self._context.bucket(call)
        await admitted(call.bucket, busy=BUSY)
        return await posting.post(self._context, call, self._gate)

    def _admit(self, call: Call) -> Call:
        """Raise a Refusal unless the gate lets the call in. Return the call, or that for the index page in its place.

        A client that asks for a bucket that does not exist is told so before it is told of an unknown key id. The
        vendor's own tests expect NoSuchBucket for reads and for settings of a bucket, and InvalidAccessKeyId where the
        bucket exists or will be created, and from PutBucketAcl.
        """
        if not self._gate.signed(call):
            _check_service(call)
            # Unproven anonymous-in-no-bucket: A request without a signature for a bucket that does not exist is
            #   answered as a signed one is, with 404 NoSuchBucket.
            # Why: no page tells whether a request without a signature learns that there is no bucket.
            # Ask: GET an object of a bucket that does not exist, without a signature: the status and the code.
            if call.bucket and (call.key or call.method != "PUT"):
                self._context.bucket(call)
            page = _page(self._context, call, signed=False)
            if access.open_to_all(self._context, page, ("x-oss-process",)):
                permissions.check_anonymous(self._context, page)
                return page
        try:
            key = self._gate.check(call)
        except Refusal as refusal:
            if refusal.code == "InvalidAccessKeyId" and call.bucket and _needs_bucket(call):
                self._context.bucket(call)
            raise
        page = _page(self._context, call, signed=True)
        if key is self._other_key:
            for named in (call, page):
                permissions.check_other_account(self._context, named)
        return page


def _page(context: StoreContext, call: Call, signed: bool) -> Call:
    """Return the call for the index page, if that is what the call gets, and else the call itself.

    A key that no object can have is refused before the store is asked for it.
    """
    if call.key:
        OSS.keys.check(call.key)
    return website.page(context, call, signed)


def _check_service(call: Call) -> None:
    """Refuse a URL that is signed for COS. It would look like a request for a bucket of OSS that nobody has signed."""
    if "q-sign-algorithm" in call.query:
        message = "This URL is signed for COS: sign it for the host name of COS, and send that as its Host."
        raise OssRefusal("AccessDenied", message, ec="")


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
        regions.check(context, call)
    if call.bucket and (call.key or call.method != "PUT"):
        context.bucket(call)
    if call.key:
        OSS.keys.check(call.key)
    handler = operation.handler
    if call.header("x-oss-copy-source"):
        handler = COPIES.get(handler, handler)
    elif "versionId" in call.query and handler in COPIES:
        # The vendor's SDK for Python names the version of a copy's source so too, and it means nothing elsewhere.
        raise not_built(f"{name}&versionId without x-oss-copy-source")
    header = OSS.encryption.algorithm
    if call.header(header) and handler not in ENCRYPTING:
        raise OssRefusal("InvalidArgument", f"This operation does not take the header {header}.", ec="0005-00000002")
    return handler
