"""Fills a bucket, lets the backfill be killed, judges, and prints one line for benchmarks/results.md."""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path

from benchmarks.backfill_kills.bucket import Bucket
from benchmarks.backfill_kills.emulated import BackfillEmulator
from benchmarks.backfill_kills.judging import Verdict, judge
from benchmarks.backfill_kills.killing import Command, Moments
from benchmarks.backfill_kills.options import FUNCTIONS, Options, parsed
from benchmarks.backfill_kills.seen import Seen

SHOWN = 20
"""So many harms are told one by one."""

PAID = {"oss": "DetectImageLabels", "cos": "ci-process"}

BATCH_REQUESTS = 300
"""A worker is killed at one of so many requests of a batch."""


def main(arguments: list[str]) -> int:
    """Return 1 if any harm was done."""
    options = parsed(arguments)
    with tempfile.TemporaryDirectory(prefix="backfill-kills-") as name:
        folder = Path(name)
        (data := folder / "data").mkdir()
        with (emulator := BackfillEmulator(data)):
            if not emulator.ready():
                raise RuntimeError("the emulator did not start")
            return Run(options, emulator, folder).run()


class Run:
    """One run of the benchmark."""

    def __init__(self, options: Options, emulator: BackfillEmulator, folder: Path) -> None:
        self._options, self._emulator = options, emulator
        self._bucket = Bucket(options.cloud, emulator.port)
        self._command = Command(emulator, folder, options, f"{self._bucket.uri}/")
        self._seen = Seen(emulator.control, self._bucket.uri.rpartition("/")[2])
        self._verdict = Verdict()
        self._within = 0
        self._first: frozenset[str] = frozenset()
        """The keys of the objects that were in the bucket before the command began."""

    def run(self) -> int:
        options = self._options
        for done in self._bucket.fill(options.objects):
            self._seen.collect()  # The emulator keeps 100,000 calls, and a large bucket takes more to fill.
            print(f"{done:,} objects are in the bucket", flush=True)
        self._first = frozenset(self._bucket.wanted)
        commands = options.kills if options.through is None else options.kills // 2
        self._kill_workers(options.kills - commands)
        began = time.monotonic()
        with self._seen:
            self._kill_runs(commands)
            status, out, complaint = self._command.ended()
        took = time.monotonic() - began
        self._seen.collect()
        print(f"the last run ended with the status {status}: {out.strip()}", flush=True)
        if status != 0:
            self._verdict.harm.append(f"the last run ended with the status {status}: {complaint}")
        judge(self._verdict, self._bucket, self._seen, self._command.report, self._emulator.port, options.seed)
        for text in self._verdict.harm[:SHOWN]:
            print(f"HARM: {text}")
        print(self._line(took, json.loads(out) if status == 0 else {}), flush=True)
        self._bucket.close()
        return 1 if self._verdict.harm else 0

    def _kill_workers(self, kills: int) -> None:
        """Let the emulator kill so many workers of the function, each at a request that chance chooses."""
        if self._options.through is None:
            return
        chance = random.Random(self._options.seed)
        name = FUNCTIONS[self._options.through].rpartition("/")[2]
        rules = [
            {
                "do": "kill",
                "function": name,
                "share": 0.2,
                "at": chance.randint(5, BATCH_REQUESTS),
                "times": 1,
                "when": chance.choice(["before", "after"]),
            }
            for _ in range(kills)
        ]
        self._emulator.set_faults(self._options.seed, rules)

    def _kill_runs(self, kills: int) -> None:
        """Start the command, and kill it so often; the last run is not killed."""
        moments = Moments(self._options.seed, kills, self._bucket.contents)
        self._start()
        for number, (after, within) in enumerate(moments):
            moments.wait(self._calls, after, self._command)
            self._add(f"{number} meanwhile")
            if not self._kill(within):
                return
            saved = self._command.saved()
            begun = self._begun_behind(saved["position"]) if saved["number"] == 1 else 0
            self._verdict.read_again.append(max(begun, self._command.lines_to_write_again()))
            where = " within a write of the checkpoint" if within else ""
            print(
                f"kill {number + 1}{where}: {self._calls()} calls, pass {saved['number']} at "
                f"{saved['position'] or 'the beginning'}, {self._verdict.read_again[-1]} keys to be read again",
                flush=True,
            )
            self._add(f"{number} between")
            self._start()

    def _start(self) -> None:
        self._seen.started.append(time.time())
        self._command.start()

    def _kill(self, within: bool) -> bool:
        """Kill the command; False if it is over already."""
        if not self._command.runs_now:
            return False
        if within and not self._command.kill_within_a_write():
            return False
        self._within += within
        if not within:
            self._command.kill()
        self._seen.killed.add(self._command.runs - 1)
        return True

    def _begun_behind(self, position: str) -> int:
        """Return how many of the first objects behind the position were begun by all runs so far. Others came
        meanwhile, and take the places of these in the window of a later run."""
        self._seen.collect()
        keys = self._first & set().union(*self._seen.worked_on.values())
        return sum(key > position for key in keys)

    def _add(self, name: str) -> None:
        """Put pictures at both ends of the bucket, and beside the position that is saved."""
        self._bucket.put(f"a/{name}.jpg", f"{name} first")
        self._bucket.put(f"z/{name}.jpg", f"{name} last")
        if (position := self._command.saved()["position"]).startswith("p/"):
            number = int(position[2:8])
            self._bucket.put(f"p/{max(number - 1, 0):06}.jpg {name}.jpg", f"{name} before")
            self._bucket.put(f"p/{number:06}.jpg {name}.jpg", f"{name} behind")

    def _calls(self) -> int:
        made: dict[str, int] = self._emulator.control("calls")
        return sum(count for name, count in made.items() if PAID[self._options.cloud] in name)

    def _line(self, took: float, told: dict[str, object]) -> str:
        options, verdict, seen = self._options, self._verdict, self._seen
        through = f" --through {options.through}" if options.through is not None else ""
        met, states = seen.met(), ", ".join(f"{number} {state}" for state, number in sorted(verdict.states.items()))
        again = ", ".join(f"{number} since {why}" for why, number in verdict.paid_again.items()) or "none"
        return (
            f"{datetime.now(timezone.utc).date()}, load {os.getloadavg()[0]:.1f}, `python -m benchmarks backfill_kills "
            f"--objects {options.objects} --kills {options.kills} --seed {options.seed} --cloud {options.cloud}"
            f"{through}`: {met['runs']} runs killed, {self._within} of them within a write of the checkpoint, "
            f"{met['workers']} workers killed; {len(self._bucket.wanted)} objects at the end; {len(seen.paid)} paid "
            f"calls for {self._bucket.contents} contents, paid again: {again}; the command told "
            f"{told.get('paid_calls', 'none')}; at most {max(verdict.read_again, default=0)} keys read again; "
            f"{states}; tags of {verdict.tags} objects read; {took:.0f} s, {seen.calls} requests; "
            f"harm: {len(verdict.harm)}"
        )
