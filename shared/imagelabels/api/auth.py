"""Tells who sends a request by the token that it bears: https://www.rfc-editor.org/rfc/rfc6750"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from imagelabels.api.here import Caller
from imagelabels.api.problems import Problem
from imagelabels.domain.tokens import hashed, is_secret
from imagelabels.ports.tokens import Tokens

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="imagelabels"'}


class Bearers:
    """Lets in who bears a token. It remembers no token, so one that was revoked a moment ago lets nobody in."""

    def __init__(self, tokens: Tokens, now: Callable[[], int], public: bool = False) -> None:
        """`now` tells the milliseconds since 1970. `public` lets everybody read who bears no token."""
        self._tokens = tokens
        self._now = now
        self._public = public

    def __call__(self, event: Mapping[str, Any]) -> Caller:
        header = str(event["headers"].get("authorization", ""))
        if not header and self._public:
            return Caller(f"address {event['requestContext']['http']['sourceIp']}")
        if not header:
            raise _refused("this needs a token: send the header `Authorization: Bearer TOKEN`")
        scheme, _, secret = header.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not is_secret(secret):
            raise _refused("the header Authorization bears no token of ours: write `Authorization: Bearer TOKEN`")
        token = self._tokens.by_hash(hashed(secret))
        if token is None or not token.lets_in(secret, self._now()) or token.album is not None:
            raise _refused("this token is unknown, expired or revoked: `imagelabels token create` makes one")
        return Caller(f"token {token.id}", token.prefixes, "write" in token.scopes)


def _refused(why: str) -> Problem:
    return Problem(401, "no_token", why, CHALLENGE)
