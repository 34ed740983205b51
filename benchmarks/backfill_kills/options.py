"""The options of a run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

FUNCTIONS = {"fc": "imagelabels-backfill", "fc2": "pictures/label-backfill", "scf": "cos-backfill"}
"""The functions that the emulator runs for `--through`."""


@dataclass(frozen=True, slots=True)
class Options:
    objects: int
    kills: int
    seed: int
    cloud: str
    through: str | None
    concurrency: int
    later: float


def parsed(arguments: list[str]) -> Options:
    """Read the options; a wrong one ends the process with a message."""
    parser = argparse.ArgumentParser(prog="benchmarks backfill_kills", description=__doc__)
    parser.add_argument("--objects", type=int, default=5000, help="so many objects are in the bucket at first")
    parser.add_argument("--kills", type=int, default=20, help="so often the command, or a worker, gets SIGKILL")
    parser.add_argument("--seed", type=int, default=1, help="the moments of the kills are chosen by it")
    parser.add_argument("--cloud", choices=("oss", "cos"), default="oss")
    parser.add_argument("--through", choices=tuple(FUNCTIONS), help="label through this kind of function")
    parser.add_argument("--concurrency", type=int, default=16, help="the command works on so many objects at once")
    parser.add_argument(
        "--later",
        type=float,
        default=200.0,
        help="each run of the command sees the store's clock so many seconds further ahead, so that the locks of the "
        "killed one have ended; 0 waits for them as a user does (through functions it is always 0)",
    )
    given = parser.parse_args(arguments)
    if given.through is not None and (given.through == "scf") != (given.cloud == "cos"):
        parser.error("fc and fc2 label objects of oss, and scf those of cos")
    if given.through is not None:
        given.later = 0.0
    return Options(**vars(given))
