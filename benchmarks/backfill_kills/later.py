"""`python -m benchmarks.backfill_kills.later SECONDS WORDS...` runs `imagelabels WORDS...` with a store's clock ahead.

Only the locks and claims that killed processes have left behind are to see that clock. So the time at which a pass
began, which is compared with the times of objects, is written down as the store tells it.
"""

from __future__ import annotations

import sys

from imagelabels.cli.journal import Journal
from tests.later import run


def main(seconds: float, words: list[str]) -> int:
    begin_pass = Journal.begin_pass
    Journal.begin_pass = lambda self, now: begin_pass(self, now - seconds)  # type: ignore[method-assign]
    return run(seconds, words)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
