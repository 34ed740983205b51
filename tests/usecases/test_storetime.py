"""The store's clock, which a store tells in whole seconds and cuts."""

from __future__ import annotations

import pytest

from imagelabels.domain.model import Look
from imagelabels.usecases.storetime import RESOLUTION, StoreTime
from tests.fakes import START, FakeClock


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.99])
def test_a_moment_is_never_told_as_earlier_than_it_is(fraction: float) -> None:
    clock = FakeClock()
    clock.now += fraction
    time = StoreTime(clock)
    time.observe(Look(float(int(clock.store)), None))
    assert time.now() <= clock.store < time.now() + RESOLUTION
    assert clock.store + 105 <= time.at(clock.now + 105) <= clock.store + 105 + RESOLUTION


def test_until_the_store_has_answered_this_machines_clock_is_all_there_is() -> None:
    clock = FakeClock()
    time = StoreTime(clock)
    assert (time.known, time.now()) == (False, START - 3600)
    time.observe(Look(START, None))
    clock.sleep(7)
    assert (time.known, time.now()) == (True, START + 7)
