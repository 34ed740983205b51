"""Spoils the events of buckets on their way to functions: doubled, delayed, overtaken, dropped or merged."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Protocol

from emulator.core.parts import Change
from emulator.faults.choosing import Choice
from emulator.faults.requests import Plan
from emulator.faults.rules import OF_EVENTS, matches

REMEMBERED = 100_000
"""So many spoiled deliveries are kept. Older ones are forgotten."""


class Events(Protocol):
    """The queue of a function."""

    def enqueue(self, payload: bytes, hops: int = 0, seconds: float = 0.0) -> str:
        """Accept an event that is due after so many seconds, and return its request id."""

    def hasten(self, request_id: str) -> None:
        """Let an event that waits for its first delivery be due now."""

    def extend(self, request_id: str, join: Callable[[bytes], bytes | None]) -> bool:
        """Change an event that waits for its first delivery. If that is over, or `join` gives None, return False."""


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A rule has changed how an event is delivered."""

    number: int
    at: float
    """The time is in seconds since the epoch."""
    fault: str
    function: str
    event: str
    bucket: str
    key: str
    version: str
    etag: str
    seconds: float
    """How long the event, or a copy of it, is held back at most."""
    request_id: str
    """The request id of the invocation, which is empty for an event that is dropped."""


class DeliveryLog:
    """Keeps the newest spoiled deliveries."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._spoiled: deque[Spoiled] = deque(maxlen=remembered)
        self._next = 0

    def add(self, fault: str, function: str, change: Change, seconds: float, request_id: str) -> None:
        about = (change.event, change.bucket, change.key, change.version, change.etag)
        self._spoiled.append(Spoiled(self._next, time.time(), fault, function, *about, seconds, request_id))
        self._next += 1

    def page(self, since: int, limit: int) -> dict[str, object]:
        first = self._next - len(self._spoiled)
        start = max(since, first)
        rows = [asdict(each) for each in islice(self._spoiled, start - first, start - first + limit)]
        return {"deliveries": rows, "next": start + len(rows), "forgotten": max(0, first - since)}


@dataclass(slots=True)
class Held:
    """An event that waits until so many later ones have been queued."""

    request_id: str
    events: int


@dataclass(slots=True)
class Gathering:
    """An event that gathers the records of later ones."""

    request_id: str
    records: int


class Deliveries:
    """Brings the events of one function into its queue, as the rules say."""

    def __init__(self, function: str, plan: Callable[[], Plan], log: DeliveryLog) -> None:
        self._function, self._plan, self._log = function, plan, log
        self._held: list[Held] = []
        self._gathering: Gathering | None = None

    def deliver(self, change: Change, payload: bytes, queue: Events) -> None:
        """Queue the event of a change once, several times, later, within another event, or not at all."""
        choices = {choice.rule.do: choice for choice in self._chosen(change)}
        if "drop" in choices:
            self._log.add("drop", self._function, change, 0.0, "")
            return
        delay = choices["delay"].seconds if "delay" in choices else 0.0
        held, self._held = self._held, []
        request_id = self._queue(payload, queue, choices, delay)
        for name, choice in choices.items():
            if name == "duplicate":
                for _ in range(choice.rule.copies):
                    copy = queue.enqueue(payload, seconds=delay + choice.seconds)
                    self._log.add(name, self._function, change, choice.seconds, copy)
            else:
                self._log.add(name, self._function, change, choice.seconds, request_id)
        self._overtake(held, queue)

    def _chosen(self, change: Change) -> Iterator[Choice]:
        for chooser in self._plan().choosers:
            rule = chooser.rule
            if (
                rule.do in OF_EVENTS
                and matches(rule.function, self._function)
                and matches(rule.bucket, change.bucket)
                and matches(rule.key, change.key)
                and matches(rule.event, change.event)
            ):
                choice = chooser.choose(self._function, change.event, change.bucket, change.key)
                if choice is not None:
                    yield choice

    def _queue(self, payload: bytes, queue: Events, choices: Mapping[str, Choice], delay: float) -> str:
        """Queue the event itself, and return the request id of the invocation that will get it."""
        if (merge := choices.get("merge")) is not None:
            return self._merge(payload, queue, merge, delay)
        if (reorder := choices.get("reorder")) is None:
            return queue.enqueue(payload, seconds=delay)
        request_id = queue.enqueue(payload, seconds=delay + reorder.seconds)
        self._held.append(Held(request_id, reorder.rule.events))
        return request_id

    def _merge(self, payload: bytes, queue: Events, choice: Choice, delay: float) -> str:
        gathering = self._gathering
        if gathering is not None and queue.extend(gathering.request_id, lambda earlier: joined(earlier, payload)):
            gathering.records += 1
            if gathering.records >= choice.rule.up_to:
                queue.hasten(gathering.request_id)
                self._gathering = None
            return gathering.request_id
        self._gathering = Gathering(queue.enqueue(payload, seconds=delay + choice.seconds), 1)
        return self._gathering.request_id

    def _overtake(self, held: list[Held], queue: Events) -> None:
        """Note that an event has overtaken those that were held before it, and let go those that have waited enough."""
        for each in held:
            each.events -= 1
            if each.events == 0:
                queue.hasten(each.request_id)
            else:
                self._held.append(each)


def joined(earlier: bytes, later: bytes) -> bytes | None:
    """Return one event with the records of both, or None if they are no lists of records under the same name."""
    first, second = json.loads(earlier), json.loads(later)
    if not isinstance(first, dict) or not isinstance(second, dict) or first.keys() != second.keys():
        return None
    if not first or not all(isinstance(value, list) for value in (*first.values(), *second.values())):
        return None
    return json.dumps({name: first[name] + second[name] for name in first}, ensure_ascii=False).encode()
