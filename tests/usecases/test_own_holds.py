"""What a detector refuses to a command with settings of its own must not stop the functions, nor theirs the command."""

from __future__ import annotations

from dataclasses import replace

from imagelabels.domain.budget import Hold, Limits
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectChange, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.usecases.own_holds import OwnHolds
from tests.fakes import FakeLedger
from tests.world import TIMEOUT, J, K, World

NOW = 1_800_000_000.0
HERE, THERE = "oss://photos", "oss://other"


def test_a_wrong_setting_on_a_laptop_would_stop_the_deployed_functions_for_ten_minutes(world: World) -> None:
    world.user_puts(K, "cat")()
    world.user_puts(J, "dog")()
    world.wait(2)
    laptop = world.worker().fails("detector.detect", Misconfigured("no such project", "detector_unbound"))
    labeler = replace(laptop.labeler, budget=OwnHolds(world.ledger))
    deadline = world.clock.monotonic() + TIMEOUT
    first = labeler.reconcile(ObjectChange(K, "created", "backfill-1"), deadline)
    second = labeler.reconcile(ObjectChange(J, "created", "backfill-2"), deadline)
    assert [(each.reason, each.paid_calls) for each in (first, second)] == [
        (Reason.DETECTOR_UNBOUND, 1),
        (Reason.DETECTOR_UNBOUND, 0),
    ]
    for ref, label in ((K, "cat"), (J, "dog")):
        got = world.worker().gets(ref)
        assert isinstance(got, Outcome)
        assert (got.state, got.labels, world.row(ref).waiting) == (State.LABELLED, (label,), None)


def test_a_function_that_may_not_call_the_detector_would_stop_a_command_that_may() -> None:
    ledger = FakeLedger()
    ledger.hold("imm", HERE, "forbidden", NOW + 600)
    assert OwnHolds(ledger).take("imm", HERE, NOW) is None


def test_a_command_would_pay_for_the_same_refusal_again_and_again() -> None:
    budget = OwnHolds(FakeLedger())
    budget.hold("imm", HERE, "forbidden", NOW + 60)
    assert budget.take("imm", HERE, NOW) == "forbidden"
    assert budget.take("imm", THERE, NOW) is None
    assert budget.take("oss", HERE, NOW) is None
    assert budget.spending("imm", NOW).holds == {HERE: Hold("forbidden", NOW + 60)}
    assert budget.take("imm", HERE, NOW + 60) is None
    budget.hold("imm", HERE, "forbidden", NOW + 600)
    budget.free("imm", HERE)
    budget.free("imm", HERE)
    assert budget.take("imm", HERE, NOW) is None


def test_the_calls_of_a_command_would_not_count_in_the_shared_budget() -> None:
    ledger = FakeLedger()
    assert OwnHolds(ledger).take("imm", HERE, NOW, Limits(total=2), calls=2) is None
    assert OwnHolds(ledger).take("imm", HERE, NOW, Limits(total=2)) == "budget"
    assert (ledger.spending("imm", NOW).total, OwnHolds(ledger).spending("imm", NOW).total) == (2, 2)
