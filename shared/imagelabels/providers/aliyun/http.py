"""Translates requests that reach an HTTP trigger of Function Compute, and the answers to them.

https://www.alibabacloud.com/help/en/functioncompute/fc/http-trigger-invoking-function shows the event. The API takes
requests in the form of a function URL of AWS Lambda.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from imagelabels.providers.kit import http_events


def request(event: bytes | str) -> dict[str, Any]:
    """Return the request. What is missing in an event that a person made up is empty."""
    said = json.loads(event)
    told = http_events.mapping(said)
    context = http_events.mapping(told.get("requestContext"))
    http = http_events.mapping(context.get("http"))
    return http_events.request(
        method=str(http.get("method", "GET")),
        path=str(http.get("path") or "/"),
        source=str(http.get("sourceIp", "")),
        request_id=str(context.get("requestId", "")),
        headers={"host": context.get("domainName", ""), **http_events.mapping(told.get("headers"))},
        query=http_events.mapping(told.get("queryParameters")),
        body=str(told.get("body") or ""),
        is_base64=told.get("isBase64Encoded") is True,
    )


def response(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer in the form of Function Compute."""
    names = ("statusCode", "headers", "isBase64Encoded", "body")
    return {name: answer[name] for name in names}
