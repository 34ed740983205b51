"""This storm lets several processes write to an index while readers page through its changes: who misses none?

`python -m benchmarks changes` runs it. Writers lock a picture, write or remove its row, and note what the index has
acknowledged. Some of them are killed. Readers page through the changes meanwhile, one of them with a new connection for
each page. The storm ends when all is told, and then every acknowledged change must have been told to each reader, those
of one picture in their order, and the last one must say what became of the picture. With Tablestore, the emulator
answers late, loses replies, throttles, and lets search indexes lag. A line whose reply was lost is sent again there, so
it may be told behind a later one; but each line says what has become of the row by then.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from demo.health import answers
from emulator.core.ports import free_port
from imagelabels import opening
from imagelabels.clouds import OpenedIndex
from imagelabels.deploy.emulated import EmulatedClouds
from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.ports.changes import Changes
from imagelabels.providers.aliyun import open_instance
from imagelabels.providers.aliyun.opened_index import OpenedTablestore
from imagelabels.providers.aliyun.tablestore.changes import HELD_BACK, TablestoreChanges
from imagelabels.views.pipes import piped

ROOT = Path(__file__).resolve().parent.parent
FAULTS: Sequence[Mapping[str, Any]] = (
    {"do": "slow", "service": "tablestore", "share": 0.05, "seconds": [0, 2]},
    {"do": "slow", "service": "tablestore", "share": 0.05, "seconds": [0, 2], "when": "after"},
    {"do": "late", "service": "tablestore", "operation": "BatchWriteRow", "share": 0.03, "seconds": [0, 6]},
    {"do": "cut_after", "service": "tablestore", "operation": "BatchWriteRow", "share": 0.03},
    {"do": "error", "service": "tablestore", "share": 0.03, "code": "OTSServerBusy"},
    {"do": "lag", "seconds": 3},
)

Told = list[tuple[str, int, str]]
"""The key, the moment and the kind of each change in the order in which a reader was told."""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is written."""

    index: str = "sqlite"
    writers: int = 6
    writes: int = 500
    """So many times each writer tries."""
    pictures: int = 60
    kills: int = 3
    """So many writers are killed. Others take their place."""
    seed: int = 1
    ahead: float = 0.0
    """The readers' clock is so many seconds ahead in Tablestore, so that they wait less for the youngest changes."""


@dataclass(slots=True)
class Written:
    """What the writers noted."""

    acknowledged: set[tuple[str, int]] = field(default_factory=set)
    lost: int = 0
    """Nobody knows what became of so many writes: the reply was lost, or the writer was killed."""


def main(arguments: list[str]) -> int:
    """Run the storm."""
    parser = argparse.ArgumentParser(prog="benchmarks changes", description=__doc__)
    plain = Options()
    parser.add_argument("--index", choices=("sqlite", "tablestore"), default=plain.index)
    for name in ("writers", "writes", "pictures", "kills", "seed"):
        parser.add_argument(f"--{name}", type=int, default=getattr(plain, name), help="(default: %(default)s)")
    options = Options(**vars(parser.parse_args(arguments)))
    with tempfile.TemporaryDirectory() as folder:
        line, wrong = storm(options, Path(folder))
    print("\n".join([line, *wrong[:20]]))
    return 1 if wrong else 0


def storm(options: Options, folder: Path) -> tuple[str, list[str]]:
    """Return a line about the storm, and what is wrong."""
    with _index(options, folder) as (url, environ):
        opened = opening.index(url, environ)
        ended = Event()
        limits = {"new connections": 7, "one connection": 100}
        readers = [Reader(_changes(opened, options), limit, name.startswith("new")) for name, limit in limits.items()]
        threads = [Thread(target=reader.read, args=(ended,)) for reader in readers]
        for thread in threads:
            thread.start()
        written = _storm(options, url, environ)
        if options.index == "tablestore" and not options.ahead:
            time.sleep(HELD_BACK / 1000 + 8)  # The last writes may be late, and readers hold back the youngest.
        ended.set()
        for thread in threads:
            thread.join()
        in_order = options.index == "sqlite"
        wrong = [
            f"{reader.limit} a page: {line}"
            for reader in readers
            for line in judged(reader.told, written, opened, in_order)
        ]
    told = " and ".join(f"{len(reader.told):,} lines on {reader.pages:,} pages" for reader in readers)
    return (
        f"changes, {options.index}: {options.writers} writers, {options.kills} killed, {options.pictures} pictures,"
        f" seed {options.seed}: {len(written.acknowledged):,} changes acknowledged, {written.lost:,} of unknown fate;"
        f" readers were told {told}; {len(wrong)} wrong"
    ), wrong


