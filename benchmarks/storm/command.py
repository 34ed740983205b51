"""`python -m benchmarks storm` runs a storm, judges it, and ends with 1 if the judge finds harm."""

from __future__ import annotations

import sys
from dataclasses import replace

from benchmarks.storm import functions, storming, table, without
from benchmarks.storm.findings import Verdict
from benchmarks.storm.judging import Judge
from benchmarks.storm.options import Options, parsed
from benchmarks.storm.pictures import Expected
from benchmarks.storm.storming import Storm


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    if options.without and options.without not in without.faults():
        names = " ".join(sorted(without.faults()))
        print(f"there is no safeguard {options.without!r}: choose one of {names}", file=sys.stderr)
        return 2
    calm = None
    if options.faults != "none" and not options.alone:
        print("The same storm without faults is run first, to compare the time to rest.", flush=True)
        calm, verdict = judged(replace(options, faults="none", keep=None))
        if verdict.findings:
            print("\n".join(table.lines(replace(options, faults="none"), calm, verdict, None)))
            return 1
    storm, verdict = judged(options)
    print("\n".join(table.lines(options, storm, verdict, calm)))
    print(table.short(options, storm, verdict, calm))
    return 1 if verdict.findings else 0


def judged(options: Options) -> tuple[Storm, Verdict]:
    """Run a storm and judge it."""
    with without.deployed(options.without) as code:
        storm = storming.run(options, code)
    return storm, Judge(storm.evidence, Expected(functions.detectors(options))).verdict()
