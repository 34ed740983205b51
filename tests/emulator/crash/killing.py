"""Kills the emulator again and again while clients write, and checks what is there after each restart."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.emulator.crash.rows import RowClient
from tests.emulator.crash.state import State
from tests.emulator.crash.stores import Cos, Oss
from tests.emulator.crash.writers import AnyWriter, Client, ObjectClient, Writer

ROOT = Path(__file__).parents[3]
MOST_WRITES = 60
"""The emulator is killed after so many acknowledged writes at most. The number is random."""
MOST_SECONDS_MORE = 0.02
"""The wait is random. Else each kill would come just after an answer, and few writes would be cut in the middle."""
CLIENTS: Mapping[str, tuple[Callable[[str], Client[Any]], Any]] = {
    "oss": (lambda address: ObjectClient(Oss(address, "plain"), False), State()),
    "oss-versions": (lambda address: ObjectClient(Oss(address, "kept"), True), State()),
    "cos": (lambda address: ObjectClient(Cos(address, "plain"), False), State()),
    "cos-versions": (lambda address: ObjectClient(Cos(address, "kept"), True), State()),
    "tablestore": (RowClient, {}),
}
"""Makes each client, which begins with a store that holds nothing of its own."""
NAMES = {"cos", "functions", "lock", "objects", "store.sqlite", "store.sqlite-shm", "store.sqlite-wal", "tablestore"}
"""What a data folder may have in it."""


class Spoiled(Exception):
    """The emulator has lost or torn a write. The message says which."""


class Killing:
    """One folder of an emulator that is killed again and again. `seed` decides what is written."""

    def __init__(self, data: Path, seed: int) -> None:
        self._data, self._seed, self._chance = data, seed, random.Random(seed)
        self._held = {name: empty for name, (_, empty) in CLIENTS.items()}
        self.kills, self.writes, self.unanswered, self.unanswered_kept, self.leftovers = 0, 0, 0, 0, 0

    def run(self, kills: int) -> Iterator[None]:
        """Kill the emulator so many times, and yield after each. Spoiled if it loses anything."""
        pending = {name: [held] for name, held in self._held.items()}
        for _ in range(kills + 1):
            self.leftovers = max(self.leftovers, _unnamed(self._data))
            with _emulator(self._data) as (process, address):
                _check_folder(self._data)
                clients = {name: make(address) for name, (make, _) in CLIENTS.items()}
                for name, client in clients.items():
                    self._held[name] = self._checked(name, client, pending[name])
                if self.kills == kills:
                    return
                pending = self._written(clients, process)
                self.kills += 1
            yield

    def _checked(self, name: str, client: Client[Any], pending: list[Any]) -> Any:
        seen = client.seen()
        fitting = [number for number, held in enumerate(pending) if client.fits(held, seen)]
        if not fitting:
            told = "".join(f"but may show {_short(held, seen)}\n" for held in pending)
            where = f"{name} after {self.kills} kills with the seed {self._seed}"
            raise Spoiled(f"{where}:\nit shows {_short(seen, pending[0])}\n{told}")
        if len(pending) > 1:
            self.unanswered += 1
            self.unanswered_kept += fitting[0] > 0
        return seen

    def _written(self, clients: Mapping[str, Client[Any]], process: subprocess.Popen[str]) -> dict[str, list[Any]]:
        """Let all clients write, and kill the emulator amid that. Return what each part of the store may hold."""
        enough, stop = threading.Semaphore(0), threading.Event()
        writers: dict[str, AnyWriter] = {
            name: Writer(client, self._held[name], f"{self._seed} {self.kills} {name}", enough.release, stop)
            for name, client in clients.items()
        }
        for writer in writers.values():
            writer.start()
        for _ in range(self._chance.randrange(MOST_WRITES) + 1):
            enough.acquire()
        stop.wait(self._chance.random() * MOST_SECONDS_MORE)
        process.kill()
        stop.set()
        for name, writer in writers.items():
            writer.join()
            self.writes += writer.writes
            if writer.error is not None:
                raise Spoiled(f"{name}: a write was refused: {writer.error!r}") from writer.error
        return {name: writer.pending for name, writer in writers.items()}


@contextmanager
def _emulator(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "emulator", "up", "--port", "0", "--data", str(data), "--log-requests", "none"]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            if not ready.startswith("ready on "):
                raise Spoiled("the emulator does not start on the folder of one that was killed")
            yield process, ready.split(",")[0].removeprefix("ready on ")
        finally:
            process.kill()


def _folders(data: Path) -> tuple[Path, Path]:
    return data, data / "cos"


def _named(folder: Path) -> set[str]:
    """Return the names of the files that the rows of a store name."""
    tables = ("object", "older WHERE NOT marker", "part")
    with closing(sqlite3.connect(folder / "store.sqlite")) as db:
        if (broken := db.execute("PRAGMA integrity_check").fetchall()) != [("ok",)]:
            raise Spoiled(f"the database in {folder} is broken: {broken}")
        return {row[0] for table in tables for row in db.execute(f"SELECT file FROM {table}")}


def _unnamed(data: Path) -> int:
    """Count the files that no row names, which the next start removes."""
    unnamed = 0
    for folder in _folders(data):
        if not (folder / "store.sqlite").exists():
            continue
        # A copy of the database is read, because SQLite mends the database that it opens. The emulator has to do that.
        with tempfile.TemporaryDirectory() as copy:
            for file in folder.glob("store.sqlite*"):
                shutil.copy(file, copy)
            unnamed += len({file.name for file in (folder / "objects").iterdir()} - _named(Path(copy)))
    return unnamed


def _check_folder(data: Path) -> None:
    """Raise Spoiled unless the files of the stores are those that their rows name."""
    for folder in _folders(data):
        files = {file.name for file in (folder / "objects").iterdir()}
        if files != (named := _named(folder)):
            raise Spoiled(f"{folder}: {len(files - named)} stray files, {len(named - files)} files are missing")
    if strays := {file.name for file in data.iterdir()} - NAMES:
        raise Spoiled(f"{data} has strays: {', '.join(sorted(strays))}")


def _short(held: Any, other: Any) -> str:
    """Return the text of what a store holds, with long bytes cut, and without the keys that are the same in `other`."""
    if isinstance(held, State):
        keys = {
            key: [(None if v.body is None else (len(v.body), v.body[:4].hex()), v.etag, dict(v.tags), v.id) for v in vs]
            for key, vs in sorted(held.keys.items())
            if vs != other.of(key)
        }
        return f"{keys} and the uploads {[(u.key, sorted(u.parts), u.id) for u in held.uploads]}"
    return str({n: value[:12] for n, value in sorted(held.items())})
