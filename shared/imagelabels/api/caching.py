"""Lets clients keep answers: an answer has an ETag, and a client that has this answer already gets 304 without it.
An answer may have the header Last-Modified too, for clients that send only dates.

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
    if not _has_it(asked, etag, headers.get("Last-Modified", "")):
        return answer
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return answer | {"statusCode": 304, "body": "", "isBase64Encoded": False, "headers": kept}


def _has_it(asked: Mapping[str, str], etag: str, last_modified: str) -> bool:
    """Return whether the client has this answer. A date must be the very one that the answer has: a later one may be
    that of an answer which other pictures were in."""
    if "if-none-match" in asked:
        return matches(asked["if-none-match"], etag)
    return bool(last_modified) and asked.get("if-modified-since", "").strip() == last_modified


def matches(condition: str, etag: str) -> bool:
    """Return whether a condition such as If-None-Match names the ETag. A weak tag, W/"...", is as good as a strong one
    here, since a proxy that compresses an answer makes its tag weak."""
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags
