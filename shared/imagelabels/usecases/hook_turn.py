"""One turn of work for one webhook: it queues what its receiver must be told, and sends what is due.

A turn ends after some seconds, so that no receiver keeps a thread for long. Whatever a worker does can be cut off at
any moment: a message is stored before it is sent, and it is removed after the note that the receiver knows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from imagelabels.domain.albums import Album, Changed, new_id
from imagelabels.domain.webhooks import MOST_FAILED, MOST_WAITING, Delivery, Hook, due
from imagelabels.ports.receivers import SendResult
from imagelabels.ports.webhooks import Told
from imagelabels.usecases.hook_reading import PAGE, Reading
from imagelabels.usecases.hook_tools import HookTools

LEASE = 120_000
"""A worker has a hook for so many milliseconds from its last write of it on. That is more than a turn, with a message
under way and slow calls of the index. If a worker is killed, the hook waits for as long."""

MOST_IN_A_ROW = 10
"""After so many failures in a row the receiver is left alone until the next run."""

MOST_KEPT = 2 * MOST_FAILED + MOST_WAITING
"""A webhook has at most so many deliveries: those that wait, those that failed, and those that wait again."""

GONE = "the receiver answered 410 Gone"


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What came of a turn."""

    hook: Hook
    queued: int = 0
    delivered: int = 0
    failed: int = 0
    """So many attempts failed."""
    more: bool = False
    """Another turn would find work at once: the time was over, or there is room again for changes."""


def work(by: HookTools, hook: Hook, until: float) -> TurnResult | None:
    """Work for a hook until a moment of the clock, or until there is nothing to do. None: another worker has it.

    Errors of the index are raised; the next turn goes on where this one was.
    """
    token, now = new_id(), by.now()
    # A lease that ends later than any could was taken by a worker whose clock was wrong: it must not hold for years.
    if hook.lease and now < hook.lease_until <= now + 2 * LEASE:
        return None
    leased = replace(hook, lease=token, lease_until=now + LEASE, version=hook.version + 1)
    try:
        by.kept.hooks.put(leased, hook.version)
        return _Turn(by, leased, until).run()
    except Changed:  # Another worker was faster, or a person has changed the hook.
        return None


