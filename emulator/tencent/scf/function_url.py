"""The URL of a function: the event that it makes of a request, and what the client gets.

https://cloud.tencent.com/document/product/583/96099
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from emulator.core.refusal import Refusal
from emulator.functions import url_answers
from emulator.functions.function import Answer, Function
from emulator.functions.runtime import Busy
from emulator.functions.url_trigger import UrlCall
from emulator.tencent.account import APPID, REGION
from emulator.tencent.scf import results

OPEN = "NONE"
LARGEST = 6 * 1024 * 1024
"""An event may have so many bytes: https://cloud.tencent.com/document/product/583/11637."""
SIGNS = "abcdefghijklmnopqrstuvwxyz0123456789"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FunctionUrl:
    """The URL of one function, which anybody may call."""

    function: Function

    @classmethod
    def parse(cls, function: Function, fields: Mapping[str, Any]) -> FunctionUrl:
        """Return the URL. ValueError says why there cannot be such a URL."""
        if (auth := fields.get("auth", OPEN)) != OPEN:
            raise ValueError(f"auth is {OPEN}: the emulator has no authentication {auth!r} of function URLs")
        if "methods" in fields:
            raise ValueError("methods is for aliyun: the function URLs of tencent take every method")
        return cls(function)

    @property
    def host(self) -> str:
        """The host name. Its last letters are invented, and the same at every start."""
        digest = hashlib.sha256(self.function.name.encode()).digest()
        return f"{APPID}-{''.join(SIGNS[byte % len(SIGNS)] for byte in digest[:10])}.{REGION}.tencentscf.com"

    async def answer(self, call: UrlCall) -> web.Response:
        request_id = call.asked.request_id
        try:
            body = await call.body(
                LARGEST,
                Refusal("413", f"The size of request exceeds the upper limit ({LARGEST} bytes)"),
                Refusal("400", "The body of the request is not complete"),
            )
            event = _event(call, body)
            return _response(await call.invoke(event, None), self.function)
        except Busy:
            return _failed(results.busy_error(request_id, self.function), request_id)
        except Refusal as refusal:
            # No page tells what a client gets whose request does not reach the function: it is invented.
            return _failed(results.error(request_id, int(refusal.code), refusal.message), request_id)
        except Exception:
            log.exception("a request to the URL of %s failed, request id %s", self.function.name, request_id)
            return _failed(results.error(request_id, 500, "InternalError"), request_id)


def _event(call: UrlCall, body: bytes) -> bytes:
    """Return the event, which has no sign of a body that is not text.

    No page tells what becomes of bytes that are not UTF-8, and of a parameter that comes twice. Here each such byte is
    replaced, and the values are joined by commas.
    """
    asked = call.asked
    query: dict[str, list[str]] = {}
    for name, value in asked.params:
        query.setdefault(_printable(name), []).append(_printable(value))
    event = {
        "body": body.decode("utf-8", "replace"),
        "headers": {
            **{name: _printable(value) for name, value in asked.headers.items()},
            "x-scf-remote-addr": asked.remote,
        },
        "httpMethod": asked.method,
        "path": call.path,
        "queryString": {name: ",".join(values) for name, values in query.items()},
    }
    return json.dumps(event, ensure_ascii=False).encode()


def _response(answer: Answer, function: Function) -> web.Response:
    failure = results.failure(answer, function)
    if failure is not None:
        return _failed(failure, answer.request_id)
    try:
        described = url_answers.read(_unquoted(answer.body))
    except url_answers.Malformed as error:
        return _failed(results.error(answer.request_id, 502, f"invalid HTTP response: {error}"), answer.request_id)
    headers = CIMultiDict(described.headers)
    headers["X-Scf-Request-Id"] = answer.request_id
    return web.Response(status=described.status, headers=headers, body=described.body)


def _unquoted(result: bytes) -> bytes:
    """Return the text that a function returned, without its quotes. No page tells whether they stay: it is invented."""
    value = json.loads(result)
    return value.encode("utf-8", "replace") if isinstance(value, str) else result


def _failed(error: Mapping[str, object], request_id: str) -> web.Response:
    """Return the answer to a request that failed. No page says that its status is the number of the error."""
    number = error["statusCode"]
    assert isinstance(number, int)
    return web.Response(
        status=number,
        body=json.dumps(error, ensure_ascii=False).encode("utf-8", "replace"),
        headers={"X-Scf-Request-Id": request_id},
        content_type="application/json",
    )


def _printable(text: str) -> str:
    """Return the text with a sign in place of each byte that was not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
