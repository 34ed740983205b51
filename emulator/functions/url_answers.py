"""Reads the HTTP answer that a function returned, whose form is alike on both platforms.

https://help.aliyun.com/document_detail/2545977.html and https://cloud.tencent.com/document/product/583/96099
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,256}")
BAD_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# Unproven largest-answer-headers: The headers of a function's answer may have 8 KB on SCF too.
# Why: Function Compute's page has this limit (https://help.aliyun.com/document_detail/191345.htm), and SCF's have none.
# Ask: GET the URL of a function of SCF that returns a header of 9,000 bytes: the status.
LARGEST_HEADERS = 8 * 1024
"""The headers of an answer may have so many bytes."""
# Unproven removed-headers-of-scf: SCF takes the same headers away from a function's answer as Function Compute does.
# Why: Function Compute's page lists them, and the page of SCF's URLs has no such list.
# Ask: GET the URL of a function of SCF that returns the headers Server, Date, Connection and X-Fc-Own: the headers.
REMOVED = frozenset({"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "upgrade"})
"""A function cannot set these headers, nor those that begin with x-fc-:
https://help.aliyun.com/zh/functioncompute/fc/user-guide/http-triggers-overview."""


ITS_OWN = "The function answered with this status."
"""The log of requests says this of an answer that is no success, and that the function wanted so."""


class Malformed(Exception):
    """The function returned something that cannot become an HTTP answer. The message says why."""


@dataclass(frozen=True, slots=True)
class UrlAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


def read(result: bytes) -> UrlAnswer:
    """Return the answer that a function's result describes.

    A JSON object with a statusCode is the answer itself. Any other result is the body of an answer with status 200.
    """
    try:
        document = json.loads(result)
    except (ValueError, RecursionError):
        # Unproven type-of-plain-answer: A body that is not JSON has the type text/plain, or application/octet-stream if
        #   it is not UTF-8.
        # Why: the pages have the type of JSON only.
        # Ask: GET the URLs of functions that return the texts "a" and "<p>a</p>" and the bytes FF FE: Content-Type.
        return UrlAnswer(200, {"Content-Type": _plain_type(result)}, result)
    if not isinstance(document, dict) or "statusCode" not in document:
        return UrlAnswer(200, {"Content-Type": "application/json"}, result)
    status = document["statusCode"]
    if type(status) is not int or not 200 <= status <= 599:
        raise Malformed("statusCode is not an integer of 200 to 599")
    headers = checked_headers(document.get("headers") or {})
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "application/json"
    return UrlAnswer(status, headers, _body(document.get("body"), document.get("isBase64Encoded")))


def checked_headers(fields: object) -> dict[str, str]:
    """Return the headers that a function may set. Malformed if they are no headers, or too large."""
    if not isinstance(fields, dict):
        raise Malformed("headers is not an object")
    headers: dict[str, str] = {}
    for name, value in fields.items():
        if not isinstance(value, (str, int, float)) or not HEADER_NAME.fullmatch(name):
            raise Malformed(f"headers has no header of HTTP: {name[:100]!r}")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if BAD_VALUE.search(text) or any("\ud800" <= char <= "\udfff" for char in text):
            raise Malformed(f"the value of the header {name} has characters that HTTP does not allow")
        if name.lower() not in REMOVED and not name.lower().startswith("x-fc-"):
            headers[name] = text
    if size(headers.items()) > LARGEST_HEADERS:
        raise Malformed(f"the headers have more than {LARGEST_HEADERS} bytes")
    return headers


def size(headers: Iterable[tuple[str, str]]) -> int:
    """Return how many bytes the names and the values of headers have."""
    return sum(len(name) + len(text.encode()) for name, text in headers)


def _body(body: object, encoded: object) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Malformed("body is not a string")
    if encoded is not True:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        raise Malformed("isBase64Encoded is true, and body is no base64") from None


def _plain_type(result: bytes) -> str:
    try:
        result.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"
