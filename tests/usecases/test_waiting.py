"""Who waits for another worker asks less and less often, and stops while there is time left to say so."""

from __future__ import annotations

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.usecases.waiting import FIRST_PAUSE, LEAVE, LONGEST_PAUSE, until_answered
from tests.fakes import FakeClock


def test_pauses_double_up_to_the_longest_so_that_many_workers_do_not_flood_the_ledger() -> None:
    clock = FakeClock()
    answers = iter([None] * 8 + ["yes"])
    assert until_answered(lambda: next(answers), clock, clock.now + 90) == "yes"
    assert clock.slept == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0]
    assert (clock.slept[0], clock.slept[-1]) == (FIRST_PAUSE, LONGEST_PAUSE)


def test_waiting_ends_a_second_before_the_platform_kills_the_worker() -> None:
    clock = FakeClock()
    deadline = clock.now + 20
    with pytest.raises(Unavailable) as caught:
        until_answered(lambda: None, clock, deadline)
    assert caught.value.reason == "busy"
    assert LEAVE == 1.0
    assert deadline - LEAVE - LONGEST_PAUSE < clock.now <= deadline - LEAVE


def test_a_try_that_ends_exactly_when_waiting_must_end_is_still_made() -> None:
    clock = FakeClock()
    assert until_answered(lambda: "yes", clock, clock.now + FIRST_PAUSE + LEAVE) == "yes"


def test_an_answer_that_is_false_is_an_answer() -> None:
    clock = FakeClock()
    assert until_answered(lambda: False, clock, clock.now + 90) is False
    assert clock.slept == [FIRST_PAUSE]
