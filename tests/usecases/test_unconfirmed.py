"""One story per safeguard of an answer that was paid for and that nobody has confirmed yet.

It is stored at once with the object that it was asked for, and counts for its content only when a look after the call
has shown that object unchanged. Each of these fails when its safeguard is taken out; tests/faults.py does so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from imagelabels.domain.errors import LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import Answer, Asked, ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.usecases.pairs import inline
from tests.fakes import jpeg
from tests.world import J, K, L, Worker, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}


def outcome(got: Outcome | str) -> Outcome:
    assert isinstance(got, Outcome), got
    return got


def backwards(*calls: Callable[[], Any]) -> list[Any]:
    """Calls at once of which the last one ends first."""
    return inline(*reversed(calls))[::-1]


def fails_after_the_call(world: World, *calls: str, error: LabelingError) -> Worker:
    worker = world.worker()
    return worker.before("detector.detect", *(lambda call=call: worker.fails(call, error) for call in calls))


def dies_after_the_store(world: World) -> None:
    """A worker pays for the cat of K, stores the answer and is killed before anybody could confirm it."""
    world.user_puts(K, "cat")()
    assert world.worker().dies_after("ledger.store").gets(K) == "killed"
    assert not world.is_confirmed(K)


# stored at once


@pytest.mark.parametrize("calls", [("objects.head",), ("objects.tags",), ("objects.head", "objects.tags")])
def test_store_at_once_a_failing_look_after_the_call_does_not_pay_again(world: World, calls: tuple[str, ...]) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    assert fails_after_the_call(world, *calls, error=Unavailable("throttled")).gets(K) == "throttled"
    assert outcome(world.worker().gets(K)).paid_calls == 0
    assert world.detector.asked == ["cat"]
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_store_at_once_a_crash_right_after_the_store_does_not_pay_again(world: World) -> None:
    dies_after_the_store(world)
    assert outcome(world.until_done(K)).paid_calls == 0
    assert world.detector.asked == ["cat"]
    assert world.is_confirmed(K)
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_store_again_an_index_that_is_down_after_a_paid_call_does_not_lose_the_answer(world: World) -> None:
    world.user_puts(K, "cat")()
    worker, up_again = world.worker(), [0.0]

    def store(*args: Any) -> bool:
        if world.clock.monotonic() < up_again[0]:
            raise Unavailable("index_error")
        return world.ledger.store(*args)

    worker.after("detector.detect", lambda: up_again.append(up_again.pop() + world.clock.monotonic() + 8))
    for _ in range(30):
        worker.instead("ledger.store", store)
    assert outcome(worker.gets(K)).paid_calls == 1
    assert worker.wire.calls.count("ledger.store") > 2
    assert world.detector.asked == ["cat"]
    assert world.is_confirmed(K)


def test_store_again_a_tag_that_the_user_sets_while_the_store_is_repeated_stays(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker(at_once=backwards)

    def down(*_: object) -> None:
        world.objects.user_tag(K, "trip", "2026")
        raise Unavailable("index_error")

    outcome(worker.instead("ledger.store", down).gets(K))
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_an_index_that_stays_down_gives_the_event_back_before_the_platform_kills(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().fails("ledger.store", Unavailable("index_error"), times=200)
    began = world.clock.monotonic()
    assert worker.gets(K, timeout=60) == "index_error"
    assert 50 < world.clock.monotonic() - began <= 59


# whose answer is it


def test_unconfirmed_an_answer_that_saw_another_picture_is_given_to_nobody(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    worker = world.worker().before("detector.detect", world.user_puts(K, "dog")).dies_after("ledger.store")
    assert worker.gets(K) == "killed"
    outcome(world.worker().gets(J))
    world.until_done(K)
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_unconfirmed_an_answer_is_void_once_its_own_object_is_seen_changed(world: World) -> None:
    dies_after_the_store(world)
    answer_id = world.answer_id(K)
    world.wait(60)
    worker = world.worker().before("ledger.row", world.user_puts(K, "dog"))
    assert outcome(worker.gets(K)).labels == ("dog",)
    assert world.ledger.answer(answer_id) is None


def test_unconfirmed_another_key_confirms_it_without_a_call_while_its_object_is_unchanged(world: World) -> None:
    dies_after_the_store(world)
    world.user_puts(J, "cat")()
    assert outcome(world.worker().gets(J)).paid_calls == 0
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))
    assert world.is_confirmed(J)
    assert world.detector.asked == ["cat"]


def test_unconfirmed_a_picture_that_was_replaced_and_put_back_proves_nothing(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.worker().before("detector.detect", world.user_puts(K, "dog")).dies_after("ledger.store").gets(K)
    world.user_puts(K, "cat")()
    outcome(world.worker().gets(J))
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))


@pytest.mark.parametrize("change", ["replaced", "gone"])
def test_unconfirmed_two_who_find_its_object_changed_pay_once(world: World, change: str) -> None:
    dies_after_the_store(world)
    for ref in (J, L):
        world.user_puts(ref, "cat")()
    if change == "gone":
        world.objects.delete(K)
    else:
        world.user_puts(K, "dog")()
    world.worker().before("detector.detect", lambda: world.worker().gets(L, timeout=22)).gets(J)
    world.until_done(L)
    assert world.detector.asked == ["cat", "cat"]
    assert (world.labels(J), world.labels(L)) == (("cat",), ("cat",))


def test_unconfirmed_who_comes_too_late_to_take_it_over_uses_the_other_s_answer(world: World) -> None:
    dies_after_the_store(world)
    for ref in (J, L):
        world.user_puts(ref, "cat")()
    world.objects.delete(K)
    late = world.worker().before("ledger.take_over", lambda: world.worker().gets(L))
    assert outcome(late.gets(J)).paid_calls == 0
    assert world.detector.asked == ["cat", "cat"]
    assert world.labels(J) == ("cat",)


def test_unconfirmed_an_object_that_may_not_be_looked_at_confirms_nothing_for_another_key(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.worker().before("detector.detect", world.user_puts(K, "dog")).dies_after("ledger.store").gets(K)
    worker = world.worker()
    worker.after("ledger.claim", lambda: worker.fails("objects.head", Misconfigured("give the role oss:GetObject")))
    outcome(worker.gets(J))
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))


def test_forbidden_look_does_not_void_what_was_paid(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    got = fails_after_the_call(world, "objects.head", error=Misconfigured("give the role oss:GetObject")).gets(K)
    assert outcome(got) == Outcome(State.PARKED, Reason.FORBIDDEN, (), (), 1)
    assert outcome(world.worker().gets(K)).paid_calls == 0
    assert world.labels(K) == ("cat",)


def test_forbidden_look_does_not_confirm_what_saw_another_picture(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.wait(1)
    forbidden, worker = Misconfigured("give the role oss:GetObject"), world.worker()
    worker.before(
        "detector.detect", world.user_puts(K, "dog"), lambda: worker.fails("objects.head", forbidden, times=2)
    )
    assert outcome(worker.gets(K)).reason == "forbidden"
    assert not world.is_confirmed(J)
    outcome(world.worker().gets(J))
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))


# before it is paid


def test_second_waited_out_a_picture_replaced_meanwhile_is_not_paid_for(world: World) -> None:
    world.user_puts(K, "cat")()
    worker = world.worker().after("objects.read", lambda: world.objects.put(K, jpeg("dog")))
    assert outcome(worker.gets(K)).labels == ("dog",)
    assert world.detector.asked == ["dog"]


def claimed(world: World, seconds: float) -> str:
    """Somebody asks about what J shows, and is never heard of again: the claim ends after so many seconds."""
    now = world.clock.store
    world.ledger.claim(world.answer_id(J), "somebody", now + seconds, now)
    return world.answer_id(J)


def test_claim_waited_for_the_same_picture_put_again_meanwhile_is_paid_once(world: World) -> None:
    world.user_puts(J, "cat")()
    world.wait(1)
    claimed(world, 5)
    worker = world.worker().before("ledger.answer", world.user_puts(J, "cat"))
    assert outcome(worker.gets(J)).labels == ("cat",)
    assert world.detector.asked == ["cat"]


def test_claim_waited_for_in_two_steps_the_same_picture_put_again_meanwhile_is_paid_once(world: World) -> None:
    world.user_puts(J, "cat")()
    world.wait(1)
    answer_id, head = claimed(world, 5), world.objects.there[J.uri].head
    worker = world.worker()
    answered = Answer(None, asked=Asked("somebody", L, head))
    worker.before("ledger.answer", lambda: world.ledger.store(answer_id, "somebody", answered))
    worker.before("ledger.take_over", lambda: world.ledger.give_back(answer_id, "somebody"), world.user_puts(J, "cat"))
    assert outcome(worker.gets(J)).labels == ("cat",)
    assert worker.wire.calls.count("ledger.take_over") == 1
    assert world.detector.asked == ["cat"]


def test_no_paid_call_begins_whose_answer_could_not_be_stored_in_time(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().dies_after("ledger.lock").gets(K)
    worker = world.worker()
    assert worker.gets(K, timeout=35.5) == "busy"
    assert not {"ledger.take", "detector.detect"} & {*worker.wire.calls}
    assert (world.state(K), world.record(K).reason) == ("waiting", "busy")
    assert outcome(world.worker().gets(K)).paid_calls == 1


@pytest.mark.parametrize(("left", "state"), [(20.0, "labelled"), (19.9, "busy")])
def test_a_paid_call_needs_the_detector_s_time_out_and_five_seconds(world: World, left: float, state: str) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    got = world.worker().gets(K, timeout=left)
    assert (got if isinstance(got, str) else got.state) == state


def test_no_paid_call_begins_after_a_budget_that_took_too_long_to_answer(world: World) -> None:
    world.user_puts(K, "cat")()
    world.wait(1)
    assert world.worker().before("ledger.take", lambda: world.wait(6)).gets(K, timeout=25) == "busy"
    assert world.detector.asked == []


def test_a_detector_that_costs_nothing_may_be_asked_until_the_end(world: World) -> None:
    world.detector.paid = False
    world.user_puts(K, "cat")()
    world.wait(1)
    assert outcome(world.worker().gets(K, timeout=10)).state == "labelled"


def test_one_bucket_that_the_detector_does_not_know_holds_no_call_for_another(world: World) -> None:
    elsewhere = replace(K, bucket="unbound-bucket")
    world.user_puts(elsewhere, "dog")()
    world.user_puts(K, "cat")()
    unbound = Misconfigured("no project is bound to unbound-bucket", "detector_unbound")
    assert outcome(world.worker().fails("detector.detect", unbound).gets(elsewhere)).reason == "detector_unbound"
    assert outcome(world.worker().gets(K)).state == "labelled"
    assert outcome(world.worker().gets(elsewhere)) == Outcome(State.PARKED, Reason.DETECTOR_UNBOUND)
    assert world.detector.asked == ["cat"]


# polling


def waits(worker: Worker, ref: ObjectRef) -> list[str]:
    """The ledger's calls before the picture is read."""
    assert outcome(worker.gets(ref)).state == "labelled"
    calls = worker.wire.calls
    return [name for name in calls[: calls.index("objects.read")] if name.startswith("ledger.")]


