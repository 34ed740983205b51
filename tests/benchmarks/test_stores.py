"""The benchmark of the stores blames the right process."""

from __future__ import annotations

import os
import time

from benchmarks.stores import TICK, processor_seconds


def test_the_processors_time_of_a_server_is_that_of_its_own_process() -> None:
    before = time.process_time()
    sum(range(3_000_000))
    measured = processor_seconds(os.getpid())
    assert before - 2 * TICK <= measured <= time.process_time() + 2 * TICK
