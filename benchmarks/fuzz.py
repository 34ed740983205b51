"""This program gives hostile pictures to the header reader and the decoder, and measures their time and memory.

`python -m benchmarks fuzz` tries 100,000 pictures. `python -m benchmarks.fuzz --inputs 1000000` tries a million.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from benchmarks import grammar
from benchmarks.undamaged import seeds
from imagelabels.domain.errors import Rejected
from imagelabels.pictures import picture
from imagelabels.providers.onnx.decode import FORMATS, decode
from imagelabels.views.pipes import piped

INPUTS = 100_000
BATCH = 500
SECONDS = 5.0
"""The limit of CPU time. An input that takes more ends its worker, even inside a library."""
LOOK_SECONDS = 0.05
"""The limit of CPU time for the header reader, which reads every picture for every detector."""
MEMORY = 512 * 1024 * 1024
"""A process may hold this many bytes, libraries included."""
ADDRESSES = 4 * MEMORY
"""A worker's address space has this many bytes, so that a fault does not harm the machine."""
SIDE = 224
READS = 2
"""The header reader may read this often."""


def file(number: int) -> bytes:
    """Return the file with this number, which is the same on every run. Two in three are damaged, one is generated."""
    chance = random.Random(number)
    if number % 3 == 0:
        return grammar.file(chance)
    data = bytearray(chance.choice(seeds()))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        if data:
            chance.choice(_DAMAGES)(data, chance)
    return bytes(data)


def attempt(content: bytes) -> str:
    """Return `read`, or the reason of a refusal, or `crash` with the name of an error that is not documented."""
    try:
        refused = look(content)
        decode(content, SIDE)
    except Rejected as error:
        return error.reason
    except Exception as error:
        return f"crash: {type(error).__name__}: {error}"
    # A service that trusts the header must not pay for a picture that is not there.
    return "read" if refused is None else f"read, though its head says {refused}"


def look(content: bytes) -> str | None:
    """Return why the header reader refuses the file, or None; raise ValueError if it read too often."""
    reads = 0

    def read(start: int, length: int) -> bytes:
        nonlocal reads
        reads += 1
        return content[start : start + length]

    head = picture.probe(read, len(content))
    if reads > READS:
        raise ValueError("too many reads")
    return picture.refusal(head, FORMATS)


