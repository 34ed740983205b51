"""The service's door: checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from aiohttp import web

from emulator.aliyun.imm import auth, errors, labels
from emulator.aliyun.oss.names import ARCHIVED
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION, Detect
from emulator.objectstore.call import Call, read
from emulator.objectstore.context import Context
from emulator.objectstore.refusal import Refusal
from emulator.objectstore.store import Store

VERSION = "2020-09-30"
PROJECT = "imagelabels"
RATE = 100.0
"""Requests per second that a project takes unless the vendor was asked for more (ProjectQueriesPerSecond)."""
FORM = "application/x-www-form-urlencoded"
PARAMETERS = frozenset({"CredentialConfig", "ProjectName", "SourceURI", "Threshold"})
"""All of DetectImageLabels. CredentialConfig changes nothing: the one account here may read all buckets."""
LARGEST_BODY = 1024 * 1024
"""Bytes; what the gateway takes is on no page."""

log = logging.getLogger(__name__)


class Service:
    """One project, which may read every bucket of `store`, that of OSS. `clock` gives seconds since the epoch."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        detect: Detect | None = None,
        project: str = PROJECT,
        rate: float = RATE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._context = Context(store, detect, None, "", clock, ARCHIVED)
        self._gate = auth.Gate(keyring, clock)
        self._project, self._rate, self._clock = project, rate, clock
        self._second, self._asked = 0, 0

    async def answer(self, request: web.Request, endpoint: str) -> web.Response:
        """The answer to a request; `endpoint` is the host that it came to."""
        call = replace(read(request, "", endpoint), request_id=str(uuid.uuid4()).upper())
        status = 200
        try:
            body = await self._answer(call)
        except Refusal as refusal:
            status, body = errors.status(refusal), errors.render(refusal, endpoint, call.request_id)
        except Exception:
            log.exception("%s failed, request id %s", call.header("x-acs-action"), call.request_id)
            status, body = 500, errors.render(Refusal("InternalError"), endpoint, call.request_id)
        headers = {"Content-Type": "application/json;charset=utf-8", "x-acs-request-id": call.request_id}
        return web.Response(status=status, headers=headers, body=body)

    async def _answer(self, call: Call) -> bytes:
        action = call.header("x-acs-action")
        path = call.request.raw_path.partition("?")[0]
        if path != "/":
            raise _no_action(f"{call.method} {path}")
        sent = await _body(call)
        self._gate.check(call, sent)
        if action != "DetectImageLabels" or call.method != "POST":
            raise _no_action(f"{call.method} with the action {action}")
        if call.header("x-acs-version") != VERSION:
            raise Refusal("InvalidVersion")
        OPERATION.set(f"IMM {action}")
        params = call.query
        if call.header("content-type").startswith(FORM):
            params |= dict(parse_qsl(sent.decode(errors="surrogateescape"), errors="surrogateescape"))
        elif sent:
            raise errors.bad("Content-Type", f"must be {FORM} where the request has a body")
        if unknown := params.keys() - PARAMETERS:
            raise errors.bad(min(unknown), "is not known to the emulator's DetectImageLabels")
        if not params.get("ProjectName"):
            raise errors.bad("ProjectName", "is required but not provided")
        if params["ProjectName"] != self._project:
            raise Refusal("ResourceNotFound.Project")
        self._count()
        return await labels.detect(self._context, params, call.request_id)

    def _count(self) -> None:
        """Refusal for a request too many: the count begins anew each second."""
        if (second := int(self._clock())) != self._second:
            self._second, self._asked = second, 0
        self._asked += 1
        if self._asked > self._rate:
            raise Refusal("Throttling.User")


def ours(request: web.Request) -> bool:
    """Whether a request that names no bucket is signed as for IMM; so are those for the vendor's other services."""
    return "x-acs-action" in request.headers or request.headers.get("Authorization", "").startswith("ACS3-")


async def _body(call: Call) -> bytes:
    body = bytearray()
    async for chunk in call.chunks():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Refusal("RequestEntityTooLarge")
    return bytes(body)


def _no_action(asked: str) -> Refusal:
    return Refusal("InvalidAction.NotFound", f"The emulator does not have this operation: {asked}")
