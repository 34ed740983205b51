"""HTML forms as browsers send them, written by hand and by the library `requests`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import requests

BOUNDARY = "9431149156168"
Field = tuple[str, str]


def policy(conditions: Sequence[Any], expires: float) -> bytes:
    """Return a policy. `expires` is in seconds since the epoch."""
    moment = datetime.fromtimestamp(expires, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps({"expiration": moment, "conditions": list(conditions)}).encode()


def encoded(policy: bytes) -> str:
    return base64.b64encode(policy).decode()


def by_hand(
    fields: Sequence[Field], content: bytes | None, filename: str = "cat.jpg", kind: str = "image/jpeg"
) -> bytes:
    """Return the body of a form with its file behind the fields, or without a file."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode() for k, v in fields]
    if content is not None:
        typed = f"Content-Type: {kind}\r\n" if kind else ""
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n{typed}\r\n'
        parts.append(f"--{BOUNDARY}\r\n{head}".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def by_library(
    url: str, fields: Mapping[str, str], content: bytes, headers: Mapping[str, str] | None = None, name: str = "cat.jpg"
) -> requests.Response:
    """Send a form with the library that most scripts use for it."""
    return requests.post(
        url,
        data=dict(fields),
        files={"file": (name, content, "image/jpeg")},
        headers=dict(headers or {}),
        allow_redirects=False,
        timeout=30,
    )


def code(body: bytes) -> str:
    """Return the code in an error document."""
    return body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()
