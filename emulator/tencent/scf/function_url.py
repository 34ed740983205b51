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

from emulator.core import request_log
from emulator.core.refusal import Refusal
from emulator.functions import url_answers
from emulator.functions.function import Answer, Ending, Function
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
        """The host name. Its letters are made from the function's name, so every start has the same."""
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
        except Busy as busy:
            return _failed(results.busy_error(request_id, self.function, *busy.args), request_id)
        except Refusal as refusal:
            # Unproven refusals-of-scf-url: A request that does not reach the function is answered 413 if it is too
            #   large and 400 if it is not complete, with a document as for the errors of functions.
            # Why: no page tells what the client gets.
            # Ask: POST 7 MB to the URL of a function, and POST 5 bytes with Content-Length 10: status and body.
            return _failed(results.error(request_id, int(refusal.code), refusal.message), request_id)
        except Exception:  # A fault of the emulator must not end the connection without an answer.
            log.exception("a request to the URL of %s failed, request id %s", self.function.name, request_id)
            return _failed(results.error(request_id, 500, "InternalError"), request_id)


# Unproven odd-parts-of-scf-request: Each byte that is not UTF-8 is replaced, and the values of a parameter that comes
#   twice are joined by commas.
# Why: the page shows neither.
# Ask: POST the bytes FF FE with ?a=1&a=2 to the URL of a function that returns its event: body and queryString.
def _event(call: UrlCall, body: bytes) -> bytes:
    """Return the event, which has no sign of a body that is not text."""
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
        return _failed(failure, answer.request_id, answer.reason if answer.ending is Ending.RAISED else "")
    try:
        described = url_answers.read(_unquoted(answer.body))
    except url_answers.Malformed as error:
        # Unproven malformed-scf-answer: An answer of a function that HTTP cannot carry becomes the status 502.
        # Why: no page tells what it becomes.
        # Ask: GET the URL of a function that returns {"statusCode": "x"}, and of one that returns a header "a b":
        #   status and body.
        return _failed(results.error(answer.request_id, 502, f"invalid HTTP response: {error}"), answer.request_id)
    headers = CIMultiDict(described.headers)
    headers["X-Scf-Request-Id"] = answer.request_id
    if described.status >= 400:
        request_log.note_reason(url_answers.ITS_OWN)
    return web.Response(status=described.status, headers=headers, body=described.body)


# Unproven quotes-of-text: A text that a function returns becomes the body without quotes.
# Why: no page tells whether the quotes stay.
# Ask: GET the URL of a function that returns "a": the body.
def _unquoted(result: bytes) -> bytes:
    """Return the text that a function returned, without its quotes."""
    value = json.loads(result)
    return value.encode("utf-8", "replace") if isinstance(value, str) else result


# Unproven status-of-scf-error: The status of a failure is the number of the error, such as 430 for an exception.
# Why: the page has the numbers, and does not say that they are statuses here.
# Ask: GET the URLs of a function that raises, of one that takes too long, and of one that ends its process: the status.
def _failed(error: Mapping[str, object], request_id: str, reason: str = "") -> web.Response:
    """Return the answer to a request that failed. The log of requests tells `reason`, or else the error's message."""
    request_log.note_reason(reason or str(error["errorMessage"]))
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
