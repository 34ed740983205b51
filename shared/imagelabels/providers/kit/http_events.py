"""What both clouds' translators of HTTP requests share: the form of a function URL of AWS Lambda.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def request(
    *,
    method: str,
    path: str,
    source: str,
    request_id: str,
    headers: Mapping[str, Any],
    query: Mapping[str, Any],
    body: str,
    is_base64: bool,
) -> dict[str, Any]:
    """Return the request. Names of headers are in lower case. HEAD is answered like GET: the platform leaves out the
    body."""
    method = "GET" if method.upper() == "HEAD" else method.upper()
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): str(value) for name, value in headers.items()},
        "queryStringParameters": {name: str(value) for name, value in query.items()},
        "requestContext": {
            "requestId": request_id,
            "stage": "$default",
            "http": {"method": method, "path": path, "sourceIp": source},
        },
        "body": body,
        "isBase64Encoded": is_base64,
    }


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is an object with names, else an empty one."""
    return value if isinstance(value, Mapping) else {}
