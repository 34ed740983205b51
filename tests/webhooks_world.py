"""An album, receivers and a clock in memory, over which webhooks are worked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from imagelabels.domain import words
from imagelabels.domain.albums import Album, Question, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.model import Label
from imagelabels.domain.webhooks import Delivery, Hook
from imagelabels.usecases.gallery import Gallery
from imagelabels.usecases.hook_keeping import Keeper
from imagelabels.usecases.hook_run import Turn, run
from imagelabels.usecases.hook_tools import HookTools
from imagelabels.usecases.hook_turn import TurnResult, work
from tests.contract.samples import entry, label, put, record
from tests.fakes import FakeLedger
from tests.fakes_albums import FakeAlbums, FakeChanges
from tests.fakes_webhooks import FakeReceivers, fake_webhooks
from tests.toy.index.shelf import ShelfIndex

WORDS = words.load(("ci", "imm"))
DOG, CAT = label("dog"), label("cat")
URL = "https://example.com/hook"
START = 1_800_000_000_000


class Inline(Executor):
    """Does the work at once, in the order in which it is handed in."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass
class World:
    """Everything that webhooks are worked for with. Time stands still until a test moves it."""

    now: int = START
    clock: float = 0.0
    each: float = 0.0
    """So many seconds pass whenever a message is sent."""
    receivers: FakeReceivers = field(default_factory=FakeReceivers)

    def __post_init__(self) -> None:
        self.ledger, self.albums, self.kept = FakeLedger(), FakeAlbums(), fake_webhooks()
        self.albums.changes = self.ledger.changes
        self.changes = FakeChanges(self.ledger.changes)
        gallery = Gallery(ShelfIndex(self.ledger), self.ledger, WORDS)
        self.by = HookTools(
            gallery,
            self.albums,
            self.changes,
            self.kept,
            self.receivers,
            lambda: self.now,
            self._clock,
            lambda: 0.0,
        )
        self.album = Album(new_id(), "Dogs", Question(("dog",)))
        self.albums.put(self.album)
        self._events = iter(range(10**9))

    def _clock(self) -> float:
        return self.clock + self.each * len(self.receivers.sent)

    def keeper(self, *within: str, anywhere: bool = False) -> Keeper:
        return Keeper(self.kept, self.changes, lambda: self.now, within or ("",), anywhere)

    def hook(self, url: str = URL, *within: str) -> Hook:
        """Make a webhook for the album."""
        return self.keeper(*within).make(self.album.id, url)

    def has(self, key: str, *labels: Label) -> str:
        """Let a picture be labelled with these labels now, and return its URI."""
        ref = named(f"oss://photos/{key}")
        put(self.ledger, record(ref, labels, updated_at=self.now), f"event {next(self._events)}")
        return ref.uri

    def lost(self, key: str) -> None:
        """Let a picture be removed from its bucket."""
        ref, event = named(f"oss://photos/{key}"), f"event {next(self._events)}"
        assert self.ledger.lock(ref, event, 0, 0, event)
        assert self.ledger.drop(ref, event, entry(event, "removed", self.now))

    def asks(self, question: Question) -> None:
        """Let the album ask something else."""
        there = self.albums.there[self.album.id]
        self.albums.put(replace(there, question=question, version=there.version + 1), there.version)

    def work(self, hook: Hook, until: float = 1e9) -> TurnResult | None:
        return work(self.by, self.kept.hooks.get(hook.id) or hook, until)

    def run(self, deadline: float = 1e9) -> list[Turn]:
        turns: list[Turn] = []
        run(self.by, deadline, Inline(), turns.append)
        return turns

    def told(self) -> list[tuple[str, str]]:
        """Return what was sent since this was last asked: what happened, and the key of the picture."""
        sent = [(kind, uri.removeprefix("oss://photos/")) for kind, uri in (one.short for one in self.receivers.sent)]
        self.receivers.sent.clear()
        return sent

    def waiting(self, hook: Hook) -> Iterator[Delivery]:
        yield from self.kept.outbox.list(hook.id, 10**6)

    def state(self, hook: Hook) -> Hook:
        there = self.kept.hooks.get(hook.id)
        assert there is not None
        return there

    def later(self, seconds: float) -> None:
        self.now += int(1000 * seconds)
