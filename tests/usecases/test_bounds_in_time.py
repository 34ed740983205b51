"""What must not happen too early, too late or too often: holds, leases, and calls after a wait."""

from __future__ import annotations

from imagelabels.domain.content import answer_id
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.usecases.asking import CLAIM_AFTER_KILL
from imagelabels.usecases.calling import HOLD
from imagelabels.usecases.storetime import RESOLUTION
from imagelabels.usecases.waiting import LEAVE, LONGEST_PAUSE
from tests.world import J, K, World


def test_a_detector_that_a_person_must_mend_is_left_alone_for_ten_minutes(world: World) -> None:
    """Such calls may be billed too, so a try every half a minute would cost money for nothing."""
    assert HOLD == 600
    world.user_puts(K, "cat")()
    world.user_puts(J, "dog")()
    world.wait(10)  # so that no delivery has to wait for the second of the upload to end
    world.detector.fails.append(Misconfigured("no IMM project is bound to bucket photos", "detector_unbound"))
    world.worker().gets(K)
    world.wait(HOLD - 2)
    assert world.worker().gets(J) == Outcome(State.PARKED, Reason.DETECTOR_UNBOUND)
    world.wait(3)
    got = world.worker().gets(J)
    assert isinstance(got, Outcome)
    assert (got.state, world.detector.asked) == ("labelled", ["cat", "dog"])


def test_who_waited_for_the_lock_does_not_ask_about_the_picture_that_was_there_before(world: World) -> None:
    world.user_puts(K, "cat")()
    assert world.worker().dies_after("ledger.lock").gets(K) == "killed"
    waiting = world.worker().before("ledger.row", world.user_puts(K, "dog"))
    waiting.gets(K)
    assert (world.labels(K), world.detector.asked) == (("dog",), ["dog"])
    assert waiting.wire.calls.count("ledger.claim") == 1


def test_a_paid_answer_is_stored_until_a_second_before_the_platform_kills_the_worker(world: World) -> None:
    def fail(*_: object) -> bool:
        raise Unavailable("throttled")

    world.user_puts(K, "cat")()
    world.wait(10)
    worker = world.worker().after("detector.detect", world.clock.slept.clear)
    for _ in range(200):
        worker.instead("ledger.store", fail)
    deadline = world.clock.now + 60
    assert worker.gets(K, timeout=60) == "throttled"
    assert deadline - LEAVE - LONGEST_PAUSE < world.clock.now <= deadline - LEAVE
    # The pauses double, so that a ledger that is throttled is not asked twenty times a second for a minute.
    assert world.clock.slept[:7] == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert set(world.clock.slept[7:]) == {1.0}


def test_a_claim_outlives_its_owner_by_fifteen_seconds_of_the_true_time(world: World) -> None:
    """The store tells its time cut to whole seconds: a claim must not end earlier for that."""
    assert CLAIM_AFTER_KILL == 15
    world.user_puts(K, "cat")()
    world.user_puts(J, "cat")()
    world.wait(10)
    world.wait(0.99 - world.clock.store % 1)
    killed_at = world.clock.store + 60
    world.worker().dies_after("ledger.claim").gets(K, timeout=60)
    claim = world.ledger.answer(answer_id(K, world.objects.there[K.uri].head, world.detector.setting, "bucket"))
    assert claim is not None
    assert claim.claimed_until is not None
    assert 0 <= claim.claimed_until - (killed_at + CLAIM_AFTER_KILL) <= RESOLUTION
