"""What the emulator's list of calls tells: who paid for what, and who came back to which object."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

EVERY = 1.0
"""The list is read every so many seconds, because the emulator forgets old calls."""

LOOK, WRITE = "HEAD object", "PUT object?tagging"

Group = str | int
"""Who made a call: an invocation of a function, or the number of a run of the command."""


@dataclass(frozen=True, slots=True)
class Paid:
    """A call to the detector."""

    group: Group
    key: str
    content: str
    began: float
    ended: float


class Seen:
    """It takes the calls as they come, and keeps what the judge needs of them."""

    def __init__(self, control: Callable[[str], Any], bucket: str) -> None:
        self._control, self._bucket, self._next = control, bucket, 0
        self.started: list[float] = []
        """The times at which the runs of the command began."""
        self.paid: list[Paid] = []
        self.calls = 0
        self.killed: set[Group] = set()
        """The runs and invocations that were killed."""
        self.worked_on: defaultdict[int, set[str]] = defaultdict(set)
        """The keys of the objects that were looked at in each run of the command."""
        self._wrote: dict[tuple[Group, str], float] = {}
        """When each group has last written the tags of an object."""
        self._lock, self._done = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Seen:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def collect(self) -> None:
        """Take the calls that have come since the last time."""
        with self._lock:
            while True:
                page = self._control(f"calls?since={self._next}")
                if page["forgotten"]:
                    raise RuntimeError(f"the emulator forgot {page['forgotten']} calls before they were read")
                for call in page["calls"]:
                    self._take(call)
                if page["next"] == self._next:
                    return
                self._next = page["next"]

    def repeats(self) -> Iterator[tuple[Paid, Paid]]:
        """Yield each call for a content that was paid for before, behind the call before it."""
        by_content: defaultdict[str, list[Paid]] = defaultdict(list)
        for one in sorted(self.paid, key=lambda paid: paid.began):
            by_content[one.content].append(one)
        for calls in by_content.values():
            yield from pairwise(calls)

    def why(self, first: Paid) -> str | None:
        """Return why the answer of a call was lost; None if it was not, or nobody knows why.

        The answer is stored before the tags are written. So whoever has written them has stored it.
        """
        if first.group not in self.killed or self._wrote.get((first.group, first.key), 0.0) >= first.ended:
            return None
        return "the command was killed" if isinstance(first.group, int) else "a worker was killed"

    def met(self) -> Counter[str]:
        """Return how many runs and workers were killed."""
        return Counter("runs" if isinstance(group, int) else "workers" for group in self.killed)

    def _take(self, call: Mapping[str, Any]) -> None:
        if call["bucket"] != self._bucket and not call["faults"]:
            self.calls += bool(self.started)
            return
        run = bisect_right(self.started, call["began"]) - 1
        self.calls += run >= 0
        group: Group = call["invocation"] or run
        if "kill" in call["faults"]:
            self.killed.add(group)
        if call["operation"] == LOOK:
            self.worked_on[run].add(call["key"])
        if call["operation"] == WRITE:
            self._wrote[group, call["key"]] = call["began"]
        if call.get("detected"):
            self.paid.append(Paid(group, call["key"], str(call["content"]), call["began"], call["ended"]))

    def _follow(self) -> None:
        while not self._done.wait(EVERY):
            with suppress(OSError):  # A busy emulator is asked again, and no call is forgotten so soon.
                self.collect()
