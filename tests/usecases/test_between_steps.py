"""What may happen between two steps of a delivery, and what must be true after it all the same."""

from __future__ import annotations

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import Outcome, Tags
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.policy import Policy
from tests.world import J, K, World

CAT, DOG = {"label:cat": "mammal"}, {"label:dog": "mammal"}


def outcome(got: Outcome | str) -> Outcome:
    assert isinstance(got, Outcome), got
    return got


def test_an_object_that_comes_back_right_after_its_removal_is_labelled(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.objects.delete(K)
    got = world.worker().after("ledger.drop", world.user_puts(K, "dog")).gets(K, kind="removed")
    assert outcome(got).labels == ("dog",)
    assert (world.tags(K), world.labels(K)) == (DOG, ("dog",))


def test_an_answer_for_another_picture_is_not_rescued_when_the_store_fails_right_after(world: World) -> None:
    def fail(*_: object) -> Tags:
        raise Unavailable("throttled")

    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    worker = world.worker().before("detector.detect", world.user_puts(K, "dog")).instead("objects.tags", fail)
    assert worker.gets(K) == "throttled"
    world.worker().gets(J)
    assert (world.tags(J), world.labels(J)) == (CAT, ("cat",))


def test_a_sleeper_whose_lock_was_taken_over_starts_again(world: World) -> None:
    world.user_puts(K, "cat")()
    sleeper = world.worker().before(
        "ledger.finish", lambda: world.wait(60), lambda: world.worker().dies_after("ledger.lock").gets(K)
    )
    assert outcome(sleeper.gets(K, timeout=200)).labels == ("cat",)
    assert world.labels(K) == ("cat",)


def test_a_picture_that_went_during_its_call_does_not_block_its_copy(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    worker = world.worker().before("detector.detect", lambda: world.objects.delete(K))
    assert outcome(worker.gets(K)).state == "removed"
    assert outcome(world.worker().gets(J, timeout=40)).labels == ("cat",)


def test_the_same_bytes_put_again_have_a_row_of_the_new_object(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    world.user_puts(K, "cat", tags=CAT)()
    world.worker().gets(K)
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.head == world.objects.there[K.uri].head


def test_a_changed_policy_that_chooses_the_same_is_recorded(world: World) -> None:
    world.user_puts(K, "cat")()
    world.worker().gets(K)
    other = Policy(threshold=0.6)
    world.worker(policy=other).gets(K)
    row = world.ledger.row(K)
    assert row is not None
    assert row.record is not None
    assert row.record.policy == other.digest(1)


def test_a_call_that_costs_nothing_is_not_counted_as_paid(world: World) -> None:
    world.detector.paid = False
    world.user_puts(K, "cat")()
    assert outcome(world.worker().gets(K)).paid_calls == 0


def test_an_object_that_could_not_be_looked_at_is_not_looked_at_again_by_the_same_delivery(world: World) -> None:
    """The row says why, and the next event finds out whether it is so still."""
    world.user_puts(K, "cat")()
    worker = world.worker().fails("objects.head", Misconfigured("give the role oss:GetObject"))
    assert outcome(worker.gets(K)) == Outcome(State.PARKED, Reason.FORBIDDEN)
    assert worker.wire.calls.count("objects.head") == 1


def test_a_row_that_was_read_before_another_picture_came_and_went_is_not_taken_for_the_row_of_now(
    world: World,
) -> None:
    world.user_puts(J, "cat")()
    world.worker().gets(J)
    world.user_puts(K, "link", symlink=True)()
    world.worker().gets(K)
    link = world.objects.there[K.uri]

    def put_back() -> None:
        world.objects.there[K.uri] = link

    world.user_puts(K, "cat")()
    worker = world.worker().after("ledger.finish", put_back)
    assert outcome(worker.gets(K)).reason == "symlink"
    assert (world.state(K), world.labels(K)) == ("skipped", ())
