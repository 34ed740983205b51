"""The API of Serverless Cloud Function that invokes functions, for the vendor's clients.

It checks who calls, finds the function, and turns whatever happens into an answer.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Sequence

from aiohttp import web

from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.http_request import HttpRequest, read_body, received
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.functions.running import RunningFunction
from emulator.functions.runtime import Busy
from emulator.tencent.scf import auth, control_calls, errors, parameters, results

API_VERSION = "2018-04-16"
RATES = {"Invoke": 100.0, "InvokeFunction": 10_000.0, **dict.fromkeys(control_calls.PARAMETERS, 20.0)}
"""The vendor takes so many requests per second of each operation. The pages on the operations have these limits."""
LARGEST_BODY = 10 * 1024 * 1024
"""A request may have so many bytes: https://cloud.tencent.com/document/product/1278/46710."""

log = logging.getLogger(__name__)


class ScfService:
    """The endpoint of SCF. `functions` are those of all clouds. It takes every region for the one that it has.

    `rates` are the requests per second of each operation. `clock` gives seconds since the epoch.
    """

    host_names = ""

    def __init__(
        self,
        functions: Sequence[RunningFunction],
        keyring: Keyring,
        rates: dict[str, float] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._functions, self._rates, self._clock = functions, {**RATES, **(rates or {})}, clock
        self._gate = auth.Tc3Gate(keyring, clock)
        self._second, self._requests = 0, dict.fromkeys(self._rates, 0)

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take what is signed for the vendor's API. Its other services are signed alike, and are not built."""
        signed = request.headers.get("Authorization", "").startswith("TC3-")
        return not host.label and (signed or "x-tc-action" in request.headers)

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        request_id = str(uuid.uuid4())
        request_log.note("SCF", lambda: request.headers.get("X-TC-Action", ""), request_id)
        try:
            response = await self._answer(request, request_id)
        except Refusal as refusal:
            response = _refused(refusal)
        except Exception:
            log.exception("an invocation failed, request id %s", request_id)
            response = _refused(Refusal("InternalError"))
        # The client looks for errors only where the type is this one, without a charset.
        return web.Response(
            body=json.dumps({"Response": {**response, "RequestId": request_id}}).encode(),
            content_type="application/json",
        )

    async def _answer(self, request: web.Request, request_id: str) -> dict[str, object]:
        path, asked = received(request, request_id)
        if request.method != "POST" or path != "/" or asked.params:
            raise Refusal("UnsupportedProtocol")
        signature = self._gate.check_head(asked)
        incomplete = Refusal("InvalidParameter", "The body ended before its length was reached.")
        body = await read_body(request, LARGEST_BODY, Refusal("RequestSizeLimitExceeded"), incomplete)
        self._gate.check_body(asked, signature, body)
        action = _action(asked)
        OPERATION.set(f"SCF {action}")
        self._count(action)
        if action in control_calls.PARAMETERS:
            params = control_calls.read(action, body)
            name = params.get("FunctionName", "")
            await admitted("", name, lambda: self._gate.check_head(asked), "RequestLimitExceeded")
            if not name:
                return await control_calls.answer(action, self._functions, params)
            return await control_calls.answer(action, [self._function(name)], params)
        invocation = parameters.read(action, body)
        await admitted("", invocation.function, lambda: self._gate.check_head(asked), "RequestLimitExceeded")
        return {"Result": await _invoked(self._function(invocation.function), invocation)}

    def _count(self, action: str) -> None:
        """Count the request, and refuse it if it is one too many in this second."""
        if (second := int(self._clock())) != self._second:
            self._second, self._requests = second, dict.fromkeys(self._rates, 0)
        self._requests[action] += 1
        if self._requests[action] > self._rates[action]:
            raise Refusal("RequestLimitExceeded")

    def _function(self, name: str) -> RunningFunction:
        for function in self._functions:
            if function.deployed.platform.cloud == "tencent" and function.deployed.function.name == name:
                return function
        raise Refusal("ResourceNotFound.FunctionName")


def _refused(refusal: Refusal) -> dict[str, object]:
    """Return what the answer has in place of a result."""
    request_log.note_refusal(refusal, errors.TABLE.message(refusal))
    return errors.document(refusal)


def _action(asked: HttpRequest) -> str:
    action = asked.header("x-tc-action")
    if not action:
        raise Refusal("MissingParameter", "The header X-TC-Action is missing.")
    if action not in parameters.EVENTS and action not in control_calls.PARAMETERS:
        raise Refusal("InvalidAction", f"The emulator does not have this operation: {action[:100]}")
    if asked.header("x-tc-version") != API_VERSION:
        raise Refusal("NoSuchVersion")
    return action


async def _invoked(function: RunningFunction, asked: parameters.Invocation) -> dict[str, object]:
    if not asked.waits or function.deployed.function.settings.never_waits:
        return results.queued(function.queue.enqueue(asked.event))
    request_id = str(uuid.uuid4())
    try:
        answer = await function.runtime.invoke_now(asked.event, request_id, asked.with_log)
    except Busy as busy:
        error = results.busy_error(request_id, function.deployed.function, *busy.args)
        request_log.note_refusal(Refusal(str(error["statusCode"])), str(error["errorMessage"]))
        return results.failed(request_id, error)
    return results.of_answer(answer, function.deployed.function)
