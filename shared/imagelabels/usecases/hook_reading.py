"""Finds out which pictures have entered or left an album since a receiver was told, and queues messages about them.

Whether a picture is in the album is always read from its row, by a strong read. So it does no harm to look at a picture
too often, or to look because of something stale: a message is queued only if the row contradicts what the receiver was
told last, or will be told by the messages that wait already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from imagelabels.domain.albums import Album, Pin
from imagelabels.domain.changes import CursorTooOld, named
from imagelabels.domain.model import ImageRecord, ObjectRef
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.ports.rows import StoredRow
from imagelabels.ports.webhooks import Told
from imagelabels.records.rows import image_pk, unfinished
from imagelabels.usecases import gallery, matching, scopes
from imagelabels.usecases.hook_tools import HookTools

PAGE = 100
"""So many pictures are looked at together."""

MINUTE = 60_000
"""Pictures that came into the album in the last minute before a webhook was made are told too, because the clocks of
machines differ by some seconds."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of reading: how far the hook has come, and whether there is more to read at once."""

    hook: Hook
    more: bool


class Reading:
    """Reads for one webhook. ValueError: the album's question cannot be asked any more.

    `pending` are the deliveries of the hook that wait or have failed; new ones are put into it.
    """

    def __init__(self, by: HookTools, hook: Hook, album: Album, pending: dict[tuple[str, int], Delivery]) -> None:
        self._by, self._album, self._pending = by, album, pending
        self._prefixes = hook.prefixes
        query = gallery.queried(by.gallery.words, album.question)
        self._query = replace(query, order="uri", limit=PAGE)

    def step(self, hook: Hook) -> Step:
        """Look at the next pictures, queue messages, and return what to write of the hook."""
        asked = matching.digest(self._query)
        if hook.asked != asked:
            # Some changes that were read already belong to rows that the search for the new question may not show yet.
            cursor = self._by.changes.end() if hook.asked else hook.cursor
            hook = replace(hook, asked=asked, stage="matches", place="", cursor=cursor)
        steps: Mapping[str, Callable[[Hook], Step]] = {
            "matches": self._matches,
            "pins": self._pins,
            "members": self._members,
            "following": self._follow,
        }
        return steps[hook.stage](hook)

    def _matches(self, hook: Hook) -> Step:
        """Look at the next pictures that the album's question finds."""
        try:
            page = scopes.search(self._by.gallery.index, replace(self._query, page=hook.place or None), self._prefixes)
        except ValueError:  # The page token is one of another version of this program: begin anew.
            page = scopes.search(self._by.gallery.index, self._query, self._prefixes)
        self._queue(hook, [record.ref for record in page.records])
        if page.next is not None:
            return Step(replace(hook, place=page.next), True)
        return Step(replace(hook, stage="pins", place=""), True)

    def _pins(self, hook: Hook) -> Step:
        """Look at the next pictures that people have put into the album by hand."""
        pins = self._by.albums.pins(self._album.id, hook.place, PAGE)
        self._queue(hook, [named(pin.uri) for pin in pins if pin.kind == "in"])
        if pins:
            return Step(replace(hook, place=pins[-1].uri), True)
        return Step(replace(hook, stage="members", place=""), True)

    def _members(self, hook: Hook) -> Step:
        """Look at the next pictures that are in the album for all that the receiver knows or will be told."""
        told = self._by.kept.known.list(hook.id, hook.place, PAGE)
        waiting = {one.picture: one.uri for one in self._pending.values() if one.picture > hook.place}
        known = {one.picture: one.uri for one in told if one.number % 2}
        looked_at = sorted({*waiting, *(one.picture for one in told)})[:PAGE]
        uris = {**waiting, **known}
        self._queue(hook, [named(uris[picture]) for picture in looked_at if picture in uris])
        if looked_at:
            return Step(replace(hook, place=looked_at[-1]), True)
        return Step(replace(hook, stage="following", place="", silent=False), True)

    def _follow(self, hook: Hook) -> Step:
        """Look at the pictures that have changed."""
        try:
            changes, cursor = self._by.changes.since(hook.cursor, PAGE)
        except (CursorTooOld, ValueError):  # Changes are missed, or the index is another one: compare everything.
            return Step(replace(hook, cursor=self._by.changes.end(), stage="matches", place=""), True)
        self._queue(hook, [change.ref for change in changes])
        return Step(replace(hook, cursor=cursor), bool(changes))

    def _queue(self, hook: Hook, refs: Iterable[ObjectRef]) -> None:
        """Queue a message about each picture whose row contradicts what the receiver knows or will be told."""
        pictures = {image_pk(ref): ref for ref in refs}
        if not pictures:
            return
        since = self._since(list(pictures.values()))
        numbers = self._numbers(hook, list(pictures))
        now, new, silent = self._by.now(), [], []
        for (picture, ref), came in zip(pictures.items(), since, strict=True):
            number = numbers.get(picture, 0)
            if (came is not None) == bool(number % 2):
                continue
            if hook.silent and came is not None and came < hook.made_at - MINUTE:
                silent.append(Told(picture, ref.uri, number + 1))
            else:
                new.append(Delivery(hook.id, picture, number + 1, ref.uri, made_at=now, due_at=now))
        if silent:
            self._by.kept.known.note(hook.id, silent)
        if new:
            self._by.kept.outbox.add(new)
        self._pending.update((one.key, one) for one in new)

    def _numbers(self, hook: Hook, pictures: Sequence[str]) -> Mapping[str, int]:
        """Return the number of the last message about each picture, sent or not."""
        numbers = dict(self._by.kept.known.numbers(hook.id, pictures))
        for picture, number in self._pending:
            if number > numbers.get(picture, 0):
                numbers[picture] = number
        return numbers

    def _since(self, refs: Sequence[ObjectRef]) -> list[int | None]:
        """Tell for each picture since when it is in the album at the latest, in milliseconds since 1970; None: it is
        not in it, or the receiver may not know of it."""
        rows = self._by.gallery.rows.rows(refs)
        pins = self._by.albums.pins_of(self._album.id, [ref.uri for ref in refs])
        return [self._came(ref, row, pins.get(ref.uri)) for ref, row in zip(refs, rows, strict=True)]

    def _came(self, ref: ObjectRef, row: StoredRow | None, pin: Pin | None) -> int | None:
        record = _record(ref, row)
        if record is None or not scopes.is_within(ref, self._prefixes):
            return None
        if pin is not None:
            return pin.at if pin.kind == "in" else None
        return record.updated_at if matching.is_match(record, self._query) else None


def _record(ref: ObjectRef, row: StoredRow | None) -> ImageRecord | None:
    """Return what a search would see of a row."""
    if row is None or (row.record is None and row.waiting is None):
        return None
    return row.record or unfinished(ref, row.waiting)
