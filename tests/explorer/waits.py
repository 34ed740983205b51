"""Who waits for what, and when a wait is over."""

from __future__ import annotations

from imagelabels.ports import MARGIN
from tests.explorer.tree import Node, Wait
from tests.explorer.values import owner
from tests.explorer.world import World


def is_over(world: World, node: Node, wait: Wait) -> bool:
    """Whether a worker need not wait any longer, or gives up."""
    if wait.kind == "nothing":
        return True
    if wait.kind == "time":
        return isinstance(wait.what, float) and world.now >= wait.what
    if world.now >= wait.leaves:
        return True
    token, until = holder(world, wait)
    return token is None or until < world.now or (owner(token) == node.program.serial and not wait.has_read)


def holder(world: World, wait: Wait) -> tuple[str | None, float]:
    """Return who holds the lock or the claim that is waited for, and the moment after which it may be taken."""
    if wait.kind == "lock":
        assert isinstance(wait.what, int)
        row = world.rows[wait.what]
        return (None, 0.0) if row is None else (row.lock, row.until + MARGIN)
    kept = next((kept for kept in world.answers if kept.answer_id == wait.what), None)
    return (None, 0.0) if kept is None or kept.answer is not None else (kept.nonce, kept.until)


def waits_for_itself(world: World, node: Node, wait: Wait, claims_stay: bool) -> bool:
    """Whether a worker has read who holds what it waits for, and it is the worker itself.

    A claim that stays though it was given back is waited for until it ends. Taking it again would not be safe: the
    request that gives it back may still land.
    """
    if wait.kind == "nothing" or wait.kind == "time" or (wait.kind == "claim" and claims_stay):
        return False
    token, _ = holder(world, wait)
    return wait.has_read and token is not None and owner(token) == node.program.serial


def holds_anything(world: World, serial: int) -> bool:
    """Tell whether locks of keys or claims of contents belong to the delivery with this number."""
    tokens = [row.lock for row in world.rows if row is not None and row.lock is not None]
    tokens += [kept.nonce for kept in world.answers if kept.answer is None]
    return any(owner(token) == serial for token in tokens)
