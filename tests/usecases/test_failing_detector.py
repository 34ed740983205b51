"""A picture that the detector never answers for is not paid for at every turn, and is not given up either."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain.errors import Unavailable
from imagelabels.domain.model import Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.pauses import FIRST_REST, LONGEST_REST, MOST_FAILURES, rest_until
from imagelabels.usecases.asking import CLAIM_AFTER_KILL
from imagelabels.usecases.redrive import Candidate, end_rest
from tests.usecases.test_resume import Timer
from tests.world import TIMEOUT, J, K, World

PARKED = Outcome(State.PARKED, Reason.DETECTOR_FAILING)


def _fail(world: World, times: int, reason: str = "timeout") -> None:
    world.detector.fails = [Unavailable(reason) for _ in range(times)]


@pytest.fixture
def ready(world: World) -> World:
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    world.wait(2)
    return world


@pytest.mark.parametrize("reason", ["timeout", "detector_error"])
def test_after_some_billed_calls_in_vain_the_event_is_acknowledged_and_no_further_call_is_made(
    ready: World, reason: str
) -> None:
    _fail(ready, 99, reason)
    got = [ready.worker().gets(K) for _ in range(MOST_FAILURES + 2)]
    assert got[: MOST_FAILURES - 1] == [reason] * (MOST_FAILURES - 1)
    parked = got[MOST_FAILURES - 1]
    assert isinstance(parked, Outcome)
    assert (parked.state, parked.reason, parked.paid_calls) == (State.PARKED, Reason.DETECTOR_FAILING, 1)
    assert got[MOST_FAILURES:] == [PARKED, PARKED]
    assert len(ready.detector.asked) == MOST_FAILURES
    assert ready.tags(K) == {"trip": "2026"}


def test_a_copy_of_a_picture_that_rests_is_not_called_for_either(ready: World) -> None:
    _fail(ready, 99)
    for _ in range(MOST_FAILURES):
        ready.worker().gets(K)
    ready.user_puts(J, "cat")()
    ready.wait(2)
    assert ready.worker().gets(J) == PARKED
    assert len(ready.detector.asked) == MOST_FAILURES


def test_a_detector_that_answers_in_time_leaves_no_trace_of_its_failures(ready: World) -> None:
    for _ in range(3):
        _fail(ready, MOST_FAILURES - 1)
        for _ in range(MOST_FAILURES - 1):
            assert ready.worker().gets(K) == "timeout"
        got = ready.worker().gets(K)
        assert isinstance(got, Outcome)
        assert got.state is State.LABELLED
        ready.user_puts(K, f"cat {len(ready.detector.asked)}")()
        ready.wait(2)


def test_what_may_not_have_been_billed_does_not_count(ready: World) -> None:
    ready.detector.paid = False
    _fail(ready, 9)
    assert [ready.worker().gets(K) for _ in range(9)] == ["timeout"] * 9


def test_calls_in_vain_grow_rarer_up_to_one_a_day_and_the_picture_is_labelled_when_the_detector_works_again(
    tmp_path: Path,
) -> None:
    timer = Timer(tmp_path)
    (ref,) = timer.uploads("a.jpg")
    _fail(timer.world, 10**4)
    for _ in range(MOST_FAILURES):
        timer.worker().gets(ref)
    calls = []
    for _ in range(6 * 24 * 4):  # The timer runs each ten minutes for four days.
        timer.world.wait(600)
        calls.append(timer.runs_now().paid_calls)
    times = [number * 600 for number, paid in enumerate(calls) if paid]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert 6 <= len(times) <= 8
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert LONGEST_REST <= pauses[-1] <= LONGEST_REST + FIRST_REST + 600
    timer.world.detector.fails.clear()
    timer.world.wait(LONGEST_REST)
    assert timer.runs_now().states == {"labelled": 1}


def test_one_picture_that_is_never_answered_for_keeps_no_other_one_from_being_tried(tmp_path: Path) -> None:
    timer = Timer(tmp_path)
    first, *others = timer.uploads("a.jpg", "b.jpg", "c.jpg")
    _fail(timer.world, MOST_FAILURES)
    for _ in range(MOST_FAILURES):
        timer.worker().gets(first)
    timer.park(*others)
    assert timer.runs_now().states == {"labelled": 2}


def test_redrive_calls_at_once_for_a_picture_that_rests(ready: World) -> None:
    _fail(ready, MOST_FAILURES)
    for _ in range(MOST_FAILURES):
        ready.worker().gets(K)
    worker = ready.worker()
    end_rest(worker.tools, Candidate(K, "parked", "budget"))
    assert worker.gets(K) == PARKED
    end_rest(worker.tools, Candidate(K, "parked", "detector_failing"))
    got = worker.gets(K)
    assert isinstance(got, Outcome)
    assert got.state is State.LABELLED
    end_rest(worker.tools, Candidate(K, "parked", "detector_failing"))
    assert worker.gets(K) == Outcome(State.UNCHANGED, None, (), ("cat",))


def test_a_count_that_cannot_be_stored_leaves_the_content_free_for_the_next_delivery(ready: World) -> None:
    _fail(ready, 1)
    worker = ready.worker().fails("ledger.store", Unavailable("index_error"))
    assert worker.gets(K) == "timeout"
    got = ready.worker().gets(K)
    assert isinstance(got, Outcome)
    assert got.state is State.LABELLED


@pytest.mark.parametrize("reason", ["throttled", "busy", "detector_unbound"])
def test_a_delivery_that_ends_without_a_failed_call_does_not_make_the_picture_be_paid_for_from_the_start(
    ready: World, reason: str
) -> None:
    _fail(ready, 99)
    for _ in range(MOST_FAILURES - 1):
        assert ready.worker().gets(K) == "timeout"
    ready.worker().fails("ledger.take", Unavailable(reason)).gets(K)
    assert ready.worker().gets(K) == replace(PARKED, paid_calls=1)
    assert len(ready.detector.asked) == MOST_FAILURES


def test_a_picture_that_is_replaced_before_the_call_leaves_the_count_of_its_content(ready: World) -> None:
    ready.user_puts(J, "cat")()
    ready.wait(2)
    _fail(ready, 99)
    for _ in range(MOST_FAILURES - 1):
        assert ready.worker().gets(K) == "timeout"
    ready.worker().before("objects.read", ready.user_puts(K, "dog")).gets(K)
    asked = ready.detector.asked.count("cat")
    assert ready.worker().gets(J) == replace(PARKED, paid_calls=1)
    assert (asked, ready.detector.asked.count("cat")) == (MOST_FAILURES - 1, MOST_FAILURES)


def test_a_count_that_was_taken_over_although_the_reply_was_lost_is_counted_on(ready: World) -> None:
    _fail(ready, 99)
    for _ in range(MOST_FAILURES - 1):
        assert ready.worker().gets(K) == "timeout"

    def lands_unheard(*arguments: Any) -> bool:
        assert ready.ledger.take_over(*arguments)
        return False  # An adapter that repeats the call finds that the condition does not hold any more.

    assert ready.worker().instead("ledger.take_over", lands_unheard).gets(K) == replace(PARKED, paid_calls=1)
    assert len(ready.detector.asked) == MOST_FAILURES


def _worker_dies(world: World) -> None:
    """The platform kills a worker in the middle of its call, and delivers again when the worker's claim is over."""
    assert world.worker().dies_before("detector.detect").gets(K) == "killed"
    world.wait(TIMEOUT + CLAIM_AFTER_KILL + 5)


