"""Clients that write at random, and remember what was acknowledged."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Protocol, TypeVar

from tests.emulator.crash.state import State, Upload, Version
from tests.emulator.crash.stores import Bucket, md5

Held = TypeVar("Held")
KEYS = 5
MOST_VERSIONS = 5


class Client(Protocol[Held]):
    """Writes to a part of a store that is its own."""

    lost: tuple[type[Exception], ...]
    """The exceptions of the client if the connection breaks."""

    def write(self, held: Held, chance: random.Random, pending: Callable[[Sequence[Held]], None]) -> Held:
        """Write something to a store that holds `held`. Return what it holds when the write is acknowledged.

        Before the write is sent, `pending` is told what the store may hold if no answer comes, beside `held` itself.
        """

    def seen(self) -> Held:
        """Return what the store shows."""

    def fits(self, held: Held, seen: Held) -> bool: ...


class Writer(threading.Thread, Generic[Held]):
    """Writes until the connection breaks or `stop` is set. It calls `acknowledged` after each write."""

    def __init__(
        self, client: Client[Held], held: Held, seed: str, acknowledged: Callable[[], None], stop: threading.Event
    ) -> None:
        super().__init__(name=seed)
        self.held, self.pending, self.writes = held, [held], 0
        self.error: Exception | None = None
        self._client, self._chance, self._acknowledged, self._stop_now = (
            client,
            random.Random(seed),
            acknowledged,
            stop,
        )

    def run(self) -> None:
        try:
            while not self._stop_now.is_set():
                self.held = self._client.write(self.held, self._chance, self._expect)
                self.pending = [self.held]
                self.writes += 1
                self._acknowledged()
        except self._client.lost:
            pass
        except Exception as error:
            self.error = error
        finally:
            self._acknowledged()

    def _expect(self, after: Sequence[Held]) -> None:
        self.pending = [self.held, *after]


class ObjectClient:
    """Writes objects whole, in parts and by appending, copies them, tags them, and deletes them."""

    def __init__(self, bucket: Bucket, versions: bool) -> None:
        self._bucket, self._versions, self.lost = bucket, versions, bucket.lost
        if versions:
            bucket.keep_versions()

    def fits(self, held: State, seen: State) -> bool:
        return held.fits(seen)

    def seen(self) -> State:
        return self._bucket.state(self._versions)

    def write(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        if any(len(versions) > MOST_VERSIONS for versions in held.keys.values()):
            return self._forget(held, chance, pending)
        steps = [self._put, self._put, self._tags, self._copy, self._delete, self._upload, self._upload]
        steps.append(self._forget if self._versions else self._append)
        return chance.choice(steps)(held, chance, pending)

    def _made(self, held: State, key: str, new: Version) -> State:
        """Return the state after a write of a version, which hides the older ones or replaces them."""
        older = list(held.of(key)) if self._versions else []
        return held.having(key, [new, *older])

    def _put(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        key, body, tags = f"k{chance.randrange(KEYS)}", _bytes(chance), _tags(chance)
        new = Version(body, self._bucket.etag(md5(body)), tags)
        pending([self._made(held, key, new)])
        return self._made(held, key, replace(new, id=self._bucket.put(key, body, tags)))

    def _tags(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        key, tags = f"k{chance.randrange(KEYS)}", _tags(chance, least=1)
        current = held.current(key)
        if current is None:
            return self._put(held, chance, pending)
        after = held.having(key, [replace(current, tags=tags), *held.of(key)[1:]])
        pending([after])
        self._bucket.set_tags(key, tags)
        return after

    def _copy(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        source, key = (f"k{number}" for number in chance.sample(range(KEYS), 2))
        current = held.current(source)
        if current is None:
            return self._put(held, chance, pending)
        new = replace(current, id="")
        pending([self._made(held, key, new)])
        return self._made(held, key, replace(new, id=self._bucket.copy(source, key)))

    def _delete(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        key = f"k{chance.randrange(KEYS)}"
        if held.current(key) is None:
            return self._put(held, chance, pending)
        if not self._versions:
            pending([held.having(key, ())])
            self._bucket.delete(key)
            return held.having(key, ())
        pending([self._made(held, key, Version(None))])
        return self._made(held, key, Version(None, id=self._bucket.delete(key)))

    def _forget(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        """Delete a version for good, which is one of the key with the most versions, and not the newest."""
        key = max(held.keys, key=lambda name: len(held.of(name)), default="")
        if len(held.of(key)) < 2:
            return self._put(held, chance, pending)
        gone = chance.randrange(len(held.of(key)) - 1) + 1
        after = held.having(key, [version for at, version in enumerate(held.of(key)) if at != gone])
        pending([after])
        self._bucket.delete(key, held.of(key)[gone].id)
        return after

    def _append(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        key, body = "log", _bytes(chance, least=1)
        current = held.current(key)
        before = current.body or b"" if current is not None else b""
        if len(before) > 1_000_000:
            pending([held.having(key, ())])
            self._bucket.delete(key)
            return held.having(key, ())
        new = Version(before + body)
        pending([held.having(key, [new])])
        return held.having(key, [replace(new, etag=self._bucket.append(key, len(before), body))])

    def _upload(self, held: State, chance: random.Random, pending: Callable[[Sequence[State]], None]) -> State:
        """Take the next step of an upload in parts, whose bodies follow from the key and the number of the part."""
        if not held.uploads:
            key = f"k{chance.randrange(KEYS)}"
            pending([held.uploading(Upload(key))])
            return held.uploading(Upload(key, id=self._bucket.begin(key)))
        (upload,) = held.uploads
        bodies = [_part(upload.id, number, self._bucket.smallest if number < 3 else 1000) for number in (1, 2, 3)]
        missing = [number for number in (1, 2, 3) if number not in upload.parts]
        if missing:
            number = chance.choice(missing)
            parts = {**upload.parts, number: self._bucket.etag(md5(bodies[number - 1]))}
            after = held.uploading(replace(upload, parts=parts))
            pending([after])
            self._bucket.part(upload, number, bodies[number - 1])
            return after
        etag = f"{self._bucket.etag(md5(b''.join(md5(body) for body in bodies)))}-3"
        new = Version(b"".join(bodies), etag)
        pending([self._made(held, upload.key, new).uploading()])
        return self._made(held, upload.key, replace(new, id=self._bucket.complete(upload))).uploading()


def _bytes(chance: random.Random, least: int = 0) -> bytes:
    return chance.randbytes(chance.choice([least, 1, 1000, 70_000, 300_000]))


def _part(upload: str, number: int, size: int) -> bytes:
    return random.Random(f"{upload}{number}").randbytes(size)


def _tags(chance: random.Random, least: int = 0) -> Mapping[str, str]:
    return {f"t{number}": str(chance.randrange(10)) for number in range(chance.randint(least, 3))}


AnyWriter = Writer[Any]
