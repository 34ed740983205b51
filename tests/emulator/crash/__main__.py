"""`python -m tests.emulator.crash` kills the emulator 100 times amid writes, and says what it found."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.emulator.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, metavar="NUMBER", help="how often to kill it (default: 100)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="repeats the choices of a run")
    args = parser.parse_args()
    # The SDK of Tablestore warns of its own missing parts when it is imported.
    logging.getLogger("tablestore").setLevel(logging.ERROR)
    from tests.emulator.crash.killing import Killing, Spoiled

    with tempfile.TemporaryDirectory() as folder:
        killing = Killing(Path(folder) / "data", args.seed)
        try:
            for _ in killing.run(args.kills):
                if killing.kills % 10 == 0:
                    print(f"{killing.kills} kills, {killing.writes} acknowledged writes", flush=True)
        except Spoiled as error:
            print(f"crash: {error}", file=sys.stderr)
            return 1
    print(
        f"Killed {killing.kills} times with the seed {args.seed}: {killing.writes} writes were acknowledged, and\n"
        f"none is lost. {killing.unanswered} writes got no answer: {killing.unanswered_kept} are there wholly, and"
        f" {killing.unanswered - killing.unanswered_kept} not at all.\n"
        f"A kill left {killing.leftovers} files over at most, and the next start removed all of them."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