def test_a_picture_that_kills_each_worker_would_be_paid_for_again_for_ever(ready: World) -> None:
    for _ in range(MOST_FAILURES):
        _worker_dies(ready)
    assert ready.worker().dies_before("detector.detect").gets(K) == PARKED
    assert ready.ledger.spending("fake", ready.clock.store).total == MOST_FAILURES
    ready.wait(FIRST_REST + 1)
    _worker_dies(ready)
    assert ready.worker().gets(K) == PARKED
    ready.wait(2 * FIRST_REST + 1)
    got = ready.worker().gets(K)
    assert isinstance(got, Outcome)
    assert got.state is State.LABELLED


def test_a_worker_that_dies_would_make_the_failures_before_it_be_forgotten(ready: World) -> None:
    _fail(ready, 1)
    assert ready.worker().gets(K) == "timeout"
    _worker_dies(ready)
    _fail(ready, 1)
    assert ready.worker().gets(K) == replace(PARKED, paid_calls=1)


def test_a_call_that_is_answered_would_leave_a_trace_of_the_workers_that_died_before(ready: World) -> None:
    for _ in range(MOST_FAILURES - 1):
        _worker_dies(ready)
    got = ready.worker().gets(K)
    assert isinstance(got, Outcome)
    assert got.state is State.LABELLED
    assert ready.is_confirmed(K)


def test_a_delivery_that_makes_no_call_would_make_dead_workers_be_forgotten(ready: World) -> None:
    for _ in range(MOST_FAILURES - 1):
        _worker_dies(ready)
    ready.worker().fails("ledger.take", Unavailable("throttled")).gets(K)
    _fail(ready, 1)
    assert ready.worker().gets(K) == replace(PARKED, paid_calls=1)


def test_no_number_of_failures_makes_a_rest_longer_than_a_day() -> None:
    assert [rest_until(failures, 0.0) for failures in (1, MOST_FAILURES - 1)] == [None, None]
    assert rest_until(MOST_FAILURES, 0.0) == round(1000 * FIRST_REST)
    assert rest_until(10**9, 0.0) == round(1000 * LONGEST_REST)
