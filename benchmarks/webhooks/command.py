"""`python -m benchmarks webhooks` writes changes, kills workers while they tell of them, and judges what arrived."""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from standardwebhooks import Webhook

from benchmarks.webhooks.judge import Judge
from imagelabels.domain.albums import Album, Question, new_id
from imagelabels.domain.changes import named
from imagelabels.domain.moments import now
from imagelabels.domain.webhooks import Hook
from imagelabels.ports.webhooks import Webhooks
from imagelabels.providers.sqlite import OpenedSqlite
from imagelabels.records.rows import image_pk
from imagelabels.usecases.hook_keeping import Keeper
from imagelabels.usecases.hook_turn import LEASE
from tests.contract.samples import label, put, record

ROUNDS = 5
"""Each picture enters or leaves the album once in each round."""

KILLED = 0.7
"""So many of the workers are killed."""

LONGEST = 1.5
"""A worker is killed within so many seconds after it has begun."""


class Receiver(BaseHTTPRequestHandler):
    """Fails half the time: it answers 500, or says nothing, or takes the message and says nothing."""

    judge: Judge
    secrets: dict[str, str]
    chance: random.Random

    def do_POST(self) -> None:
        hook = self.path[1:]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = Webhook(self.secrets[hook]).verify(body, dict(self.headers))
        fate = self.chance.choice(["taken", "taken", "taken", "refused", "silent", "lost"])
        self.judge.arrived(hook, self.headers["webhook-id"], message, fate in ("taken", "lost"))
        if fate in ("taken", "refused"):
            self.send_response(200 if fate == "taken" else 500)
            self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiving(judge: Judge, secrets: dict[str, str], chance: random.Random) -> Iterator[int]:
    """Receive on a free port of this machine."""
    handler = type("Here", (Receiver,), {"judge": judge, "secrets": secrets, "chance": chance})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Storm:
    """The index, the workers and the time in which they live."""

    def __init__(self, path: Path, pictures: int, chance: random.Random) -> None:
        self._path, self._chance, self._ahead = path, chance, 0
        self._index = OpenedSqlite(path, {})
        self._ledger = self._index.ledger()
        self._kept: Webhooks = self._index.webhooks()
        self._refs = [named(f"oss://photos/{number}.jpg") for number in range(pictures)]
        self._changes = self._index.changes()
        self.numbers: Counter[str] = Counter()
        self.album = Album(new_id(), "Dogs", Question(("dog",)))
        self._index.albums().put(self.album)

    def hook(self) -> Hook:
        keeper = Keeper(self._kept, self._changes, lambda: self.now, anywhere=True)
        return keeper.make(self.album.id, "http://127.0.0.1/")

    def lead(self, hook: Hook, url: str) -> None:
        """Let a webhook lead to its receiver, whose port is known now."""
        there = self._kept.hooks.get(hook.id) or hook
        self._kept.hooks.put(replace(there, url=url, version=there.version + 1), there.version)

    @property
    def now(self) -> int:
        return now() + self._ahead

    def change(self, turn: int) -> None:
        """Let every picture enter the album, or leave it."""
        labels = (label("dog"),) if turn % 2 == 0 else (label("cat"),)
        with self._ledger.together():
            for ref in self._refs:
                put(self._ledger, record(ref, labels, updated_at=self.now), f"event {turn}")

    def work(self) -> None:
        """Run a worker, which may be killed, and let time pass until another one finds something to do."""
        command = [sys.executable, "-m", "benchmarks.webhooks.worker", f"sqlite:///{self._path}", str(self._ahead)]
        environ = {**os.environ, "IMAGELABELS_WEBHOOK_RECEIVERS": "any"}
        child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True)
        assert child.stdout is not None
        child.stdout.readline()
        self.numbers["workers"] += 1
        if self._chance.random() < KILLED:
            time.sleep(self._chance.random() * LONGEST)
            child.kill()
        code = child.wait()
        child.stdout.close()
        self.numbers["killed"] += code < 0
        self.numbers["errors"] += max(code, 0)
        soonest = min((one.due_at for hook in self._kept.hooks.list() for one in self._waiting(hook)), default=0)
        self._ahead += max(LEASE + 5000, soonest - self.now + 1000)

    def has_read(self) -> bool:
        """Return whether every webhook has read all changes."""
        end = self._changes.end()
        return all((hook.stage, hook.cursor) == ("following", end) for hook in self._kept.hooks.list())

    def has_sent(self) -> bool:
        """Return whether nothing waits any more."""
        return not any(self._waiting(hook) for hook in self._kept.hooks.list())

    def failed(self) -> int:
        kept = (one for hook in self._kept.hooks.list() for one in self._kept.outbox.list(hook.id, 10**6))
        return sum(1 for one in kept if one.failed_at is not None)

    def expected(self, hooks: list[Hook]) -> dict[tuple[str, str], int]:
        return {(hook.id, image_pk(ref)): ROUNDS for hook in hooks for ref in self._refs}

    def _waiting(self, hook: Hook) -> list[Any]:
        return [one for one in self._kept.outbox.list(hook.id, 10**6) if one.failed_at is None]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks webhooks", description=__doc__)
    parser.add_argument("--changes", type=int, default=10_000, help="so many changes of an album (10000)")
    parser.add_argument("--hooks", type=int, default=2, help="so many webhooks of the album (2)")
    parser.add_argument("--seed", type=int, default=1, help="decides what fails and when workers are killed (1)")
    args = parser.parse_args(words)
    chance, judge, secrets = random.Random(args.seed), Judge(), dict[str, str]()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, receiving(judge, secrets, random.Random(args.seed + 1)) as port:
        storm = Storm(Path(folder, "index.db"), args.changes // ROUNDS, chance)
        hooks = [storm.hook() for _ in range(args.hooks)]
        for hook in hooks:
            secrets[hook.id] = hook.secrets[0]
            storm.lead(hook, f"http://127.0.0.1:{port}/{hook.id}")
        for turn in range(ROUNDS):
            storm.change(turn)
            while not storm.has_read():
                storm.work()
            print(f"round {turn + 1}: {dict(judge.numbers)} {dict(storm.numbers)}", flush=True)
        while not storm.has_sent():
            storm.work()
        expected, failed = storm.expected(hooks), storm.failed()
    faults = judge.verdict(expected)
    for fault in faults[:20]:
        print(fault)
    print(
        f"{args.changes:,} changes, {args.hooks} webhooks: {len(expected) * ROUNDS:,} messages to deliver,"
        f" {judge.numbers['attempts']:,} attempts reached a receiver, {judge.numbers['duplicates']:,} duplicates,"
        f" {failed} given up, {storm.numbers['workers']} workers of which {storm.numbers['killed']} were killed,"
        f" {len(faults)} faults, {time.monotonic() - begun:.0f} s"
    )
    return 1 if faults or failed else 0
