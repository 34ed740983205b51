"""The clients of a storm. Each has keys of its own in one bucket, and journals what it did."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from benchmarks.storm.buckets import Bucket, Changed, keeps_versions
from benchmarks.storm.habits import Habits
from benchmarks.storm.journal import Journal, Operation, Place, Shown
from benchmarks.storm.pictures import PART, is_ours
from benchmarks.storm.watching import Watch

LONGEST = 8.0
"""A client waits for a delivery for so many seconds at most."""
TWICE = "twice/"
"""Two functions get the events of keys that begin with this."""


class Counter:
    """Counts the operations of all clients down."""

    def __init__(self, operations: int) -> None:
        self._left, self._lock = operations, threading.Lock()

    def take(self) -> bool:
        """Tell whether another operation may begin, and count it."""
        with self._lock:
            self._left -= 1
            return self._left >= 0

    @property
    def left(self) -> int:
        return max(0, self._left)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an object, the newest of which a key shows, or a delete marker, which shows nothing."""

    shows: Shown | None
    id: str | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What all clients of a storm share."""

    journal: Journal
    counter: Counter
    picture: Callable[[str, int], bytes]
    """Makes the picture of a content, of at least so many bytes."""
    pause: float
    seed: int
    habits: Habits
    watch: Watch


class Client:
    """A client of one bucket. Whoever changes its objects holds its lock."""

    def __init__(self, setting: Setting, bucket: Bucket, number: int) -> None:
        self.lock = threading.Lock()
        self.bucket = bucket
        self._setting = setting
        self._chance = random.Random(f"{setting.seed} {bucket.uri} {number}")
        self._cloud = bucket.uri.partition(":")[0]
        self._letters = f"{self._cloud[0]}{'v' if keeps_versions(bucket.uri) else 'n'}"
        """Contents of one bucket never come into another: an answer is shared within a bucket."""
        self._name = f"{self._letters}{number}"
        self._keys = [f"{TWICE if n % 3 == 0 else 'once/'}{number}-{n}.jpg" for n in range(setting.habits.keys)]
        self._fresh = 0
        self._chosen = 0
        self._last = self._keys[0]
        self._changed = 0.0
        """The last change of an object began then."""
        self._versions: dict[str, list[Version]] = {}

    def run(self) -> None:
        """Do operations until the storm has had enough, and then remove some objects, most of which have rows."""
        while self._setting.counter.take():
            with self.lock:
                self._step(self._next_key())
            self._pause()
        with self.lock:
            for key in self.present()[::5]:
                self._delete(key, for_good=True)

    def _pause(self) -> None:
        """Wait by chance. Within a burst, wait first until a delivery is amid its work on the object."""
        burst = self._setting.habits.burst
        if burst and self._chosen % burst:
            self._setting.watch.wait(self._place(self._last), self._changed, LONGEST)
        time.sleep(min(self._chance.expovariate(1 / self._setting.pause), 4 * self._setting.pause))

    def _next_key(self) -> str:
        if burst := self._setting.habits.burst:
            self._last = self._keys[self._chosen // burst % len(self._keys)]
            self._chosen += 1
        elif self._chance.random() >= 0.3:
            self._last = self._chance.choice(self._keys)
        return self._last

    def shown(self, key: str) -> Shown | None:
        versions = self._versions.get(key)
        return versions[-1].shows if versions else None

    def present(self) -> list[str]:
        """Return the keys that show an object."""
        return [key for key in self._keys if self.shown(key) is not None]

    def add_tag(self, key: str, name: str, value: str, kind: str) -> None:
        """Read the tags, and write them with another one, as a person or another program does."""
        shown = self.shown(key)
        if shown is not None:
            self._write_tags(key, {**shown.tags, name: value}, kind)

    def _step(self, key: str) -> None:
        shown, dice = self.shown(key), self._chance.random()
        others = [other for other in self.present() if other != key]
        if shown is None:
            if dice < 0.1 and others:
                self._copy(self._chance.choice(others), key)
            elif dice < 0.25 and self._versions.get(key):
                self._remove_newest(key)
            else:
                self._put(key, in_parts=dice > 0.88)
            return
        for share, step in self._steps(key, shown, others):
            dice -= share
            if dice < 0:
                step()
                return
        self._put(key, again=shown if self._chance.random() < 0.15 else None)

    def _steps(self, key: str, shown: Shown, others: list[str]) -> Iterator[tuple[float, Callable[[], None]]]:
        """Yield what may be done to an object, each with its share. The rest of the shares is for an overwrite."""
        habits = self._setting.habits
        yield habits.edits, lambda: self._edit_tags(key, shown)
        if others:
            yield habits.copies, lambda: self._copy(self._chance.choice(others), key)
        yield habits.parts, lambda: self._put(key, in_parts=True)
        if keeps_versions(self.bucket.uri):
            yield habits.removals, lambda: self._remove_newest(key)
        yield habits.deletes, lambda: self._delete(key)

    def _content(self) -> str:
        if self._chance.random() < self._setting.habits.popular:
            return f"{self._letters}popular{self._chance.randrange(12)}"
        self._fresh += 1
        return f"{self._name}x{self._fresh}"

    def _some_tags(self) -> dict[str, str]:
        if self._chance.random() >= self._setting.habits.tagged:
            return {}
        mine = {"label:mine": "yes"} if self._chance.random() < 0.3 else {}
        return {"u1": str(self._chance.randrange(1000))} | mine

    def _put(self, key: str, in_parts: bool = False, again: Shown | None = None) -> None:
        shows = Shown(again.content if again is not None else self._content(), self._some_tags())
        if not in_parts:
            data = self._setting.picture(shows.content, 0)
            self._change("put", key, shows, lambda: self.bucket.put(key, data, shows.tags))
            return
        part = PART[self._cloud]
        data = self._setting.picture(shows.content, part)
        parts = [data[:part], data[part:]]
        self._change("parts", key, shows, lambda: self.bucket.put_parts(key, parts, shows.tags))

    def _copy(self, source: str, key: str) -> None:
        self._change("copy", key, self.shown(source), lambda: self.bucket.copy(source, key), source)

    def _delete(self, key: str, for_good: bool = False) -> None:
        self._change("delete", key, None, lambda: self.bucket.delete(key))
        if not for_good and self._chance.random() < 0.4:
            self._put(key)

    def _change(
        self, kind: str, key: str, shows: Shown | None, call: Callable[[], Changed], source: str | None = None
    ) -> None:
        self._changed = began = time.time()
        done = self._do(Operation(kind, self._place(key), began, began, shows, source=source), call)
        if done is None:
            return
        older = self._versions.get(key, []) if done.version is not None else []
        self._versions[key] = [*older, Version(shows, done.version)]
        if done.version is None and shows is None:
            del self._versions[key]

    def _remove_newest(self, key: str) -> None:
        """Remove the newest version, or a delete marker, so that an older version shows again."""
        versions = self._versions[key]
        newest, older = versions[-1], versions[:-1]
        if newest.id is None:
            return
        shows, began, version = older[-1].shows if older else None, time.time(), newest.id
        begun = Operation("remove", self._place(key), began, began, shows)
        if self._do(begun, lambda: self.bucket.remove(key, version)) is not None:
            self._versions[key] = older

    def _edit_tags(self, key: str, shown: Shown) -> None:
        mine = {**shown.tags, self._chance.choice(["u1", "u2", "u3"]): str(self._chance.randrange(1000))}
        if self._chance.random() < 0.2:
            mine.pop(next(iter(mine)))
        self._write_tags(key, mine, "tag", self._chance.random() * 0.2 if self._chance.random() < 0.15 else 0)

    def _write_tags(self, key: str, mine: Mapping[str, str], kind: str, slow: float = 0) -> None:
        """Read all tags and write them with ours in place of those that were ours. A slow client takes its time."""
        shown = self.shown(key)
        assert shown is not None
        read_began = time.time()
        try:
            read = self.bucket.tags(key)
        except Exception as error:
            failed = Operation(kind, self._place(key), read_began, time.time(), shown, error=_why(error))
            self._setting.journal.write(failed)
            return
        time.sleep(slow)
        wrote = {name: value for name, value in read.items() if is_ours(name)} | dict(mine)
        lost = {name: value for name, value in shown.tags.items() if read.get(name) != value}
        after, began = Shown(shown.content, mine), time.time()
        begun = Operation(
            kind, self._place(key), began, began, after, read=read, read_began=read_began, wrote=wrote, lost=lost
        )

        def write() -> Changed:
            self.bucket.put_tags(key, wrote)
            return Changed("", None)

        if self._do(begun, write) is not None:
            versions = self._versions[key]
            versions[-1] = Version(after, versions[-1].id)

    def _do(self, begun: Operation, call: Callable[[], Changed]) -> Changed | None:
        """Make the call and journal the operation. Return None if the call failed, whose effect nobody knows then."""
        try:
            done = call()
        except Exception as error:
            self._setting.journal.write(replace(begun, ended=time.time(), error=_why(error)))
            return None
        self._setting.journal.write(replace(begun, ended=time.time(), request=done.request))
        return done

    def _place(self, key: str) -> Place:
        return Place(self.bucket.uri, key)


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


class BatchWriter:
    """Another writer: it adds a tag to many objects of a bucket, one after the other, as the vendors' batch jobs do."""

    def __init__(self, setting: Setting, clients: list[Client], every: int) -> None:
        """`every` is the number of operations of the storm after which the next job begins."""
        self._setting, self._clients, self._every = setting, clients, every

    def run(self) -> None:
        due, job = self._setting.counter.left - self._every, 0
        while self._setting.counter.left:
            if self._setting.counter.left > due:
                time.sleep(0.05)
                continue
            due, job = due - self._every, job + 1
            for client in self._clients:
                with client.lock:
                    for key in client.present()[:3]:
                        if self._setting.counter.take():
                            client.add_tag(key, "batch", str(job), "batch")
