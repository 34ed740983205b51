"""Turns that keep a distance."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from imagelabels.providers.aliyun.imm.pace import Pace


def test_threads_share_one_pace() -> None:
    lock, slept = threading.Lock(), list[float]()

    def sleep(seconds: float) -> None:
        with lock:
            slept.append(seconds)

    pace = Pace(10, monotonic=lambda: 5.0, sleep=sleep)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: pace.turn(100), range(8)))
    assert [round(seconds, 6) for seconds in sorted(slept)] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]


def test_a_turn_that_nobody_takes_is_not_saved_up() -> None:
    now, slept = [0.0], list[float]()
    pace = Pace(1, monotonic=lambda: now[0], sleep=slept.append)
    pace.turn(100)
    now[0] = 50
    pace.turn(100)
    pace.turn(100)
    assert slept == [1]


def test_who_cannot_wait_long_enough_takes_nobodys_turn() -> None:
    slept: list[float] = []
    pace = Pace(1, monotonic=lambda: 0.0, sleep=slept.append)
    assert pace.turn(0.5)
    assert not pace.turn(0.5)
    assert pace.turn(1)
    assert slept == [1]