@dataclass
class Findings:
    """The results of a run so far. Times are CPU seconds, with the number of the input that took them."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, -1)
    slowest_look: tuple[float, int] = (0.0, -1)
    most: int = 0
    """The largest number of bytes that a worker held."""

    def add(self, other: Findings) -> None:
        self.outcomes += other.outcomes
        self.slowest = max(self.slowest, other.slowest)
        self.slowest_look = max(self.slowest_look, other.slowest_look)
        self.most = max(self.most, other.most)

    @property
    def crashes(self) -> list[str]:
        return [outcome for outcome in self.outcomes if outcome.startswith("crash")]


def measure(number: int, findings: Findings) -> None:
    """Try one input and count its outcome, which is a crash if it took too much time or memory."""
    content = file(number)
    # The clock of the thread is used, because that of the process is coarse while a timer runs.
    began = time.thread_time()
    look(content)
    looked = time.thread_time()
    outcome = attempt(content)
    took = time.thread_time() - looked
    findings.slowest = max(findings.slowest, (took, number))
    findings.slowest_look = max(findings.slowest_look, (looked - began, number))
    held = _memory()
    findings.most = max(findings.most, held)
    if held > MEMORY:
        outcome = f"crash: {held >> 20} MB"
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the next input is measured separately
    elif looked - began > LOOK_SECONDS:
        outcome = f"crash: the head took {looked - began:.3f} s"
    findings.outcomes[f"{outcome} (input {number})" if outcome.startswith("crash") else outcome] += 1


def _bits(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4, 30))):
        data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _bytes(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 4))):
        data[_place(data, chance)] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))


def _length(data: bytearray, chance: random.Random) -> None:
    """Write a number of two, four or eight bytes that is small, at a limit, or far too large."""
    width = chance.choice((2, 4, 4, 8))
    bits = chance.choice((0, 1, 8, 15, 16, 20, 24, 31, 32, 63, 64))
    value = min(max((1 << bits) + chance.choice((-1, 0, 1)), 0), (1 << 8 * width) - 1)
    at = _place(data, chance)
    data[at : at + width] = value.to_bytes(width, chance.choice(("little", "big")))


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _gap(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    del data[at : at + chance.choice((1, 2, 4, 50))]


def _repeat(data: bytearray, chance: random.Random) -> None:
    at = _place(data, chance)
    part = data[at : at + chance.choice((1, 4, 12, 100))]
    data[at:at] = part * chance.choice((1, 2, 100))


def _splice(data: bytearray, chance: random.Random) -> None:
    other = chance.choice(seeds())
    data[_place(data, chance) :] = other[chance.randrange(len(other)) :]


_DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _bits,
    _bytes,
    _length,
    _length,
    _cut,
    _gap,
    _repeat,
    _splice,
)


def _place(data: bytearray, chance: random.Random) -> int:
    """Return a place in the data. Half of the places are in the first 200 bytes, where the headers are."""
    return chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 200))


def work(results: Connection, numbers: range, current: Synchronized[int]) -> None:
    """Try the inputs and send the findings of each batch. `current` is the input that is being tried.

    If the worker dies, the process that started it reads `current`.
    """
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    warnings.simplefilter("ignore")
    for first in range(numbers.start, numbers.stop, BATCH):
        findings = Findings()
        for number in range(first, min(first + BATCH, numbers.stop)):
            current.value = number
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # its signal ends the process, whatever it is doing
            measure(number, findings)
        signal.setitimer(signal.ITIMER_PROF, 0)
        results.send(findings)


def _memory() -> int:
    """Return the largest number of bytes that this process held. ru_maxrss would include what the parent held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def run(inputs: range, workers: int) -> Findings:
    """Try all inputs in `workers` processes. If a worker dies, its input is reported and another worker continues."""
    findings = Findings()
    share = -(-len(inputs) // workers)
    shares = [inputs[first : first + share] for first in range(0, len(inputs), share)]
    started = []
    spawn = multiprocessing.get_context("spawn")

    def start(numbers: range) -> None:
        results, workers_end = spawn.Pipe(duplex=False)
        current = spawn.Value("q", numbers.start)
        process = spawn.Process(target=work, args=(workers_end, numbers, current), daemon=True)
        process.start()
        workers_end.close()
        started.append((process, results, current, numbers))

    for numbers in shares:
        start(numbers)
    while started:
        process, results, current, numbers = started.pop(0)
        done = numbers.start
        try:
            while True:
                batch = results.recv()
                findings.add(batch)
                done += sum(batch.outcomes.values())
        except EOFError:
            process.join()
        if process.exitcode != 0:
            findings.outcomes[f"crash: worker ended with {process.exitcode} (input {current.value})"] += 1
            for rest in (range(done, current.value), range(current.value + 1, numbers.stop)):
                if rest:
                    start(rest)
    return findings


def report(inputs: int = INPUTS, workers: int | None = None) -> list[str]:
    """Return the lines of the report."""
    began = time.perf_counter()
    findings = run(range(inputs), workers or os.cpu_count() or 1)
    counted = ", ".join(
        f"{outcome} {count}" for outcome, count in sorted(findings.outcomes.items()) if outcome not in findings.crashes
    )
    (slowest, number), (look_slowest, look_number) = findings.slowest, findings.slowest_look
    return [
        f"{inputs} damaged or generated pictures in {time.perf_counter() - began:.0f} s: {len(findings.crashes)}"
        f" of them crashed or took more than {SECONDS:g} CPU s, {1000 * LOOK_SECONDS:g} CPU ms for the header or"
        f" {MEMORY >> 20} MB; the slowest took {slowest:.2f} CPU s (input {number}), the slowest header"
        f" {1000 * look_slowest:.1f} ms (input {look_number}), and the largest process held {findings.most >> 20} MB;"
        f" {counted}",
        *findings.crashes,
    ]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=INPUTS, metavar="N", help="how many pictures (%(default)s)")
    parser.add_argument("--workers", type=int, metavar="N", help="how many processes (one for each core)")
    args = parser.parse_args(arguments)
    if args.inputs < 1 or (args.workers is not None and args.workers < 1):
        parser.error("--inputs and --workers are at least 1")
    print("\n".join(report(args.inputs, args.workers)))
    return 0


if __name__ == "__main__":
    sys.exit(piped(lambda: main(sys.argv[1:])))
