"""This program is for tests/test_backfill_job.py. It runs the command line in a world in which time has passed.

`python -m tests.later SECONDS WORDS...` runs `imagelabels WORDS...` as if the store's clock were so many seconds ahead.
So the locks and claims of a process that was killed have ended.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from imagelabels.cli.main import main
from imagelabels.domain.model import Look
from imagelabels.usecases.storetime import StoreTime


def run(seconds: float, words: list[str]) -> int:
    observe = StoreTime.observe

    def later(time: StoreTime, look: Look) -> Look:
        observe(time, replace(look, date=look.date + seconds))
        return look

    StoreTime.observe = later  # type: ignore[assignment, method-assign]
    return main(words)


if __name__ == "__main__":
    sys.exit(run(float(sys.argv[1]), sys.argv[2:]))
