"""One story per safeguard of the algorithm: what would be wrong with the world without it.

Each of these fails when its safeguard is taken out of the code; tests/faults.py does so, one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imagelabels.domain.errors import Rejected, Unavailable
from imagelabels.domain.model import ObjectRef, Outcome, Tags
from imagelabels.domain.outcomes import Reason, State
from imagelabels.usecases.calling import TRIES
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.pairs import inline
from tests.fakes import PendingWrite, jpeg
from tests.world import TIMEOUT, J, K, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}


def dogs_are_known(world: World) -> None:
    """A dog needs no paid call any more, for which a worker in a hurry would have no time."""
    world.user_puts(J, "dog")()
    world.worker().gets(J)


def test_lock_two_workers_do_not_mix_their_labels(world: World) -> None:
    dogs_are_known(world)
    world.user_puts(K, "cat")()
    got: list[Outcome | str] = []
    late = world.worker().before(
        "objects.put_tags", world.user_puts(K, "dog"), lambda: got.append(world.worker().gets(K, timeout=3))
    )
    assert late.dies_after("objects.put_tags").gets(K) == "killed"
    if got == ["busy"]:
        world.wait(60)
        world.until_done(K)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_fence_a_tag_write_that_hangs_does_not_land_on_a_later_picture(world: World) -> None:
    world.user_puts(K, "cat")()
    assert world.worker().tag_write_hangs().gets(K) == "timeout"
    world.user_puts(K, "dog")()
    world.until_done(K)
    world.objects.land()
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_hold_after_lost_nobody_enters_while_a_tag_write_may_still_land(world: World) -> None:
    dogs_are_known(world)
    world.user_puts(K, "cat")()
    assert world.worker().tag_write_hangs().gets(K) == "timeout"
    world.user_puts(K, "dog")()
    taken = world.worker().gets(K, timeout=3)
    world.objects.land()
    if taken == "busy":
        world.until_done(K)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_keep_while_sent_an_interrupt_does_not_free_a_key_whose_tag_write_is_under_way(world: World) -> None:
    def interrupt(ref: ObjectRef, tags: Tags, before: float, until: float) -> None:
        world.objects.pending.append(PendingWrite(ref, tags, before))
        raise KeyboardInterrupt

    dogs_are_known(world)
    world.user_puts(K, "cat")()
    with pytest.raises(KeyboardInterrupt):
        world.worker().instead("objects.put_tags", interrupt).gets(K)
    world.user_puts(K, "dog")()
    taken = world.worker().gets(K, timeout=3)
    world.objects.land()
    if taken == "busy":
        world.until_done(K)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_head_before_write_a_late_event_does_not_put_old_labels_on_a_new_picture(world: World) -> None:
    world.user_puts(K, "cat")()
    late = world.worker()
    late.gets(K)
    late.after("objects.head", world.user_puts(K, "dog"), lambda: world.worker().gets(K))
    late.dies_after("objects.put_tags").gets(K)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_head_before_store_an_answer_is_not_kept_for_a_picture_it_did_not_see(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().before("detector.detect", world.user_puts(K, "dog")).gets(K)
    world.user_puts(J, "cat")()
    world.worker().gets(J)
    assert (world.labels(K), world.labels(J)) == (("dog",), ("cat",))


def test_cond_row_a_sleeper_does_not_write_its_row_over_a_newer_one(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().before("ledger.finish", world.user_puts(K, "dog"), lambda: world.worker().gets(K)).dies_after(
        "ledger.finish"
    ).gets(K)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_content_claim_two_copies_at_once_are_paid_once(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.worker().before("detector.detect", lambda: world.worker().gets(J, timeout=22)).gets(K)
    world.until_done(J)
    assert world.detector.asked == ["cat"]
    assert (world.labels(K), world.labels(J)) == (("cat",), ("cat",))


def test_long_claim_a_slow_call_is_not_made_a_second_time(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.worker().before("detector.detect", lambda: world.worker().gets(J, timeout=60)).gets(K)
    world.until_done(J)
    assert world.detector.asked == ["cat"]


def test_claim_lease_a_dead_owner_does_not_keep_a_picture_from_being_labelled(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    assert world.worker().dies_before("detector.detect").gets(K) == "killed"
    assert isinstance(world.until_done(J), Outcome)
    assert world.labels(J) == ("cat",)


def test_keep_the_same_picture_under_another_key_costs_nothing(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.worker().gets(K)
    world.worker().gets(J)
    assert world.detector.asked == ["cat"]


def test_lease_a_dead_worker_does_not_lock_a_key_for_ever(world: World) -> None:
    world.user_puts(K, "cat")()
    assert world.worker().dies_after("ledger.lock").gets(K) == "killed"
    assert isinstance(world.until_done(K), Outcome)
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_reread_a_tag_that_the_user_sets_during_the_call_stays(world: World) -> None:
    world.user_puts(K, "cat", tags={"trip": "2025"})()
    world.worker().before("detector.detect", lambda: world.objects.user_tag(K, "trip", "2026")).gets(K)
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_merge_the_users_own_tags_stay(world: World) -> None:
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    world.worker().gets(K)
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_strip_labels_of_another_picture_go_when_this_one_has_none(world: World) -> None:
    world.detector.refuses.add("noise")
    world.user_puts(K, "noise", tags=CAT | {"trip": "2026"})()
    world.worker().gets(K)
    assert world.tags(K) == {"trip": "2026"}


def test_removal_locks_a_late_removal_does_not_drop_the_row_of_a_picture_that_came_back(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.delete(K)
    world.worker().before("ledger.drop", world.user_puts(K, "dog"), lambda: world.worker().gets(K)).dies_after(
        "ledger.drop"
    ).gets(K, kind="removed")
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_refusal_kept_a_picture_that_was_refused_is_not_paid_again_under_another_key(world: World) -> None:
    world.detector.refuses.add("noise")
    world.user_puts(K, "noise")()
    world.user_puts(J, "noise")()
    world.worker().gets(K)
    world.worker().gets(J)
    assert world.detector.asked == ["noise"]
    assert (world.state(K), world.state(J)) == ("skipped", "skipped")


def test_temp_not_kept_a_throttled_call_is_made_again(world: World) -> None:
    world.detector.fails += [Unavailable("throttled")] * TRIES
    world.user_puts(K, "cat")()
    assert world.worker().gets(K) == "throttled"
    assert world.state(K) == "waiting"
    world.worker().gets(K)
    assert (world.tags(K), world.labels(K)) == (CAT, ("cat",))


def test_temp_not_kept_a_call_that_is_throttled_again_is_given_back_to_the_platform_again(world: World) -> None:
    world.user_puts(K, "cat")()
    for _ in range(3):
        assert world.worker().fails("detector.detect", Unavailable("throttled"), TRIES).gets(K) == "throttled"
        assert (world.state(K), world.record(K).reason) == ("waiting", "throttled")


def labelled_elsewhere(world: World) -> None:
    """The answer for the cat of K is kept, since another key has the same picture."""
    world.user_puts(J, "cat")()
    world.worker().gets(J)
    world.user_puts(K, "cat")()


def test_row_before_tags_a_tag_that_the_user_sets_while_the_row_is_read_stays(world: World) -> None:
    labelled_elsewhere(world)
    slow = world.worker().before("ledger.row", lambda: world.wait(8), lambda: world.objects.user_tag(K, "trip", "2026"))
    slow.gets(K)
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_row_before_tags_a_tag_stays_too_where_the_detector_is_throttled_and_stale_labels_go(world: World) -> None:
    world.user_puts(K, "cat", tags=DOG)()
    worker = world.worker().fails("detector.detect", Unavailable("throttled"), TRIES)
    worker.before("ledger.row", lambda: world.wait(8), lambda: world.objects.user_tag(K, "trip", "2026"))
    assert worker.gets(K) == "throttled"
    assert world.tags(K) == {"trip": "2026"}


def test_fresh_tags_that_were_read_half_a_second_ago_are_read_again(world: World) -> None:
    def backwards(*calls: Callable[[], Any]) -> list[Any]:
        return inline(*reversed(calls))[::-1]

    labelled_elsewhere(world)
    worker = world.worker(at_once=backwards)
    worker.before("objects.head").before(
        "objects.head", lambda: world.wait(0.6), lambda: world.objects.user_tag(K, "trip", "2026")
    )
    worker.gets(K)
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_gone_while_tags_are_read_never_means_that_there_are_none(world: World) -> None:
    labelled_elsewhere(world)
    world.clock.now = int(world.clock.now)
    world.objects.put(K, jpeg("cat"))

    def put_again() -> None:
        world.objects.put(K, jpeg("cat"), {"trip": "2026"})  # The same bytes in the same second: HEAD shows no change.

    worker = world.worker().before("objects.tags", lambda: world.objects.delete(K))
    worker.before("objects.head").before("objects.head").before("objects.head", put_again)
    worker.gets(K)
    assert world.tags(K) == CAT | {"trip": "2026"}


def test_own_lock_a_delivery_does_not_wait_for_the_lease_of_its_own_earlier_round(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    correct(world.worker().tools, K, Said(add=["my boat"]), world.clock.monotonic() + TIMEOUT)
    world.detector.setting = "fake, newer"  # The new answer's row is not read, so the ledger refuses it at first.
    began, worker = world.clock.monotonic(), world.worker()
    assert isinstance(worker.gets(K), Outcome)
    assert worker.wire.calls.count("objects.put_tags") == 2
    assert worker.wire.calls.count("ledger.lock") == 2
    waited = world.clock.monotonic() - began  # by the clock of this world, which only moves where somebody waits
    assert waited < 5
    assert world.labels(K) == ("user:my boat", "cat")


def test_own_lock_a_request_for_it_that_lands_after_it_was_refused_is_not_waited_for(world: World) -> None:
    world.user_puts(K, "cat")()
    now = world.clock.store
    assert world.ledger.lock(K, "another's", now + 30, now, "another event")
    refused: list[Any] = []

    def refuse(*args: Any) -> bool:
        refused.extend(args)
        return world.ledger.lock(*args)

    def lands() -> None:
        world.ledger.release(K, "another's")
        world.ledger.lock(*refused)

    worker = world.worker().instead("ledger.lock", refuse).before("ledger.row", lands)
    began = world.clock.monotonic()
    assert isinstance(worker.gets(K), Outcome)
    waited = world.clock.monotonic() - began  # by the clock of this world, which only moves where somebody waits
    assert waited < 5
    assert world.labels(K) == ("cat",)


def test_fresh_token_a_finish_that_lands_twice_does_not_write_the_row_of_an_earlier_round(world: World) -> None:
    sent: list[Any] = []
    landed: list[bool] = []

    def finish(*args: Any) -> bool:
        sent.extend(args)
        done = world.ledger.finish(*args)
        world.user_puts(K, "dog")()
        return done

    world.user_puts(K, "cat")()
    worker = world.worker().instead("ledger.finish", finish)
    worker.after("ledger.lock").after("ledger.lock", lambda: landed.append(world.ledger.finish(*sent)))
    worker.gets(K)
    assert landed == [False]
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_archived_found_while_reading_takes_the_labels_of_another_picture_off(world: World) -> None:
    world.user_puts(K, "cat", tags=DOG | {"trip": "2026"})()
    got = world.worker().fails("objects.read", Rejected("archived", "restore it first")).gets(K)
    assert got == Outcome(State.SKIPPED, Reason.ARCHIVED)
    assert world.tags(K) == {"trip": "2026"}
    world.worker().gets(K)
    assert (world.tags(K), world.labels(K)) == (CAT | {"trip": "2026"}, ("cat",))


def test_history_a_second_delivery_does_not_hide_what_the_first_one_paid(world: World) -> None:
    world.user_puts(K, "cat")()
    for _ in range(2):
        world.worker().gets(K)
    lines = world.ledger.history(K)
    assert [(line.state, line.paid_calls) for line in lines] == [("labelled", 1), ("unchanged", 0)]
    assert (lines[0].tags_before, lines[0].tags_after) == ({}, CAT)


def test_history_a_delivery_that_has_to_start_again_counts_each_call_once(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("ledger.finish", world.user_puts(K, "dog")).gets(K)
    assert isinstance(got, Outcome)
    assert got.paid_calls == 2
    assert [line.paid_calls for line in world.ledger.history(K)] == [1, 1]


def test_inherited_tags_of_the_user_that_a_late_upload_got_from_the_picture_before_are_noted(world: World) -> None:
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    got = world.worker().before("objects.put_tags", world.user_puts(K, "dog")).gets(K)
    assert isinstance(got, Outcome)
    assert got.notes == ("tags_inherited",)
    assert world.record(K).notes == ("tags_inherited",)
    assert world.tags(K) == DOG | {"trip": "2026"}


def test_inherited_tags_of_ours_alone_are_taken_off_and_not_noted(world: World) -> None:
    world.user_puts(K, "cat")()
    got = world.worker().before("objects.put_tags", world.user_puts(K, "dog")).gets(K)
    assert isinstance(got, Outcome)
    assert (got.notes, world.tags(K)) == ((), DOG)


def test_inherited_tags_are_not_seen_where_a_late_upload_brought_its_own(world: World) -> None:
    world.user_puts(K, "cat", tags={"trip": "2026"})()
    late = world.user_puts(K, "dog", tags={"trip": "2027"})
    got = world.worker().after("objects.put_tags", late).gets(K)
    assert isinstance(got, Outcome)
    assert (got.notes, world.tags(K)) == ((), DOG | {"trip": "2027"})


def test_last_look_after_a_removal_that_fails_takes_nothing_back(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.delete(K)
    worker = world.worker()
    worker.after("ledger.drop", lambda: worker.fails("objects.head", Unavailable("throttled")))
    assert worker.gets(K, kind="removed") == Outcome(State.REMOVED)
    assert world.ledger.row(K) is None
