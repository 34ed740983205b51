"""The log says how long each step of a record took, and how many calls were made."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from imagelabels import ports
from imagelabels.domain.errors import Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Delivered, ObjectChange, Spent
from imagelabels.usecases import pairs
from imagelabels.usecases.deliver import deliver
from imagelabels.usecases.measure import STEPS, WAIT_NEW, WAITS
from imagelabels.views import log_fields
from tests.world import TIMEOUT, J, K, Worker, World


def delivered(worker: Worker, world: World, *refs: object) -> list[Delivered]:
    changes = [ObjectChange(ref, "created", f"e{number}") for number, ref in enumerate(refs or (K,))]  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as executor:
        return deliver(worker.labeler, changes, world.clock.monotonic() + TIMEOUT, executor)


def spent(worker: Worker, world: World) -> Spent:
    (record,) = delivered(worker, world)
    assert record.spent is not None
    return record.spent


def slow(worker: Worker, world: World, **seconds: float) -> Worker:
    """Let each of these calls take so many seconds, once; port.method is written port__method."""
    for name, took in seconds.items():
        worker.before(name.replace("__", "."), passes(world, took))
    return worker


def passes(world: World, seconds: float) -> Callable[[], None]:
    def forward() -> None:
        world.clock.now += seconds

    return forward


def steps(spent: Spent) -> dict[str, float]:
    """The steps that took any time."""
    return {step: round(seconds, 6) for step, seconds in spent.steps.items() if seconds}


@pytest.fixture
def ready(world: World) -> World:
    """A world with a picture that is more than a second old."""
    world.user_puts(K, "dog")()
    world.wait(10)
    return world


def test_each_step_has_its_own_milliseconds_so_that_an_operator_sees_which_one_is_slow(ready: World) -> None:
    worker = slow(
        ready.worker(),
        ready,
        objects__head=0.001,
        ledger__lock=0.002,
        ledger__claim=0.004,
        objects__read=0.008,
        ledger__take=0.016,
        detector__detect=0.032,
        ledger__store=0.064,
        objects__tags=0.128,
        objects__put_tags=0.256,
        ledger__finish=0.512,
    )
    took = spent(worker, ready)
    assert steps(took) == {
        "look": 0.001,
        "lock": 0.002,
        "claim": 0.004,
        "read": 0.008,
        "budget": 0.016,
        "detect": 0.032,
        "keep": 0.064,
        "read_tags": 0.128,
        "write_tags": 0.256,
        "finish": 0.512,
    }
    assert round(took.total, 6) == 1.023


def test_the_calls_of_a_new_picture_are_counted_by_what_they_are_made_to(ready: World) -> None:
    took = spent(ready.worker(), ready)
    assert took.calls == {"store": 4, "tags": 2, "index": 5, "detector": 1}
    assert (took.paid_calls, took.detector, took.model) == (1, "fake", "fake-1")


def test_a_duplicate_is_seen_to_call_no_detector(ready: World) -> None:
    spent(ready.worker(), ready)
    took = spent(ready.worker(), ready)
    assert (took.calls["detector"], took.paid_calls, took.detector, took.model) == (0, 0, "fake", None)
    assert "detect" not in took.steps


def test_a_pause_for_the_lock_is_not_taken_for_slow_calls(ready: World) -> None:
    ready.ledger.lock(K, "other", ready.clock.store + 1, ready.clock.store, "e")
    took = steps(spent(ready.worker(), ready))
    assert took.keys() == {"wait_lock"}
    assert 2 < took["wait_lock"] < 6


def test_a_pause_for_another_deliverys_answer_is_not_taken_for_slow_calls(ready: World) -> None:
    ready.ledger.claim(ready.answer_id(K), "other", ready.clock.store + 1, ready.clock.store)
    took = steps(spent(ready.worker(), ready))
    assert took.keys() == {"wait_answer"}
    assert 1 < took["wait_answer"] < 4


def test_a_pause_before_an_answer_is_stored_again_counts_for_the_answer(ready: World) -> None:
    worker = ready.worker().fails("ledger.store", Unavailable("index_error"), 2)
    assert steps(spent(worker, ready)) == {"wait_answer": 0.15}


def test_the_second_of_a_new_picture_is_told_apart_from_waiting_for_others(world: World) -> None:
    world.user_puts(K, "dog")()
    assert steps(spent(world.worker(), world)).keys() == {"wait_new"}


@pytest.mark.parametrize("error", [Unavailable("detector_error"), Misconfigured("no"), Rejected("corrupt")])
def test_a_call_that_fails_is_counted_and_timed_like_any_other(ready: World, error: Exception) -> None:
    ready.detector.fails.append(error)
    took = spent(slow(ready.worker(), ready, detector__detect=3.0), ready)
    assert (took.calls["detector"], took.paid_calls, steps(took)["detect"]) == (1, 1, 3.0)
    assert took.model is None
    assert took.failure is error


def test_a_call_that_was_paid_is_told_although_the_event_is_delivered_again(ready: World) -> None:
    worker = ready.worker().fails("objects.put_tags", Unavailable("timeout"))
    (record,) = delivered(worker, ready)
    assert record.error is not None
    assert record.spent is not None
    assert record.spent.paid_calls == 1


def test_the_paid_calls_of_the_log_are_those_of_the_outcome(ready: World) -> None:
    ready.detector.paid = False
    (record,) = delivered(ready.worker(), ready)
    assert record.outcome is not None
    assert record.spent is not None
    assert record.outcome.paid_calls == record.spent.paid_calls == 0


def test_the_paid_calls_of_a_detector_with_several_scenes_are_all_told(ready: World) -> None:
    ready.detector.calls = 4
    (record,) = delivered(ready.worker(), ready)
    assert record.outcome is not None
    assert record.spent is not None
    assert record.outcome.paid_calls == record.spent.paid_calls == 4


def test_measuring_makes_no_call_of_its_own(ready: World) -> None:
    plain, measured = ready.worker(), ready.worker()
    plain.gets(K)
    ready.user_puts(J, "cat")()
    ready.wait(10)
    delivered(measured, ready, J)
    assert plain.wire.calls == measured.wire.calls


def test_records_that_are_worked_on_at_once_do_not_count_each_others_calls(ready: World) -> None:
    """Both records wait for each other in the middle of their work, and their paired calls share one executor."""
    ready.user_puts(J, "cat")()
    ready.wait(10)
    both = Barrier(2)
    with ThreadPoolExecutor(4) as calls, ThreadPoolExecutor(2) as records:
        worker = ready.worker(at_once=pairs.on(calls))
        for _ in range(2):
            worker.before("detector.detect", both.wait)
        changes = [ObjectChange(ref, "created", ref.key) for ref in (K, J)]
        done = deliver(worker.labeler, changes, ready.clock.monotonic() + TIMEOUT, records)
    told = [record.spent.calls for record in done if record.spent is not None]
    assert told == [{"store": 4, "tags": 2, "index": 5, "detector": 1}] * 2


def test_records_share_what_is_known_of_the_stores_time_so_that_the_next_one_locks_at_once(ready: World) -> None:
    worker = ready.worker()
    assert not worker.tools.time.known
    delivered(worker, ready)
    assert worker.tools.time.known


def test_every_call_of_a_port_is_measured() -> None:
    """`list`, `history`, `rows`, `ref_by_id` and `forget_refusal` are called by commands and the API alone."""
    called = {
        name
        for port in (ports.ObjectStore, ports.Ledger, ports.LabelDetector)
        for name, member in inspect.getmembers(port, inspect.isfunction)
        if not name.startswith("_")
    }
    assert called - {"list", "history", "rows", "ref_by_id", "forget_refusal"} == STEPS.keys()


def test_every_step_is_a_field_of_the_log_and_every_field_of_a_step_is_one() -> None:
    named = {step for step, _ in STEPS.values()} | set(WAITS.values()) | {WAIT_NEW}
    assert {f"ms_{step}" for step in named} == set(log_fields.STEPS)
