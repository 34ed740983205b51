"""The HTTP trigger of a function: which requests it takes, and the event that it makes of one.

https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from aiohttp import web

from emulator.aliyun import acs
from emulator.aliyun.account import ACCOUNT, REGION
from emulator.aliyun.fc import errors, http_answers
from emulator.aliyun.fc.custom_runtime import CONTROL
from emulator.aliyun.fc.invocations import ASYNC, LIMITS, invocation_type
from emulator.core.refusal import Refusal
from emulator.functions.function import Function
from emulator.functions.runtime import Busy
from emulator.functions.url_trigger import UrlCall
from emulator.functions.web import WebRequest

ANONYMOUS, SIGNED = AUTHS = ("anonymous", "function")
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS")
LARGEST_PATH = 4 * 1024
LARGEST_HEADERS = 8 * 1024
"""These limits of a request are in bytes. The path has the query, and the headers count with their names:
https://help.aliyun.com/zh/functioncompute/fc/user-guide/http-triggers-overview."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXT = ("text/", "application/json", "application/xml", "application/javascript", "application/x-www-form-urlencoded")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """The trigger of one `function`. It takes requests of these `methods`, and signed ones only if `auth` says so."""

    function: str
    auth: str = ANONYMOUS
    methods: tuple[str, ...] = METHODS

    @classmethod
    def parse(cls, function: Function, fields: Mapping[str, Any]) -> HttpTrigger:
        """Return the trigger. ValueError says why there cannot be such a trigger."""
        auth, methods = fields.get("auth", ANONYMOUS), tuple(dict.fromkeys(fields.get("methods", METHODS)))
        if auth not in AUTHS:
            raise ValueError(f"auth is {' or '.join(AUTHS)}, not {auth!r}")
        if unknown := [method for method in methods if method not in METHODS]:
            raise ValueError(f"methods: no such method: {unknown[0]!r}; known are {', '.join(METHODS)}")
        if not methods:
            raise ValueError("methods is empty: the trigger needs at least one, such as GET")
        return cls(function.name, auth, methods)

    @property
    def prefix(self) -> str:
        """The first part of the host name. Its last letters are made from the name, so every start has the same."""
        digest = hashlib.sha256(self.function.encode()).digest()
        suffix = "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:10])
        return f"{self.function.lower().replace('_', '-')[:52]}-{suffix}"

    @property
    def host(self) -> str:
        return f"{self.prefix}.{REGION}.fcapp.run"

    async def answer(self, call: UrlCall) -> web.Response:
        request_id = call.asked.request_id
        try:
            return await self._answer(call)
        except Busy:
            return http_answers.refused(Refusal("ResourceExhausted"), request_id)
        except Refusal as refusal:
            return http_answers.refused(
                errors.translated(refusal, call.asked.header("authorization")) if self.auth == SIGNED else refusal,
                request_id,
            )
        except Exception:  # A fault of the emulator must not end the connection without an answer.
            log.exception("a request to the HTTP trigger of %s failed, request id %s", self.function, request_id)
            return http_answers.refused(Refusal("InternalServerError"), request_id)

    async def _answer(self, call: UrlCall) -> web.Response:
        asked, custom = call.asked, call.function.custom
        self._check(call)
        kind = invocation_type(asked)
        if "x-fc-async-task-id" in asked.headers:
            raise Refusal("InvalidArgument", "The emulator has no x-fc-async-task-id at HTTP triggers: leave it out.")
        if kind == ASYNC and custom:
            raise Refusal("InvalidArgument", "The emulator has no asynchronous requests to custom runtimes.")
        body = await call.body(LIMITS[kind], _too_large(LIMITS[kind]), errors.incomplete_body())
        if self.auth == SIGNED and "x-acs-content-sha256" in asked.headers:
            acs.check_body(asked, body)
        if custom:
            return http_answers.of_program(await call.invoke(b"", _request(call, body)), call)
        event = self.event(call, body)
        if kind == ASYNC:
            return web.Response(status=202, headers={"X-Fc-Request-Id": call.enqueue(event)})
        return http_answers.of_handler(await call.invoke(event, None), call)

    def _check(self, call: UrlCall) -> None:
        asked = call.asked
        if len(call.raw_path) + len(_query(call)) > LARGEST_PATH:
            raise Refusal("InvalidArgument", f"The path is longer than {LARGEST_PATH} bytes.")
        if sum(len(name) + len(value) for name, value in asked.request.raw_headers) > LARGEST_HEADERS:
            raise Refusal("InvalidArgument", f"The headers are larger than {LARGEST_HEADERS} bytes.")
        # Unproven refused-method: A method that the trigger does not have is refused with 403 AccessDenied.
        # Why: no page was found that has the code.
        # Ask: DELETE the URL of a function whose HTTP trigger has the method GET only: status, Code and Message.
        if asked.method not in self.methods:
            raise Refusal("AccessDenied", f"The HTTP trigger does not take the method {asked.method[:20]}.")
        if self.auth == SIGNED:
            acs.AcsGate(call.keyring, call.clock).check(asked, asked.request.raw_path.partition("?")[0], ())

    def event(self, call: UrlCall, body: bytes) -> bytes:
        """Return the event for the function."""
        asked, now = call.asked, call.clock()
        text = _text(asked.header("content-type"), body)
        # Unproven case-of-http-headers: The names of headers in the event of an HTTP trigger are written As-Here.
        # Why: the sample on the page shows a few names, and no page has a rule.
        # Ask: GET the URL of a function that returns its event, with the headers x-my-own, ETAG and TE: their names.
        headers = {name.title(): _printable(value) for name, value in asked.headers.items()}
        at = datetime.fromtimestamp(now, timezone.utc)
        event = {
            "version": "v1",
            "rawPath": _printable(call.raw_path),
            "headers": headers,
            "queryParameters": _parameters(call),
            "body": base64.b64encode(body).decode() if text is None else text,
            "isBase64Encoded": text is None,
            "requestContext": {
                "accountId": ACCOUNT,
                "domainName": self.host,
                "domainPrefix": self.prefix,
                "http": {
                    "method": asked.method,
                    "path": call.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": asked.remote,
                    "userAgent": _printable(asked.header("user-agent")),
                },
                "requestId": asked.request_id,
                "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "timeEpoch": str(int(now * 1000)),
            },
        }
        return json.dumps(event, ensure_ascii=False).encode()


