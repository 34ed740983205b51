"""Lets clients keep answers: an answer has an ETag, and a client that has this answer already gets 304 without it.

https://www.rfc-editor.org/rfc/rfc9110#name-conditional-requests
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def with_etag(method: str, asked: Mapping[str, str], answer: dict[str, Any]) -> dict[str, Any]:
    """Give a successful answer to GET or HEAD an ETag, and leave out its body if the client has it already."""
    body, headers = answer["body"], answer["headers"]
    if method not in ("GET", "HEAD") or answer["statusCode"] != 200 or not isinstance(body, str):
        return answer
    etag = headers.setdefault("ETag", f'"{hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"')
    headers.setdefault("Cache-Control", "private, no-cache")
    if not matches(asked.get("if-none-match", ""), etag):
        return answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return answer | {"statusCode": 304, "body": "", "isBase64Encoded": False, "headers": kept}


def matches(condition: str, etag: str) -> bool:
    """Return whether a condition such as If-None-Match names the ETag. A weak tag, W/"...", is as good as a strong one
    here, since a proxy that compresses an answer makes its tag weak."""
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
