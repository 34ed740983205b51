"""A walk rests while a service is throttled, and goes on when it is not."""

from __future__ import annotations

from imagelabels.usecases.slowing import FIRST_PAUSE, LONGEST_PAUSE, MOST_THROTTLED, Slowing
from tests.fakes import FakeClock


def hear(slowing: Slowing, *throttled: bool) -> float:
    """Tell how the work on objects ended, and return until when nothing is begun."""
    for one in throttled:
        slowing.hear(one)
    return slowing.until


def test_a_service_that_is_throttled_without_end_would_be_called_as_often_as_before() -> None:
    clock = FakeClock()
    slowing = Slowing(clock)
    assert hear(slowing, *[True] * (MOST_THROTTLED - 1)) == 0.0
    pauses = [hear(slowing, True) - clock.now]
    while pauses[-1] < LONGEST_PAUSE:
        pauses.append(hear(slowing, *[True] * MOST_THROTTLED) - clock.now)
    assert pauses == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE, LONGEST_PAUSE]


def test_a_few_throttled_objects_among_others_would_make_a_walk_rest() -> None:
    assert hear(Slowing(FakeClock()), *[*[True] * (MOST_THROTTLED - 1), False] * 3) == 0.0


def test_a_service_that_was_throttled_once_would_be_spared_for_longer_the_next_time() -> None:
    clock = FakeClock()
    slowing = Slowing(clock)
    hear(slowing, *[True] * (2 * MOST_THROTTLED), False)
    clock.sleep(100)
    assert hear(slowing, *[True] * MOST_THROTTLED) - clock.now == FIRST_PAUSE