def _too_large(limit: int) -> Refusal:
    return Refusal("InvalidArgument", f"The body is larger than {limit} bytes.")


def _query(call: UrlCall) -> str:
    return call.asked.request.raw_path.partition("?")[2]


def _request(call: UrlCall, body: bytes) -> WebRequest:
    query = _query(call)
    target = f"{call.raw_path}?{query}" if query else call.raw_path
    theirs = [pair for pair in call.asked.request.headers.items() if not pair[0].lower().startswith("x-fc-")]
    return WebRequest(call.asked.method, target, (*theirs, (CONTROL, "/http-invoke")), body)


# Unproven types-of-text: These types of a body are text, and so is a body without a type. Others are encoded in base64.
# Why: no page lists the types that count as binary.
# Ask: POST "a" with the types text/csv, application/yaml, image/svg+xml, application/octet-stream and none to the URL
#   of a function that returns its event: isBase64Encoded.
def _text(content_type: str, body: bytes) -> str | None:
    """Return the body as text, or None if it is to be encoded."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind and not kind.startswith(TEXT) and not kind.endswith(("+json", "+xml")):
        return None
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _parameters(call: UrlCall) -> dict[str, str]:
    """Return the decoded parameters by name. The values of one that comes twice are joined by commas."""
    values: dict[str, list[str]] = {}
    for name, value in call.asked.params:
        values.setdefault(_printable(name), []).append(_printable(value))
    return {name: ",".join(all_values) for name, all_values in values.items()}


def _printable(text: str) -> str:
    """Return the text with a sign in place of each byte that was not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
