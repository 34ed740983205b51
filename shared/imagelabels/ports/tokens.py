"""Tokens that let people and programs into the HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from imagelabels.domain.tokens import Token


class Tokens(Protocol):
    """Keeps tokens. Each read is a strong one, so that a token that was revoked a moment ago lets nobody in.

    An adapter keeps nothing that it has read; a caller may do so for a second at most.
    """

    def put(self, token: Token) -> None:
        """Write a new token, or write it again. The id and the hash of another secret are never given to it."""

    def by_hash(self, secret_hash: str) -> Token | None:
        """Return the token whose secret has this hash, also one that is revoked or expired; None if there is none."""

    def list(self) -> tuple[Token, ...]:
        """Return all tokens in the order in which they were made. One that cannot be read is left out, and warned of:
        it lets nobody in, and can be revoked."""

    def revoke(self, token_id: str, at: int) -> bool:
        """Revoke a token for good, at `at` in milliseconds since 1970; False if there is none with this id.

        A token that was revoked before keeps the time at which that was done.
        """
