"""What an unconfirmed answer of another object may do for ours, and what we may do to it."""

from __future__ import annotations

import pytest

from imagelabels.domain.model import Look, Outcome
from imagelabels.ports import Proof
from imagelabels.usecases.correct import Said, correct
from imagelabels.usecases.waiting import FIRST_PAUSE
from tests.world import TIMEOUT, J, K, World

DOG = {"label:dog": "mammal"}


def proofs(world: World, refused: bool) -> list[Proof | None]:
    """Let a first delivery die after it stored the answer, and return what the next one confirms."""
    if refused:
        world.detector.refuses.add("cat")
    world.user_puts(K, "cat")()
    world.wait(10)
    assert world.worker().dies_after("ledger.store").gets(K) == "killed"
    world.wait(60)
    told: list[Proof | None] = []

    def finish(*args: object) -> bool:
        told.append(args[4])  # type: ignore[arg-type]  # The fifth argument of finish is the proof.
        return world.ledger.finish(*args)  # type: ignore[arg-type]

    assert isinstance(world.worker().instead("ledger.finish", finish).gets(K), Outcome)
    return told


@pytest.mark.parametrize("refused", [True, False])
def test_whoever_confirms_a_kept_answer_says_whether_it_is_a_refusal(world: World, refused: bool) -> None:
    """The index stores which answers are refusals: these can be asked for again one day."""
    (proof,) = proofs(world, refused)
    assert proof is not None
    assert (proof.answer_id, proof.refused) == (world.answer_id(K), refused)


@pytest.mark.parametrize("refused", [True, False])
def test_whoever_asked_confirms_the_answer_and_says_whether_it_is_a_refusal(world: World, refused: bool) -> None:
    if refused:
        world.detector.refuses.add("cat")
    told: list[Proof | None] = []

    def finish(*args: object) -> bool:
        told.append(args[4])  # type: ignore[arg-type]
        return world.ledger.finish(*args)  # type: ignore[arg-type]

    world.user_puts(K, "cat")()
    world.worker().instead("ledger.finish", finish).gets(K)
    assert [proof.refused for proof in told if proof is not None] == [refused]


def test_a_correction_is_not_undone_for_a_moment_by_another_object_s_unconfirmed_answer(world: World) -> None:
    """The row is read before the tags are written, since an answer that was there may belong to a row."""
    for ref in (J, K):
        world.user_puts(ref, "dog")()
        world.worker().gets(ref)
    correct(world.worker().tools, J, Said(["dog"]), world.clock.monotonic() + TIMEOUT)
    world.detector.setting = "fake, newer"
    assert world.worker().dies_after("ledger.store").gets(K) == "killed"
    world.wait(60)
    worker = world.worker()
    outcome = worker.gets(J)
    assert isinstance(outcome, Outcome)
    assert (outcome.labels, outcome.paid_calls, world.tags(J)) == ((), 0, {})
    assert "objects.put_tags" not in worker.wire.calls
    assert worker.wire.calls.count("ledger.finish") == 1


def test_an_answer_of_another_object_is_not_void_because_ours_changed(world: World) -> None:
    world.user_puts(K, "dog")()
    world.user_puts(J, "dog")()
    world.wait(10)
    answer_id = world.answer_id(K)
    assert world.worker().dies_after("ledger.store").gets(K) == "killed"
    world.wait(60)
    outcome = world.worker().after("ledger.claim", world.user_puts(J, "cat")).gets(J)
    assert isinstance(outcome, Outcome)
    assert outcome.labels == ("cat",)
    kept = world.ledger.answer(answer_id)
    assert kept is not None
    assert kept.answer is not None
    world.until_done(K)
    assert (world.tags(K), world.detector.asked) == (DOG, ["dog", "cat"])


def test_a_claim_that_ends_at_this_very_moment_is_still_its_owners(world: World) -> None:
    """A ledger gives away only a claim that ended before now: to ask for it now is a refused attempt more."""
    world.user_puts(K, "cat")()
    world.clock.now = 2000.0
    worker = world.worker()
    look = Look(float(int(world.clock.store)), None)
    time = worker.tools.time
    time.observe(look)
    assert world.ledger.claim(world.answer_id(K), "other", time.now() + FIRST_PAUSE, time.now()).kind == "mine"
    assert isinstance(worker.gets(K), Outcome)
    calls = [call for call in worker.wire.calls if call in ("ledger.claim", "ledger.answer")]
    assert calls == ["ledger.claim", "ledger.answer", "ledger.answer", "ledger.claim"]
