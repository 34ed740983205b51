"""Tokens: who may ask the HTTP API, for what, and until when. Only the hash of a secret is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Literal

Scope = Literal["read", "write"]

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token lets its bearer in. With an `album` it opens the feed of that album and nothing else."""

    id: str
    """A random text by which people name the token. It is no secret."""
    name: str
    secret_hash: str
    """The SHA-256 of the secret, 64 hex digits. A slow hash protects guessable passwords; 32 random bytes are not."""
    scopes: frozenset[Scope] = frozenset({"read"})
    prefixes: tuple[str, ...] = ("",)
    """The bearer sees only pictures whose URIs begin with one of these. Empty text: every picture."""
    made_at: int = 0
    """Milliseconds since 1970."""
    expires_at: int | None = None
    """The token lets nobody in from this time on, in milliseconds since 1970; None: it does not expire."""
    revoked_at: int | None = None
    album: str | None = None
    """The id of the album whose feed has this secret in its address."""

    def lets_in(self, secret: str, now: int) -> bool:
        """Return whether the secret is this token's and the token is in force, at `now` in milliseconds since 1970.

        The comparison takes the same time whatever the secret is.
        """
        is_its_own = hmac.compare_digest(self.secret_hash, hashed(secret))
        return is_its_own and self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_secret() -> str:
    """Return 32 random bytes, as a text of 43 characters that may stand in an address."""
    return secrets.token_urlsafe(32)


def is_secret(text: str) -> bool:
    """Return whether a text has the form of a secret. Nothing else need be looked up."""
    return _SECRET.fullmatch(text) is not None


def hashed(secret: str) -> str:
    """Return the hash by which a secret is stored and found. It works for any text, also for one that is no secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
