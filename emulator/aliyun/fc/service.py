"""The API of Function Compute that invokes functions, for the vendor's clients.

It checks who calls, finds the function, and turns whatever happens into an answer.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Sequence

from aiohttp import ClientPayloadError, web

from emulator.aliyun import acs
from emulator.aliyun.fc import errors, invocations
from emulator.core.http_request import HttpRequest, headers_of, read_body, split
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.functions.running import RunningFunction

INVOCATIONS = re.compile(r"/2023-03-30/functions/([^/]+)/invocations")
"""The decoded path of an invocation, which has the name of the function."""

log = logging.getLogger(__name__)


class FunctionComputeService:
    """The endpoint of Function Compute. `functions` are those of all clouds. `clock` gives seconds since the epoch."""

    host_names = ""

    def __init__(
        self, functions: Sequence[RunningFunction], keyring: Keyring, clock: Callable[[], float] = time.time
    ) -> None:
        self._functions = functions
        self._gate = acs.AcsGate(keyring, clock)

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take requests below the version of the API that have its signature, and unsigned ones for invocations."""
        if host.label or not request.raw_path.startswith("/2023-03-30/"):
            return False
        authorization = request.headers.get("Authorization", "")
        unsigned = not authorization and request.raw_path.partition("?")[0].endswith("/invocations")
        return authorization.startswith("ACS3-") or "x-acs-action" in request.headers or unsigned

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        request_id = str(uuid.uuid4())
        try:
            return await self._answer(request, request_id)
        except Refusal as error:
            refusal = error
        except Exception:
            log.exception("%s failed, request id %s", request.path, request_id)
            refusal = Refusal("InternalServerError")
        return web.Response(
            status=errors.TABLE.status(refusal),
            body=errors.render(refusal, request_id),
            headers={"X-Fc-Request-Id": request_id},
            content_type="application/json",
        )

    async def _answer(self, request: web.Request, request_id: str) -> web.Response:
        path, params = split(request.raw_path)
        received = HttpRequest(
            method=request.method,
            params=params,
            headers=headers_of(request),
            remote=request.remote or "",
            request=request,
            request_id=request_id,
        )
        self._check_signature(received)
        address = INVOCATIONS.fullmatch(path)
        if address is None or request.method != "POST":
            raise Refusal("PathNotSupported", f"'{request.method}' against '{path[:200]}' is not supported")
        OPERATION.set("FC InvokeFunction")
        function, kind = self._function(address[1]), invocations.invocation_type(received)
        if unknown := received.query.keys() - {"qualifier"}:
            raise Refusal("InvalidArgument", f"The emulator's InvokeFunction does not take {min(unknown)[:100]}.")
        invocations.qualified(received.query.get("qualifier", ""), f"function '{address[1]}'")
        limit = invocations.LIMITS[kind]
        try:
            event = await read_body(request, limit, errors.too_large(limit))
        except (ClientPayloadError, ConnectionError):
            raise Refusal("InvalidArgument", "The body ended before its length was reached.") from None
        self._check_body(received, event)
        return await invocations.invoke(function, kind, event, request_id)

    def _check_signature(self, received: HttpRequest) -> None:
        try:
            self._gate.check(received, received.request.raw_path.partition("?")[0])
        except Refusal as refusal:
            authorization = received.header("authorization")
            raise errors.translated(refusal, acs.key_id(authorization), authorization) from None

    def _check_body(self, received: HttpRequest, event: bytes) -> None:
        try:
            acs.check_body(received, event)
        except Refusal:
            raise Refusal("SignatureNotMatch") from None

    def _function(self, name: str) -> RunningFunction:
        for function in self._functions:
            if function.deployed.platform.cloud == "aliyun" and function.deployed.function.name == name:
                return function
        raise Refusal("FunctionNotFound", f"function '{name[:100]}' does not exist")
