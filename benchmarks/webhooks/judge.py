"""Judges what receivers got: every change at least once, in order for each picture, and duplicates with the same id."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

Place = tuple[str, str]
"""A webhook and a picture."""


@dataclass
class Judge:
    """Notes each message that reaches a receiver, and whether the receiver took it."""

    taken: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[tuple[str, str, int], str] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def arrived(self, hook: str, message_id: str, message: Mapping[str, Any], is_taken: bool) -> None:
        """Note an attempt. `is_taken`: the receiver has the message, whether or not its answer got through."""
        data, kind = message["data"], message["type"].rpartition(".")[2]
        picture, number = data["picture"], data["change"]
        with self.lock:
            self.numbers["attempts"] += 1
            self._check_id(hook, picture, number, message_id)
            taken = self.taken[hook, picture]
            if kind != ("entered" if number % 2 else "left"):
                self.faults.append(f"{hook} {picture}: change {number} is {kind}")
            if number > max(taken, default=0) + 1:
                self.faults.append(f"{hook} {picture}: change {number} came before change {number - 1} was taken")
            if is_taken:
                self.numbers["duplicates"] += number in taken
                taken.append(number)

    def _check_id(self, hook: str, picture: str, number: int, message_id: str) -> None:
        known = self.ids.setdefault((hook, picture, number), message_id)
        if known != message_id:
            self.faults.append(f"{hook} {picture}: change {number} came with two ids")

    def verdict(self, expected: Mapping[Place, int]) -> list[str]:
        """Return all faults. `expected` is how often each picture has entered or left the album of each webhook."""
        faults = list(self.faults)
        for place, changes in expected.items():
            missing = set(range(1, changes + 1)) - set(self.taken.get(place, ()))
            if missing:
                faults.append(f"{place[0]} {place[1]}: the changes {sorted(missing)} were never delivered")
        for place in self.taken.keys() - expected.keys():
            faults.append(f"{place[0]} {place[1]}: nothing has changed, and the receiver was told")
        if len(set(self.ids.values())) != len(self.ids):
            faults.append("two messages have the same id")
        return faults
