"""Runs a storm: clients and another writer of tags against the emulator, until all is at rest."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.storm import attempts, evidence, faults, functions, pictures, progress
from benchmarks.storm.buckets import keeps_versions, opened
from benchmarks.storm.clients import BatchWriter, Client, Setting
from benchmarks.storm.clients import Counter as Countdown
from benchmarks.storm.emulated import StormEmulator
from benchmarks.storm.evidence import Call, Evidence
from benchmarks.storm.functions import ROOT
from benchmarks.storm.habits import habits as habits_of
from benchmarks.storm.journal import Journal, operations
from benchmarks.storm.options import Options

REDRIVES = 3
"""Dead letters are delivered again so often at most. A healthy system needs it once."""


@dataclass(frozen=True, slots=True)
class Storm:
    """A storm that is over. Times are seconds."""

    evidence: Evidence
    invocations: int
    cold_starts: int
    dead_letters: int
    """So many events were dead letters when everything was at rest for the first time."""
    redriven: int
    met: Mapping[str, int]
    """How often each fault struck."""
    clients: float
    """The clients took so long."""
    rest: float
    """The seconds from the first operation until the first rest."""
    quiet: list[Call]
    """The calls of ordinary events that came one after the other when all was over."""


def run(options: Options, code: Path = ROOT) -> Storm:
    """Run a storm to its rest, deliver its dead letters again without faults, and read what is left."""
    with _folder(options) as folder, StormEmulator(options, folder, code) as emulator, _quiet_sdks():
        journal = Journal(folder / "journal.jsonl")
        for bucket in opened(emulator.port):
            if keeps_versions(bucket.uri):
                bucket.keep_versions()
        rules = faults.rules(options.faults, options.profile, options.operations)
        if rules:
            emulator.control("faults", {"seed": options.seed, "rules": rules}, "PUT")
        began, countdown = time.monotonic(), Countdown(options.operations)
        with progress.told(lambda: f"{countdown.left} operations are left, and {emulator.undelivered()} deliveries"):
            _operate(options, emulator, journal, countdown)
            clients = time.monotonic() - began
            emulator.rest()
            rest, dead_letters = time.monotonic() - began, len(emulator.dead_letters())
            met = _met(emulator) if rules else {}
            if rules:
                emulator.control("faults", method="DELETE")
            redriven = _redrive(emulator)
        journal.close()
        states = list(emulator.state().values())
        left = _left(emulator)
        quiet = _ordinary(emulator, options.ordinary, len(left.calls))
    invocations, cold_starts = (sum(state[name] for state in states) for name in ("invocations", "cold_starts"))
    return Storm(left, invocations, cold_starts, dead_letters, redriven, met, clients, rest, quiet)


def _operate(options: Options, emulator: StormEmulator, journal: Journal, countdown: Countdown) -> None:
    """Let the clients do all operations, and the other writer some of them."""
    embedded = "embedded" in functions.detectors(options).values()
    picture = pictures.photographed if embedded else pictures.drawn
    buckets = [bucket for _ in range(options.clients) for bucket in opened(emulator.port)]
    habits = habits_of(options.profile, options.operations, len(buckets))
    setting = Setting(journal, countdown, picture, options.pause, options.seed, habits, emulator.watch)
    clients = [Client(setting, bucket, number) for number, bucket in enumerate(buckets)]
    writer = BatchWriter(setting, clients, max(20, options.operations // 10))
    threads = [threading.Thread(target=run) for run in (*(client.run for client in clients), writer.run)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _redrive(emulator: StormEmulator) -> int:
    """Deliver dead letters again, as a person does when what was wrong is over. Return how many there were."""
    redriven = 0
    for _ in range(REDRIVES):
        if not (count := emulator.redrive()):
            break
        redriven += count
        emulator.rest()
    return redriven


def _met(emulator: StormEmulator) -> dict[str, int]:
    met: Counter[str] = Counter()
    for rule in emulator.control("faults")["rules"]:
        met[rule["do"]] += rule["applied"]
    return dict(met)


def _left(emulator: StormEmulator) -> Evidence:
    rows, history = evidence.index(emulator.port, emulator.database)
    there = evidence.objects(emulator.port)
    emulator.collect()
    return Evidence(
        operations=operations(emulator.folder / "journal.jsonl"),
        objects=there,
        rows=rows,
        history=history,
        calls=evidence.calls(emulator.calls_file),
        dead_letters=emulator.dead_letters(),
        attempts=attempts.attempts(emulator.logs()),
    )


def _ordinary(emulator: StormEmulator, number_of_pictures: int, before: int) -> list[Call]:
    """Upload new pictures one after the other, each when the event of the one before is over, and return the calls."""
    bucket = opened(emulator.port)[0]
    for number in range(number_of_pictures):
        bucket.put(f"quiet/{number}.jpg", pictures.photographed(f"quiet{number}"), {})
        emulator.rest()
    emulator.collect()
    return evidence.calls(emulator.calls_file)[before:]


@contextmanager
def _folder(options: Options) -> Iterator[Path]:
    if options.keep is None:
        with tempfile.TemporaryDirectory(prefix="storm-") as name:
            yield Path(name)
        return
    if options.keep.exists() and any(options.keep.iterdir()):
        raise FileExistsError(f"the folder {options.keep} is not empty: name another one")
    options.keep.mkdir(parents=True, exist_ok=True)
    yield options.keep.resolve()


@contextmanager
def _quiet_sdks() -> Iterator[Any]:
    """Keep the SDKs from logging what the journal says."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
