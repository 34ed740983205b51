"""Tells who sends a request by the token that it bears: https://www.rfc-editor.org/rfc/rfc6750

A feed's own secret stands in its address, and opens the feed of its album and nothing else.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

from imagelabels.api.feeds import addresses
from imagelabels.api.feeds.addresses import FeedAddress
from imagelabels.api.guesses import Guesses
from imagelabels.api.here import Caller
from imagelabels.api.problems import Problem, no_feed
from imagelabels.domain.tokens import Token, hashed, is_secret
from imagelabels.ports.tokens import Tokens

WRONG_PER_MINUTE = 60
"""So many wrong addresses of feeds a minute are looked up for each address of the network."""

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="imagelabels"'}


class Bearers:
    """Lets in who bears a token. It remembers no token, so one that was revoked a moment ago lets nobody in."""

    def __init__(
        self,
        tokens: Tokens,
        now: Callable[[], int],
        public: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now` tells the milliseconds since 1970, `clock` seconds that never go back. `public` lets everybody read who
        bears no token."""
        self._tokens = tokens
        self._now = now
        self._public = public
        self._guesses = Guesses(WRONG_PER_MINUTE, clock)

    def __call__(self, event: Mapping[str, Any]) -> Caller:
        feed = addresses.asked(event["requestContext"]["http"]["path"])
        return self._bearer(event) if feed is None else self._reader(event, feed)

    def _reader(self, event: Mapping[str, Any], feed: FeedAddress) -> Caller:
        """Let in the reader of a feed, unless too many wrong addresses came from where the request comes from."""
        source = event["requestContext"]["http"]["sourceIp"]
        if seconds := self._guesses.wait(source, feed.secret):
            wait = {"Retry-After": f"{int(seconds) + 1}"}
            raise Problem(429, "too_many_requests", "too many addresses of feeds were wrong: ask again later", wait)
        token = self._tokens.by_hash(hashed(feed.secret)) if is_secret(feed.secret) else None
        if token is None or not token.lets_in(feed.secret, self._now()) or not _is_its_own(token, feed.album):
            self._guesses.was_wrong(source, feed.secret)
            raise no_feed()
        self._guesses.was_right(source, feed.secret)
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


def _is_its_own(token: Token, album_id: str) -> bool:
    album = (token.album or "").encode("utf-8", "surrogatepass")
    return token.album is not None and hmac.compare_digest(album, album_id.encode("utf-8", "surrogatepass"))


def _refused(why: str) -> Problem:
    return Problem(401, "no_token", why, CHALLENGE)