class Reader:
    """A reader, who keeps the cursor as a text."""

    def __init__(self, open_changes: Callable[[float], Changes], limit: int, again: bool) -> None:
        """With `again` it opens the index anew for each page, as after a restart."""
        self._open, self.limit, self._again = open_changes, limit, again
        self.told: Told = []
        self.pages = 0

    def read(self, ended: Event) -> None:
        """Page until there is nothing more after the end of the writers."""
        cursor: str | None = None
        changes = self._open(0.0)
        while True:
            is_last = ended.is_set()
            if self._again or is_last:
                changes = self._open(HELD_BACK / 1000 if is_last else 0.0)
            try:
                lines, cursor = changes.since(cursor, self.limit)
            except Unavailable:
                continue
            self.pages += 1
            self.told += [(line.ref.key, line.at, line.kind) for line in lines]
            if is_last and not lines:
                return
            if not lines:
                ended.wait(0.05)


def judged(told: Told, written: Written, opened: OpenedIndex, in_order: bool) -> Iterator[str]:
    """Yield what a reader was not told, or was told in another order if that is promised, or was told wrongly."""
    heard = {(key, at) for key, at, _ in told}
    yield from (f"{key} at {at} was missed" for key, at in sorted(written.acknowledged - heard))
    first: dict[str, list[int]] = defaultdict(list)
    for key, at, _ in told:
        if at not in first[key]:
            first[key].append(at)
    for key, moments in first.items():
        known = [at for at in moments if (key, at) in written.acknowledged]
        if in_order and known != sorted(known):
            yield f"the changes of {key} were told in another order"
    ledger = opened.ledger()
    for key, kind in {key: kind for key, _, kind in told}.items():
        row = _again(lambda key=key: ledger.row(ObjectRef("oss", "photos", key)))  # type: ignore[misc]
        if (kind == "written") != (row is not None and row.record is not None):
            yield f"the last change of {key} says {kind}"


def _again(ask: Callable[[], Any]) -> Any:
    while True:
        try:
            return ask()
        except Unavailable:
            continue


def _changes(opened: OpenedIndex, options: Options) -> Callable[[float], Changes]:
    """Return what opens the changes with a clock that is some more seconds ahead at the end."""
    if not isinstance(opened, OpenedTablestore):
        return lambda more: opened.changes()

    def reading(more: float) -> Changes:
        instance = open_instance(opened.settings, opened.credentials, opened.instance)
        ahead = options.ahead + more if options.ahead else 0.0
        return TablestoreChanges(instance, lambda: time.time() + ahead)

    return reading


def _storm(options: Options, url: str, environ: Mapping[str, str]) -> Written:
    """Run the writers, kill some, and return what they noted."""
    dice = random.Random(options.seed)
    seeds = [str(dice.random()) for _ in range(options.writers + options.kills)]
    notes: list[list[str]] = [[] for _ in seeds]
    rest = list(enumerate(seeds))
    running: dict[int, tuple[subprocess.Popen[str], Thread]] = {}
    doomed = set(range(options.kills))
    while rest or running:
        while rest and len(running) < options.writers:
            number, seed = rest.pop(0)
            running[number] = _writer(options, url, environ, seed, notes[number])
        for number, (process, thread) in list(running.items()):
            if number in doomed and len(notes[number]) > options.writes // 2:
                process.send_signal(signal.SIGKILL)
            if process.poll() is not None:
                thread.join()
                assert process.stdout is not None
                process.stdout.close()
                del running[number]
        time.sleep(0.01)
    written, tried = Written(), Counter[str]()
    for line in (line for some in notes for line in some):
        what, key, at = json.loads(line)
        tried[what] += 1
        if what == "acknowledged":
            written.acknowledged.add((key, at))
    written.lost = tried["tries"] - tried["acknowledged"]
    return written


def _writer(
    options: Options, url: str, environ: Mapping[str, str], seed: str, notes: list[str]
) -> tuple[subprocess.Popen[str], Thread]:
    command = [sys.executable, "-m", "benchmarks.changes_writer", url, seed]
    command += [str(options.writes), str(options.pictures)]
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environ), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    thread = Thread(target=_listen, args=(process.stdout, notes))
    thread.start()
    return process, thread


def _listen(lines: Iterable[str], notes: list[str]) -> None:
    """Keep the whole lines; one that a kill cut in two says nothing."""
    notes.extend(line for line in lines if line.endswith("\n"))


@contextmanager
def _index(options: Options, folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'shared'}{os.pathsep}{ROOT}"}
    if options.index == "sqlite":
        url = f"sqlite:///{folder / 'labels.db'}"
        opening.index(url, environ).create()
        yield url, environ
        return
    port = free_port()
    url = "tablestore://storm"
    environ |= EmulatedClouds(port, url).user_settings
    up = [sys.executable, "-m", "emulator", "up", "--port", str(port), "--data", str(folder / "data")]
    emulator = subprocess.Popen([*up, "--log-requests", "none"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/_emulator"
        _wait_until_it_answers(emulator, port)
        opening.index(url, environ).create()
        rules = json.dumps({"seed": options.seed, "rules": list(FAULTS)}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{address}/faults", rules, method="PUT")).close()
        yield url, environ
    finally:
        emulator.terminate()
        emulator.wait()


def _wait_until_it_answers(emulator: subprocess.Popen[bytes], port: int) -> None:
    while not answers(port, emulator.pid):
        if emulator.poll() is not None:
            raise RuntimeError("the emulator did not start")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
