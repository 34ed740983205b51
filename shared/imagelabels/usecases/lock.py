"""A key that is ours for a while, and how near its end a tag write may still begin."""

from __future__ import annotations

from dataclasses import dataclass

FENCE = 5.0
"""Seconds within which the store must take a tag write. One that hangs can harm a user's later edit for so long at
most; a worker with less left of its lease does not begin to write."""


@dataclass(slots=True)
class Lock:
    """A key that is ours until then, by the store's clock."""

    token: str
    former: str | None = None
    """The token of an earlier round of the same delivery, which may still hold the key: we need not wait for it."""
    until: float = 0.0
    held: bool = False
    keep: bool = False
    """Set from the moment a tag write is sent: it may land late, so only finish or drop may free the key then."""
