"""Takes the lock of a key for the time of a lease, and says until when a tag write may still begin."""

from __future__ import annotations

from dataclasses import dataclass

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.ports import MARGIN
from imagelabels.usecases.storetime import RESOLUTION
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.waiting import until_answered

FENCE = 5.0
"""Seconds within which the store must take a tag write. One that hangs can harm a user's later edit for so long at
most; a worker with less left of its lease does not begin to write."""


@dataclass(slots=True)
class Lock:
    """A key that is ours until then, by the store's clock."""

    token: str
    event_id: str
    former: str | None = None
    """The token of an earlier round of the same attempt, which may still hold the key: we need not wait for it."""
    until: float = 0.0
    held: bool = False
    keep: bool = False
    """Set from the moment a tag write is sent: it may land late, so only finish or drop may free the key then."""


def take(by: Tools, ref: ObjectRef, lock: Lock) -> bool:
    """Ask for the lock once, and say whether it is ours."""
    now = by.time.now()
    lock.until = now + RESOLUTION + by.lease
    # Nobody's lease can be said to be over while the store's time is unknown.
    stolen_by = now if by.time.known else 0.0
    lock.held = by.locks.lock(ref, lock.token, lock.until, stolen_by, lock.event_id, lock.former)
    return lock.held


def acquire(by: Tools, ref: ObjectRef, lock: Lock, deadline: float) -> None:
    """Wait for the lock: read who holds it, and ask for it when it looks free."""

    def asked() -> bool | None:
        row = by.rows.row(ref)
        until = row.lock_until if row is not None and row.lock not in (None, lock.token, lock.former) else None
        over = until is None or (by.time.known and until < by.time.now() - MARGIN)
        return True if over and take(by, ref, lock) else None

    until_answered(asked, by.clock, deadline)


def check_clock(by: Tools) -> None:
    """Refuse to begin where this machine's clock is so fast that no write of tags could be signed: pictures would be
    paid for, and nothing would be written. Leases follow the store's clock, and signatures follow this machine's."""
    ahead = by.clock.time() - by.time.now()
    if by.time.known and ahead > by.lease - FENCE:
        raise Misconfigured(
            f"this machine's clock is {ahead:.0f} s ahead of the store's, so it would take no write of tags: set "
            "the clock right, for example by switching on its synchronisation (NTP), and run the same command again"
        )


def has_time_to_write(by: Tools, lock: Lock) -> bool:
    """Whether enough of the lease is left to write tags under it."""
    return by.time.now() + RESOLUTION + FENCE <= lock.until
