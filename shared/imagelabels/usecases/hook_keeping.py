"""What people and programs do with webhooks: make, look at, change, delete them, and send failed messages again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from imagelabels.domain.albums import Changed, new_id
from imagelabels.domain.errors import Damaged, Unavailable
from imagelabels.domain.moments import iso
from imagelabels.domain.webhooks import MOST_HOOKS, Delivery, Hook, checked_url, new_secret
from imagelabels.ports.changes import Changes
from imagelabels.ports.webhooks import Webhooks
from imagelabels.usecases import scopes
from imagelabels.usecases.hook_turn import MOST_KEPT

TRIES = 5
"""A worker may write a hook at the same moment: a change of ours is tried so often."""


class TooManyHooks(Exception):
    """The album has as many webhooks as it may have."""

    def __init__(self) -> None:
        super().__init__(f"the album has {MOST_HOOKS} webhooks, which is the most: delete one first")


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps webhooks for somebody who sees only pictures below the prefixes `within`.

    A hook that tells of other pictures does not exist for them. Unavailable: a run writes the hook again and again.
    """

    kept: Webhooks
    changes: Changes
    now: Callable[[], int]
    within: Sequence[str] = scopes.EVERYTHING
    anywhere: bool = False
    """Receivers may be in private networks, and may be called without TLS."""

    def make(self, album_id: str, url: str) -> Hook:
        """Make a webhook for an album; ValueError says what is wrong with the address."""
        checked = checked_url(url, self.anywhere)
        if sum(1 for hook in self._all() if hook.album == album_id) >= MOST_HOOKS:
            raise TooManyHooks
        now, cursor = self.now(), self.changes.end()
        hook = Hook(new_id(), album_id, checked, (new_secret(),), tuple(self.within), now, cursor=cursor)
        self.kept.hooks.put(hook)
        return hook

    def hooks(self, album_id: str | None = None) -> list[Hook]:
        """Return the webhooks of an album, or all, in the order of their ids."""
        return [hook for hook in self._all() if album_id in (None, hook.album) and self._is_visible(hook)]

    def get(self, hook_id: str) -> Hook | None:
        """Return a webhook, or None if there is none that may be seen."""
        hook = self.kept.hooks.get(hook_id)
        return hook if hook is not None and hook.state != "deleted" and self._is_visible(hook) else None

    def deliveries(self, hook_id: str) -> list[Delivery]:
        """Return what waits for the receiver and what has failed, the oldest first."""
        return sorted(self.kept.outbox.list(hook_id, MOST_KEPT), key=lambda one: (one.made_at, one.key))

    def delete(self, hook_id: str) -> bool:
        """Delete a webhook; False if there is none. A run that is under way may still send for some seconds, and the
        next one removes what is stored."""
        try:
            self.kept.hooks.get(hook_id)
        except Damaged:
            return self._delete_damaged(hook_id)
        return self._change(hook_id, lambda hook: replace(hook, state="deleted")) is not None

    def delete_all(self, album_id: str) -> None:
        """Delete the webhooks of an album that was deleted. Each run looks for the album first and does the same, so a
        webhook that a run writes at this moment is left to it."""
        for hook in self.hooks(album_id):
            with suppress(Unavailable):
                self.delete(hook.id)

    def _delete_damaged(self, hook_id: str) -> bool:
        """Put a deleted webhook in place of one that cannot be read, so that the next run removes what is stored. It
        does not tell whose it is, so only those who see all webhooks may do that."""
        if tuple(self.within) != scopes.EVERYTHING:
            return False
        self.kept.hooks.delete(hook_id)
        self.kept.hooks.put(Hook(hook_id, "", "", (new_secret(),), state="deleted"))
        return True

    def rotate(self, hook_id: str) -> Hook | None:
        """Give a webhook a new secret. For a day, messages are signed with the former one too."""
        secret, now = new_secret(), self.now()
        return self._change(hook_id, lambda hook: hook.rotated(secret, now))

    def retry(self, hook_id: str) -> int | None:
        """Send failed deliveries again and switch the webhook on; return how many they are, None if there is none."""
        if self._change(hook_id, lambda hook: replace(hook, state="on", why="")) is None:
            return None
        failed = [one for one in self.deliveries(hook_id) if one.failed_at is not None]
        for one in failed:
            self.kept.outbox.write(one.once_more(self.now()))
        return len(failed)

    def _change(self, hook_id: str, change: Callable[[Hook], Hook]) -> Hook | None:
        tries = TRIES
        while (hook := self.get(hook_id)) is not None:
            new = replace(change(hook), version=hook.version + 1)
            try:
                self.kept.hooks.put(new, hook.version)
                return new
            except Changed:
                tries -= 1
                if not tries:
                    raise Unavailable("busy", f"messages are being sent for the webhook {hook_id}: try again") from None
        return None

    def _all(self) -> Iterator[Hook]:
        after = ""
        while page := self.kept.hooks.list(after):
            yield from (hook for hook in page if hook.state != "deleted")
            after = page[-1].id

    def _is_visible(self, hook: Hook) -> bool:
        return scopes.covers(self.within, hook.prefixes)


def hook_form(hook: Hook) -> dict[str, Any]:
    """Show a webhook without its secrets."""
    return {
        "id": hook.id,
        "album": hook.album,
        "url": hook.url,
        "prefixes": list(hook.prefixes),
        "state": hook.state,
        "why": hook.why,
        "made_at": iso(hook.made_at),
        "worked_at": iso(hook.worked_at) if hook.worked_at else None,
    }


def delivery_form(delivery: Delivery) -> dict[str, Any]:
    """Show a delivery that waits or has failed."""
    is_failed = delivery.failed_at is not None
    return {
        "id": delivery.message_id,
        "type": f"album.picture.{delivery.kind}",
        "picture": delivery.picture,
        "uri": delivery.uri,
        "change": delivery.number,
        "state": "failed" if is_failed else "waiting",
        "made_at": iso(delivery.made_at),
        "tries": delivery.tries,
        "next_at": None if is_failed else iso(delivery.due_at),
        "failed_at": iso(delivery.failed_at) if delivery.failed_at is not None else None,
        "answer": delivery.answer,
    }
