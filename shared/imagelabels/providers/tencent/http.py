"""Translates requests that reach the URL of a function of SCF, and the answers to them.

https://cloud.tencent.com/document/product/583/96099 shows the event and the answer, of which neither has a field for a
body that is not text. So no answer is compressed here. The API takes requests in the form of a function URL of AWS
Lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagelabels.providers.kit import http_events


def request(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Return the request. What is missing in an event that a person made up is empty."""
    told, called = http_events.mapping(event), http_events.mapping(context)
    named = http_events.mapping(told.get("headers"))
    headers = {name: value for name, value in named.items() if name.lower() != "accept-encoding"}
    return http_events.request(
        method=str(told.get("httpMethod", "GET")),
        path=str(told.get("path") or "/"),
        source=str(headers.get("x-scf-remote-addr", "")),
        request_id=str(called.get("request_id", "")),
        headers=headers,
        query=http_events.mapping(told.get("queryString")),
        body=str(told.get("body") or ""),
        is_base64=False,
    )


def response(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer in the form of SCF."""
    names = ("statusCode", "headers", "isBase64Encoded", "body")
    return {name: answer[name] for name in names}
