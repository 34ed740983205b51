"""A limit of a run's own that does not hold would make people pay more than they allowed."""

from __future__ import annotations

from imagelabels.domain.budget import Limits, Spending
from imagelabels.usecases.run_budget import CountedLimit, NoCalls, RunBudget
from tests.fakes import FakeLedger

NOW = 1_800_000_000.0


def test_the_limit_of_a_run_would_not_hold_or_would_take_the_place_of_the_shared_budget() -> None:
    ledger = FakeLedger()
    budget = RunBudget(ledger, "7", 2, NOW)
    assert [budget.take("imm", "oss://photos", NOW) for _ in range(3)] == [None, None, "throttled"]
    assert (budget.left, budget.taken) == (0, 2)
    assert RunBudget(ledger, "7", 5, NOW).left == 3
    assert RunBudget(ledger, "8", 5, NOW).left == 5
    assert RunBudget(ledger, "8", 9, NOW).take("imm", "oss://photos", NOW, Limits(total=3)) == "budget"


def test_calls_that_a_run_had_reported_without_a_limit_would_not_count() -> None:
    budget = RunBudget(FakeLedger(), "7", 5, NOW, reported=4)
    assert (budget.left, budget.taken, budget.most_counted) == (1, 4, 1)
    budget.count(3)
    budget.count_former(3)
    assert budget.taken == 4


def test_a_hold_would_be_lost_behind_the_limit_of_a_run() -> None:
    ledger = FakeLedger()
    budget = RunBudget(ledger, "7", 5, NOW)
    budget.hold("imm", "oss://photos", "detector_unbound", NOW + 60)
    assert budget.spending("imm", NOW) == ledger.spending("imm", NOW)
    assert budget.take("imm", "oss://photos", NOW) == "detector_unbound"
    budget.free("imm", "oss://photos")
    assert budget.take("imm", "oss://photos", NOW) is None


def test_a_walk_that_may_pay_nothing_would_pay_for_a_picture_that_was_put_in_the_place_of_a_text() -> None:
    budget = NoCalls()
    budget.hold("imm", "oss://photos", "forbidden", NOW + 60)
    assert budget.take("imm", "oss://photos", NOW, Limits(total=9)) == "budget"
    budget.free("imm", "oss://photos")
    assert budget.take("imm", "oss://photos", NOW) == "budget"
    assert budget.spending("imm", NOW) == Spending()


def test_calls_made_elsewhere_would_not_be_known_or_count_twice() -> None:
    told, known = CountedLimit(10, 4), CountedLimit(10, 4, knows_former=True)
    for limit in (told, known):
        limit.count(2)
        limit.count_former(3)
    assert (told.left, told.taken) == (1, 9)
    assert (known.left, known.taken) == (4, 6)
    told.count(5)
    assert told.left == 0
