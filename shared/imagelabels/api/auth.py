"""Tells who sends a request by the token that it bears: https://www.rfc-editor.org/rfc/rfc6750

A feed's own secret stands in its address, and opens the feed of its album and nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

from imagelabels.api.feeds import addresses
from imagelabels.api.feeds.addresses import FeedAddress
from imagelabels.api.here import Caller
from imagelabels.api.problems import Problem, no_feed
from imagelabels.domain.tokens import Token, hashed, is_secret
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
        feed = addresses.asked(event["requestContext"]["http"]["path"])
        return self._bearer(event) if feed is None else self._reader(feed)

    def _reader(self, feed: FeedAddress) -> Caller:
        """Let in the reader of a feed."""
        token = self._tokens.by_hash(hashed(feed.secret)) if is_secret(feed.secret) else None
        if token is None or not token.lets_in(feed.secret, self._now()) or not _is_its_own(token, feed.album):
            raise no_feed()
        return Caller(f"feed {token.id}", token.prefixes, feed=feed.album)

    def _bearer(self, event: Mapping[str, Any]) -> Caller:
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


def shown(event: Mapping[str, Any]) -> str:
    """Return what a request shows to be let in: the secret in a feed's address, else the header Authorization."""
    feed = addresses.asked(event["requestContext"]["http"]["path"])
    return str(event["headers"].get("authorization", "")) if feed is None else f"feed {feed.secret}"


def _is_its_own(token: Token, album_id: str) -> bool:
    album = (token.album or "").encode("utf-8", "surrogatepass")
    return token.album is not None and hmac.compare_digest(album, album_id.encode("utf-8", "surrogatepass"))


def _refused(why: str) -> Problem:
    return Problem(401, "no_token", why, CHALLENGE)
