"""What clients like to do, as shares of all their operations. The rest of the shares is for overwrites."""

from __future__ import annotations

from dataclasses import dataclass

OPERATIONS_OF_A_KEY = 5
"""Each key sees about so many operations of a long storm."""
FEWEST_KEYS = 5


@dataclass(frozen=True, slots=True)
class Habits:
    """How a client chooses its next key, and what it does to the object of that key."""

    keys: int = FEWEST_KEYS
    burst: int = 0
    """A client does so many operations on a key, goes on to the next one, and does not come back. With 0 it comes back
    to its keys by chance."""
    popular: float = 0.35
    """So many uploads have a content that other keys have too, and whose answer is therefore kept."""
    tagged: float = 0.4
    """So many uploads bring tags of the client's own."""
    edits: float = 0.2
    copies: float = 0.12
    parts: float = 0.06
    removals: float = 0.12
    """Removals of the newest version, in buckets that keep versions."""
    deletes: float = 0.16


def habits(profile: str, operations: int, clients: int) -> Habits:
    """Return the habits of each of so many clients in a storm of so many operations.

    In a contended storm the clients hurry on a key while deliveries still work on it, and then leave it. Whatever harm
    was done there stays, because no later event of the key heals it.
    """
    if profile == "contended":
        burst = 3
        keys = 1 + operations // clients // burst
        return Habits(keys, burst, popular=0.7, tagged=0.8, edits=0.35, copies=0, parts=0, removals=0.08, deletes=0.02)
    return Habits(max(FEWEST_KEYS, operations // clients // OPERATIONS_OF_A_KEY))
