"""The service IMM: it checks who calls, finds the operation, and turns whatever happens into an answer."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from urllib.parse import parse_qsl

from aiohttp import web

from emulator.aliyun import acs
from emulator.aliyun.imm import bindings, errors, labels
from emulator.aliyun.oss.dialect import OSS
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.http_request import HttpRequest, read_body, received
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION, Detect
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.objectstore.context import StoreContext
from emulator.objectstore.store import ObjectStore

VERSION = "2020-09-30"
PROJECT = "imagelabels"
RATE = 100.0
"""A project takes so many requests per second, unless the vendor has granted more (ProjectQueriesPerSecond)."""
FORM = "application/x-www-form-urlencoded"
PARAMETERS = {
    "DetectImageLabels": frozenset({"CredentialConfig", "ProjectName", "SourceURI", "Threshold"}),
    "GetProject": frozenset({"ProjectName", "WithStatistics"}),
    **bindings.PARAMETERS,
}
"""The parameters of each operation. CredentialConfig changes nothing: the one account here may read all buckets."""
# Unproven largest-imm-body: A request to IMM may have a body of 1 MB.
# Why: no page tells what the gateway takes.
# Ask: call GetProject with a body of 1,048,577 bytes: status and code.
LARGEST_BODY = 1024 * 1024
"""A body may have so many bytes."""

log = logging.getLogger(__name__)


class ImmService:
    """The endpoint of IMM. It has one project, which may read every bucket of `store`, the store of OSS.

    `clock` gives seconds since the epoch.
    """

    host_names = ""

    def __init__(
        self,
        store: ObjectStore,
        keyring: Keyring,
        detect: Detect | None = None,
        project: str = PROJECT,
        rate: float = RATE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._context = StoreContext(store, OSS, detect, None, "", clock)
        self._gate = acs.AcsGate(keyring, clock)
        self._project, self._rate, self._clock = project, rate, clock
        self._second, self._requests = 0, 0
        self.bindings = bindings.Bindings(store, clock)

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take what is signed for the gateway of IMM. The vendor's other services sign alike, and are not built."""
        signed = request.headers.get("Authorization", "").startswith("ACS3-")
        return not host.label and (signed or "x-acs-action" in request.headers)

    async def answer(self, request: web.Request, host: Host) -> web.Response:
        path, asked = received(request, str(uuid.uuid4()).upper())
        request_id, status = asked.request_id, 200
        request_log.note("IMM", lambda: asked.header("x-acs-action"), request_id)
        try:
            body = await self._answer(asked, path)
        except Refusal as refusal:
            status, body = _refused(refusal, host, request_id)
        except Exception:
            log.exception("%s failed, request id %s", asked.header("x-acs-action"), request_id)
            status, body = _refused(Refusal("InternalError"), host, request_id)
        headers = {"Content-Type": "application/json;charset=utf-8", "x-acs-request-id": request_id}
        return web.Response(status=status, headers=headers, body=body)

    async def _answer(self, asked: HttpRequest, path: str) -> bytes:
        action = asked.header("x-acs-action")
        if path != "/":
            raise _no_action(f"{asked.method} {path}")
        incomplete = Refusal("InvalidArgument", "The body ended before its length was reached.")
        body = await read_body(asked.request, LARGEST_BODY, Refusal("RequestEntityTooLarge"), incomplete)
        self._gate.check(asked)
        acs.check_body(asked, body)
        if action not in PARAMETERS or asked.method != "POST":
            raise _no_action(f"{asked.method} with the action {action}")
        if asked.header("x-acs-version") != VERSION:
            raise Refusal("InvalidVersion")
        OPERATION.set(f"IMM {action}")
        params = _parameters(asked, body, action)
        if "ProjectName" in PARAMETERS[action] and params["ProjectName"] != self._project:
            raise Refusal("ResourceNotFound.Project")
        self._count()
        bucket, _, key = params.get("SourceURI", "").removeprefix("oss://").partition("/")
        await admitted(bucket, key, lambda: self._gate.check(asked), "Throttling.User")
        if action == "GetProject":
            return self._described(asked.request_id)
        if action in bindings.PARAMETERS:
            return self.bindings.answer(action, params, asked.request_id)
        return await labels.detect(self._context, params, asked.request_id)

    def _described(self, request_id: str) -> bytes:
        """https://www.alibabacloud.com/help/en/imm/developer-reference/api-imm-2020-09-30-getproject."""
        project = {"ProjectName": self._project, "ProjectQueriesPerSecond": int(self._rate)}
        return json.dumps({"RequestId": request_id, "Project": project}).encode()

    def _count(self) -> None:
        """Count the request, and refuse it if it is one too many in this second."""
        if (second := int(self._clock())) != self._second:
            self._second, self._requests = second, 0
        self._requests += 1
        if self._requests > self._rate:
            raise Refusal("Throttling.User")


def _refused(refusal: Refusal, host: Host, request_id: str) -> tuple[int, bytes]:
    """Return the status and the body with which a request is refused."""
    request_log.note_refusal(refusal, errors.TABLE.message(refusal))
    return errors.TABLE.status(refusal), errors.render(refusal, host.address, request_id)


def _parameters(asked: HttpRequest, body: bytes, action: str) -> dict[str, str]:
    """Return the parameters, which are in the address or in a form. Unknown ones are refused by name."""
    params = asked.query
    if asked.header("content-type").startswith(FORM):
        params |= dict(parse_qsl(body.decode(errors="surrogateescape"), errors="surrogateescape"))
    elif body:
        raise errors.invalid_parameter("Content-Type", f"must be {FORM} where the request has a body")
    if unknown := params.keys() - PARAMETERS[action]:
        raise errors.invalid_parameter(min(unknown), f"is not known to the emulator's {action}")
    if "ProjectName" in PARAMETERS[action] and not params.get("ProjectName"):
        raise errors.invalid_parameter("ProjectName", "is required but not provided")
    return params


def _no_action(request: str) -> Refusal:
    return Refusal("InvalidAction.NotFound", f"The emulator does not have this operation: {request}")