def test_a_lock_that_is_held_is_polled_by_reading(world: World) -> None:
    world.user_puts(K, "cat")()
    world.ledger.lock(K, "somebody", world.clock.store + 8, world.clock.store, "e")
    calls = waits(world.worker(), K)
    assert (calls.count("ledger.lock"), calls.count("ledger.claim")) == (2, 1)
    assert {*calls} == {"ledger.lock", "ledger.row", "ledger.claim"}
    assert 5 < calls.count("ledger.row") < 20


def test_a_claim_that_is_held_is_polled_by_reading(world: World) -> None:
    world.user_puts(J, "cat")()
    claimed(world, 10)
    calls = waits(world.worker(), J)
    assert (calls.count("ledger.lock"), calls.count("ledger.claim")) == (1, 2)
    assert {*calls} == {"ledger.lock", "ledger.claim", "ledger.answer"}
    assert 5 < calls.count("ledger.answer") < 20


def test_a_take_over_that_landed_though_its_reply_was_lost_is_not_waited_for_by_its_owner(world: World) -> None:
    dies_after_the_store(world)
    world.user_puts(J, "cat")()
    world.objects.delete(K)

    def take_over(*args: Any) -> bool:
        world.ledger.take_over(*args)
        return False  # The client sent it again, and the second one found nothing to take over.

    worker = world.worker().instead("ledger.take_over", take_over)
    assert outcome(worker.gets(J)).labels == ("cat",)
    assert "ledger.answer" not in worker.wire.calls
    assert world.detector.asked == ["cat", "cat"]


def test_each_call_has_a_number_of_its_own_so_that_late_writes_for_one_cannot_touch_another(world: World) -> None:
    nonces: list[str] = []
    world.user_puts(K, "cat")()
    worker = world.worker().before("detector.detect", world.user_puts(K, "dog"), world.user_puts(K, "cat"))

    def store(answer_id: str, nonce: str, answer: Answer) -> bool:
        nonces.append(nonce)
        return world.ledger.store(answer_id, nonce, answer)

    worker.instead("ledger.store", store).instead("ledger.store", store)
    assert outcome(worker.gets(K)).paid_calls == 2
    assert len({*nonces}) == 2
