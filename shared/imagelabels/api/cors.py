"""Lets the pages of other sites ask the API, if somebody has named these sites.

https://fetch.spec.whatwg.org/#http-cors-protocol tells what browsers ask and follow.

Browsers send no cookie along, because no answer allows credentials. Such a page must bear a token of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVERY = "*"

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match",
    "Access-Control-Max-Age": "600",
}
_EXPOSED = {"Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After"}


class Cors:
    """Answers for the sites that are named. Without any, everything is as if this were not there."""

    def __init__(self, origins: tuple[str, ...] = ()) -> None:
        self._origins = frozenset(origins)

    def preflight(self, event: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a browser that asks whether a page may ask; None if this is no such question."""
        headers = event["headers"]
        is_asked = event["requestContext"]["http"]["method"] == "OPTIONS" and "access-control-request-method" in headers
        if not self._origins or not is_asked:
            return None
        answer = {"statusCode": 204, "headers": {}, "body": "", "isBase64Encoded": False}
        return self.shared(event, answer, _PREFLIGHT)

    def shared(
        self, event: Mapping[str, Any], answer: dict[str, Any], more: Mapping[str, str] = _EXPOSED
    ) -> dict[str, Any]:
        """Return an answer that the page which asks may read, if its site is named."""
        if not self._origins:
            return answer
        vary = ", ".join(filter(None, (answer["headers"].get("Vary", ""), "Origin")))
        headers = {**answer["headers"], "Vary": vary}
        origin = event["headers"].get("origin", "")
        if EVERY in self._origins or origin in self._origins:
            headers |= {"Access-Control-Allow-Origin": EVERY if EVERY in self._origins else origin, **more}
        return answer | {"headers": headers}
