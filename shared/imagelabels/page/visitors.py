"""Who looks at the page: a browser bears its token in a cookie, and shows that a form is really ours."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any

from imagelabels.domain.tokens import is_secret

COOKIE = "imagelabels_token"
AGE = 30 * 24 * 3600
"""A browser keeps the token so many seconds."""

_KEY = secrets.token_hex(32)
"""Signs the forms of callers without a token, for as long as the process lives."""


def cookies(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the cookies of a request.

    Ours are never quoted. http.cookies needs minutes for a long quoted one, in Python before 3.11.10 and 3.12.6
    (https://nvd.nist.gov/vuln/detail/CVE-2024-7592), and anybody may send one.
    """
    pairs = (part.partition("=") for part in event["headers"].get("cookie", "").split(";"))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def secret_of(event: Mapping[str, Any]) -> str:
    """Return the secret of the browser's token; an empty text if it bears none."""
    secret = cookies(event).get(COOKIE, "")
    return secret if is_secret(secret) else ""


def with_token(event: Mapping[str, Any], secret: str = "") -> Mapping[str, Any]:
    """Return the request as if the browser had sent the token of its cookie, or `secret`, in a header."""
    bearer = secret or secret_of(event)
    if not bearer or event["headers"].get("authorization"):
        return event
    return {**event, "headers": {**event["headers"], "authorization": f"Bearer {bearer}"}}


def form_token(event: Mapping[str, Any]) -> str:
    """Return the text that our forms carry. Other sites cannot know it, so they cannot send forms in our name."""
    key = secret_of(event) or event["headers"].get("authorization", "") or _KEY
    return hmac.new(key.encode("utf-8", "replace"), b"forms of the page", hashlib.sha256).hexdigest()[:32]


def is_ours(event: Mapping[str, Any], form: Mapping[str, str]) -> bool:
    """Return whether a form was sent by our own page."""
    site = event["headers"].get("sec-fetch-site", "same-origin")
    given = form.get("form_token", "").encode("utf-8", "replace")
    return site in ("same-origin", "none") and hmac.compare_digest(given, form_token(event).encode())


def set_cookie(event: Mapping[str, Any], secret: str) -> str:
    """Return the header that makes the browser bear the token, or with an empty secret forget it."""
    age = AGE if secret else 0
    return f"{COOKIE}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{_secure(event)}"


def _secure(event: Mapping[str, Any]) -> str:
    """Mark the cookie for HTTPS only, unless the page came over plain HTTP, as on this machine. A browser names the
    scheme in the header Origin when it sends a form, and a proxy in X-Forwarded-Proto."""
    headers = event["headers"]
    is_https = headers.get("origin", "").startswith("https://") or headers.get("x-forwarded-proto", "") == "https"
    return "; Secure" if is_https else ""
