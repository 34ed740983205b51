"""The API of Function Compute that invokes functions, for the vendor's clients.

It checks who calls, finds the function, and turns whatever happens into an answer.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Sequence

from aiohttp import web

from emulator.aliyun.fc import async_tasks, configs, errors, invocations
from emulator.aliyun.fc.version2 import Version2
from emulator.aliyun.fc.version3 import Version3
from emulator.aliyun.fc.versions import INVOKE, ApiVersion
from emulator.core import request_log
from emulator.core.admission import admitted
from emulator.core.http_request import read_body, received
from emulator.core.keyring import Keyring
from emulator.core.parts import OPERATION
from emulator.core.refusal import Refusal
from emulator.core.service import Host
from emulator.functions.running import RunningFunction

LARGEST_CONFIG = 64 * 1024
"""The body of a request that sets something may have so many bytes here. The largest that makes sense has some 500."""

log = logging.getLogger(__name__)


class FunctionComputeService:
    """The endpoint of Function Compute. `functions` are those of all clouds. `clock` gives seconds since the epoch."""

    host_names = ""

    def __init__(
        self, functions: Sequence[RunningFunction], keyring: Keyring, clock: Callable[[], float] = time.time
    ) -> None:
        self._functions, self._clock = functions, clock
        self._versions: Sequence[ApiVersion] = (Version3(keyring, clock), Version2(keyring, clock))

    def owns(self, host_name: str) -> bool:
        return False

    def recognises(self, request: web.Request, host: Host) -> bool:
        """Take what is signed for a version of the API and has its path. Paths of OSS may begin alike."""
        version = self._version(request.raw_path)
        if host.label or version is None:
            return False
        authorization = request.headers.get("Authorization", "")
        unsigned = not authorization and request.raw_path.partition("?")[0].endswith("/invocations")
        return unsigned or version.signed(authorization, [name.lower() for name in request.headers])

    def _version(self, raw_path: str) -> ApiVersion | None:
        return next((version for version in self._versions if raw_path.startswith(version.prefix)), None)

    async def answer(self, request: web.Request, host: Host) -> web.StreamResponse:
        request_id, version = str(uuid.uuid4()), self._version(request.raw_path)
        assert version is not None
        request_log.note("FC", lambda: request.raw_path.partition("?")[0], request_id)
        try:
            return await self._answer(version, request, request_id)
        except Refusal as error:
            refusal = errors.translated(error, request.headers.get("Authorization", ""))
        except Exception:
            log.exception("an invocation failed, request id %s", request_id)
            refusal = Refusal("InternalServerError")
        request_log.note_refusal(refusal, errors.TABLE.message(refusal))
        code = version.codes.get(refusal.code, refusal.code)
        return web.Response(
            status=errors.TABLE.status(refusal),
            body=json.dumps(version.document(code, errors.TABLE.message(refusal), request_id)).encode(),
            headers={"X-Fc-Request-Id": request_id},
            content_type="application/json",
        )

    async def _answer(self, version: ApiVersion, request: web.Request, request_id: str) -> web.Response:
        path, asked = received(request, request_id)
        version.check_head(asked, path)
        addressed = version.addressed(self._functions, asked, path)
        function, invokes = addressed.function, addressed.operation == INVOKE
        OPERATION.set(f"FC {addressed.operation}")
        invocation = invocations.read(asked, version) if invokes else None
        limit = invocation.limit if invocation is not None else LARGEST_CONFIG
        body = await read_body(request, limit, errors.too_large(limit), errors.incomplete_body())
        version.check_body(asked, body)
        name = function.deployed.function.name
        await admitted("", name, lambda: version.check_head(asked, path), "ResourceExhausted")
        if invocation is not None:
            return await invocations.invoke(function, invocation, body, request_id)
        if addressed.operation in async_tasks.OPERATIONS:
            return _written(await async_tasks.answer(addressed, version, asked.query), request_id)
        return _written(await configs.answer(addressed, version.switch_of_tasks, body, self._clock()), request_id)


def _written(document: dict[str, object] | None, request_id: str) -> web.Response:
    """Return the answer with a document, or the one that has none."""
    headers = {"X-Fc-Request-Id": request_id}
    if document is None:
        return web.Response(status=204, headers=headers)
    body = json.dumps(document, ensure_ascii=False).encode()
    return web.Response(body=body, headers=headers, content_type="application/json")
