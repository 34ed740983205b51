"""Answers of the page: HTML, redirects and static files, each with the policy that browsers follow for it."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

Answer = dict[str, Any]

STATIC = Path(__file__).with_name("static")
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


def policy(origins: Iterable[str] = ()) -> str:
    """Return the Content-Security-Policy. `origins` are those that small copies of pictures come from."""
    sources = images(origins)
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {sources}; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


def images(sources: Iterable[str] = ()) -> str:
    """Return what a policy says of the sources of pictures."""
    return " ".join(("'self'", *sorted(set(sources))))


def document(content: Mapping[str, Any], status: int = 200) -> Answer:
    """Return an answer that our script reads."""
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return _answer(status, headers, json.dumps(content))


def html(text: str, status: int = 200, origins: Iterable[str] = (), headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer that a browser shows."""
    kind = {"Content-Type": "text/html; charset=utf-8", "Vary": "Cookie, Accept-Language, Accept-Encoding, X-Part"}
    safe = {"Content-Security-Policy": policy(origins), "Referrer-Policy": "same-origin"}
    return _answer(status, {**kind, **safe, "Cache-Control": "private, no-cache", **(headers or {})}, text)


def see(address: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Send the browser to another address of the page."""
    there = {"Location": address, "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    return _answer(303, {**there, **(headers or {})}, "")


def own(address: str) -> str:
    """Return an address of this site, and / for one that would lead a browser elsewhere."""
    return address if re.fullmatch(r"/(?![/\\])[!-\[\]-~]*", address) else "/"


def static(name: str) -> Answer | None:
    """Return a file that belongs to the page; None if there is no such file."""
    text = _files().get(name)
    if text is None:
        return None
    kind = {"Content-Type": KINDS[Path(name).suffix], "Vary": "Accept-Encoding"}
    return _answer(200, {**kind, "Content-Security-Policy": policy(), "Cache-Control": "public, max-age=300"}, text)


def compressed(answer: Answer, accepted: str) -> Answer:
    """Compress an answer for a browser that takes it. Equal answers stay equal, so that their ETags are."""
    if "gzip" not in accepted.lower() or not answer["body"]:
        return answer
    octets = gzip.compress(answer["body"].encode("utf-8", "replace"), 6, mtime=0)
    headers = answer["headers"] | {"Content-Encoding": "gzip"}
    return answer | {"headers": headers, "body": base64.b64encode(octets).decode(), "isBase64Encoded": True}


def _answer(status: int, headers: Mapping[str, str], body: str) -> Answer:
    return {"statusCode": status, "headers": dict(headers), "body": body, "isBase64Encoded": False}


@lru_cache(maxsize=1)
def _files() -> Mapping[str, str]:
    return {path.name: path.read_text("utf-8") for path in STATIC.iterdir() if path.suffix in KINDS}
