"""Works for all webhooks once, as the timer's function does, in a process that may be killed at any moment.

`python -m benchmarks.webhooks.worker INDEX AHEAD` lives AHEAD milliseconds in the future, so that pauses and leases are
over without waiting for them.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from imagelabels.domain.moments import now
from imagelabels.usecases.hook_run import AT_ONCE, Turn, run
from imagelabels.webhooks import opened


def main(index: str, ahead: int) -> int:
    tools = opened.tools(index)
    tools = replace(tools, now=lambda: now() + ahead)
    print("ready", flush=True)
    errors: list[Turn] = []

    def tell(turn: Turn) -> None:
        if turn.error is not None:
            print(turn.error, file=sys.stderr)
            errors.append(turn)

    with ThreadPoolExecutor(AT_ONCE) as executor:
        run(tools, tools.clock() + 60.0, executor, tell)
    return len(errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
