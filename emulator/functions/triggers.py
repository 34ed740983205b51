"""Chooses the changes of a bucket that a trigger takes, which is alike for all clouds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from emulator.core.parts import Change


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """One bucket, some events, one prefix and one suffix. Both are case-sensitive and no patterns.

    `events` are the vendor's names with its prefix, such as oss:ObjectCreated:PutObject or cos:ObjectCreated:*.
    """

    bucket: str
    events: tuple[str, ...]
    prefix: str = ""
    suffix: str = ""

    def matches(self, change: Change) -> bool:
        kind = change.event.partition(":")[0]
        events = {event.partition(":")[2] for event in self.events}
        return (
            change.bucket == self.bucket
            and change.key.startswith(self.prefix)
            and change.key.endswith(self.suffix)
            and not {change.event, f"{kind}:*"}.isdisjoint(events)
        )


def checked_events(events: Iterable[str], known: Collection[str], example: str) -> tuple[str, ...]:
    """Return the events without repetitions. ValueError if there are none, or if one is not known."""
    names = tuple(dict.fromkeys(events))
    if not names:
        raise ValueError(f"events is empty: the trigger needs at least one event, such as {example}")
    if unknown := [name for name in names if name not in known]:
        near = get_close_matches(unknown[0], sorted(known), n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        shown = ", ".join(ascii(name)[1:-1] for name in unknown)
        raise ValueError(f"events: no such trigger event: {shown}; {hint}known are {', '.join(sorted(known))}")
    return names


def named_events(prefix: str, names: dict[str, str]) -> frozenset[str]:
    """Return the full names of events. `names` has the last parts of the names, by their middle part."""
    return frozenset(f"{prefix}:{kind}:{name}" for kind, last in names.items() for name in last.split())