class _Turn:
    def __init__(self, by: HookTools, hook: Hook, until: float) -> None:
        self._by, self._hook, self._until = by, hook, until
        self._pending: dict[tuple[str, int], Delivery] = {}
        self._worked = TurnResult(hook)

    def run(self) -> TurnResult:
        album = self._by.albums.get(self._hook.album)
        if self._hook.state == "deleted" or album is None:
            return self._forget()
        self._load()
        self._read(album)
        more = self._send()
        hook = self._save(lease="", lease_until=0, worked_at=self._by.now())
        # If there is no room, nothing more is read until a message is sent, and the next turn would end at once.
        return replace(self._worked, hook=hook, more=more or (self._worked.more and self._has_room()))

    def _has_time(self) -> bool:
        return self._by.clock() < self._until

    def _save(self, **changes: object) -> Hook:
        """Write the hook, which also renews the lease. Changed: it is not ours any more."""
        end = {"lease_until": self._by.now() + LEASE, "version": self._hook.version + 1}
        hook: Hook = replace(self._hook, **{**end, **changes})  # type: ignore[arg-type]
        self._by.kept.hooks.put(hook, self._hook.version)
        self._hook = hook
        return hook

    def _load(self) -> None:
        """Read what waits. What the receiver knows already needs no second message: a worker was killed between the
        two writes."""
        kept = self._by.kept
        loaded = {one.key: one for one in kept.outbox.list(self._hook.id, MOST_KEPT)}
        pictures = list({one.picture for one in loaded.values()})
        numbers: dict[str, int] = {}
        for start in range(0, len(pictures), 5 * PAGE):
            numbers |= kept.known.numbers(self._hook.id, pictures[start : start + 5 * PAGE])
        told = [one for one in loaded.values() if _is_told(one, numbers.get(one.picture, 0))]
        for start in range(0, len(told), PAGE):
            kept.outbox.remove(told[start : start + PAGE])
        for one in told:
            del loaded[one.key]
        self._pending = loaded

    def _read(self, album: Album) -> None:
        """Queue messages while there is room for them."""
        before = len(self._pending)
        try:
            reading = Reading(self._by, self._hook, album, self._pending)
        except ValueError as error:
            self._save(why=f"the album's question cannot be asked: {error}")
            return
        more = True
        while more and self._has_time() and self._has_room():
            step = reading.step(self._hook)
            more = step.more
            self._save(
                cursor=step.hook.cursor,
                asked=step.hook.asked,
                stage=step.hook.stage,
                place=step.hook.place,
                silent=step.hook.silent,
                why="",
            )
        self._worked = replace(self._worked, queued=len(self._pending) - before, more=more)

    def _waiting(self) -> int:
        return sum(1 for one in self._pending.values() if one.failed_at is None)

    def _has_room(self) -> bool:
        return self._waiting() + PAGE <= MOST_WAITING

    def _send(self) -> bool:
        """Send what is due. Return whether the receiver takes messages, and the time was over before all were sent."""
        in_a_row = 0
        while some := due(list(self._pending.values()), self._by.now()):
            for delivery in some:
                if not self._has_time():
                    return self._worked.delivered > 0
                hook = self._hook
                secrets, body = hook.signing(self._by.now()), delivery.body(hook.album)
                result = self._by.receivers.send(hook.url, secrets, delivery.message_id, body)
                in_a_row = 0 if result.is_received else in_a_row + 1
                self._settle(delivery, result)
                if self._hook.state == "off" or in_a_row >= MOST_IN_A_ROW:
                    self._worked = replace(self._worked, more=False)
                    return False
        return False

    def _settle(self, delivery: Delivery, result: SendResult) -> None:
        """Note what came of an attempt."""
        if result.is_received:
            self._note(delivery)
            self._by.kept.outbox.remove([delivery])
            del self._pending[delivery.key]
            self._worked = replace(self._worked, delivered=self._worked.delivered + 1)
            return
        self._worked = replace(self._worked, failed=self._worked.failed + 1)
        if result.status == 410:
            self._save(state="off", why=GONE)
            return
        tried = delivery.after_failure(result.why, self._by.now(), self._by.chance())
        self._by.kept.outbox.write(tried)
        self._pending[tried.key] = tried
        if tried.failed_at is not None:
            self._note(tried)
            self._switch_off_if_dead()

    def _note(self, delivery: Delivery) -> None:
        """Note that the receiver knows, or that we have given it up: the picture's next message may be sent."""
        self._by.kept.known.note(self._hook.id, [Told(delivery.picture, delivery.uri, delivery.number)])

    def _switch_off_if_dead(self) -> None:
        failed = len(self._pending) - self._waiting()
        if failed >= MOST_FAILED:
            self._save(state="off", why=f"{failed:,} deliveries have failed for a day each")

    def _forget(self) -> TurnResult:
        """Remove everything of a hook that was deleted, or whose album was. The next turn goes on where time ends."""
        kept, hook_id = self._by.kept, self._hook.id
        self._save(state="deleted")
        while self._has_time():
            deliveries, told = kept.outbox.list(hook_id, PAGE), kept.known.list(hook_id, "", PAGE)
            if not deliveries and not told:
                kept.hooks.delete(hook_id)
                return TurnResult(self._hook)
            kept.outbox.remove(deliveries)
            kept.known.forget(hook_id, [one.picture for one in told])
        return TurnResult(self._save(lease="", lease_until=0, worked_at=self._by.now()), more=True)


def _is_told(delivery: Delivery, number: int) -> bool:
    return delivery.failed_at is None and not delivery.again and delivery.number <= number
