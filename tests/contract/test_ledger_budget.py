"""These tests check what every ledger promises about budgets of calls: limits, rates and holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from imagelabels.domain.budget import KEPT_DAYS, Hold, Limits
from imagelabels.ports import Ledger
from tests.contract.samples import NOW

UNTIL = NOW + 30
DAY = 86_400
HERE, THERE = "oss://photos", "oss://other-photos"


def _takes(ledger: Ledger, times: int, limits: Limits, now: float = NOW, bucket: str = HERE) -> list[str | None]:
    return [ledger.take("imm", bucket, now, limits) for _ in range(times)]


def test_calls_may_be_made_while_nobody_limits_or_holds_the_detector(ledger: Ledger) -> None:
    assert [ledger.take("oss", HERE, NOW) for _ in range(3)] == [None, None, None]
    assert (ledger.spending("oss", NOW).total, ledger.spending("oss", NOW).today) == (3, 3)


def test_a_detector_that_was_never_called_has_spent_nothing(ledger: Ledger) -> None:
    spent = ledger.spending("imm", NOW)
    assert (spent.total, spent.today, spent.second, dict(spent.holds)) == (0, 0, 0, {})


def test_no_call_is_made_above_the_limit_of_a_day_until_the_next_one_begins(ledger: Ledger) -> None:
    limits = Limits(per_day=2)
    assert _takes(ledger, 4, limits) == [None, None, "budget", "budget"]
    assert ledger.spending("imm", NOW).today == 2
    assert _takes(ledger, 3, limits, NOW + DAY) == [None, None, "budget"]
    assert ledger.spending("imm", NOW + DAY).total == 4


def test_no_call_is_made_above_the_limit_of_all_on_any_day(ledger: Ledger) -> None:
    limits = Limits(total=3)
    assert _takes(ledger, 2, limits) == [None, None]
    assert _takes(ledger, 2, limits, NOW + DAY) == [None, "budget"]
    assert _takes(ledger, 1, Limits(total=4), NOW + 2 * DAY) == [None]
    assert ledger.spending("imm", NOW).total == 4


def test_a_limit_of_nothing_allows_no_call_at_all(ledger: Ledger) -> None:
    assert _takes(ledger, 1, Limits(total=0)) == ["budget"]
    assert _takes(ledger, 1, Limits(per_day=0)) == ["budget"]
    assert ledger.spending("imm", NOW).total == 0


def test_calls_of_all_buckets_count_against_one_budget(ledger: Ledger) -> None:
    assert _takes(ledger, 1, Limits(total=2)) == [None]
    assert _takes(ledger, 2, Limits(total=2), bucket=THERE) == [None, "budget"]


def test_a_budget_is_of_its_own_detector_alone(ledger: Ledger) -> None:
    assert _takes(ledger, 2, Limits(total=1)) == [None, "budget"]
    assert ledger.take("imm2", HERE, NOW, Limits(total=1)) is None


def test_calls_that_were_counted_without_a_limit_count_against_a_later_one(ledger: Ledger) -> None:
    for _ in range(3):
        ledger.take("imm", HERE, NOW)
    assert _takes(ledger, 2, Limits(total=4)) == [None, "budget"]


def test_a_second_has_room_for_so_many_calls_as_the_rate_says(ledger: Ledger) -> None:
    limits = Limits(per_second=2)
    assert _takes(ledger, 3, limits) == [None, None, "throttled"]
    assert _takes(ledger, 3, limits, NOW + 1) == [None, None, "throttled"]
    assert ledger.spending("imm", NOW + 1).second == 2
    assert ledger.spending("imm", NOW + 2).second == 0
    assert ledger.spending("imm", NOW + 1).total == 4


def test_a_rate_holds_for_many_seconds_on_end(ledger: Ledger) -> None:
    limits = Limits(per_second=1)
    for second in range(30):
        assert _takes(ledger, 2, limits, NOW + second) == [None, "throttled"]
    assert ledger.spending("imm", NOW).total == 30


def test_a_budget_that_is_spent_is_said_rather_than_a_full_second(ledger: Ledger) -> None:
    assert _takes(ledger, 2, Limits(total=1, per_second=1)) == [None, "budget"]


def test_a_request_that_is_billed_as_several_calls_takes_them_all_or_none(ledger: Ledger) -> None:
    for limits in (Limits(total=7), Limits(per_day=7), Limits(per_day=9, total=7)):
        detector = f"ci {limits}"
        takes = [ledger.take(detector, HERE, NOW, limits, 3) for _ in range(3)]
        assert takes == [None, None, "budget"]
        assert (ledger.spending(detector, NOW).total, ledger.spending(detector, NOW).today) == (6, 6)
        assert ledger.take(detector, HERE, NOW, limits, 1) is None
        assert ledger.take(detector, HERE, NOW, limits, 1) == "budget"


def test_a_limit_below_what_one_request_is_billed_as_allows_none(ledger: Ledger) -> None:
    assert ledger.take("ci", HERE, NOW, Limits(total=2), 3) == "budget"
    assert ledger.spending("ci", NOW).total == 0


def test_a_rate_is_one_of_requests_however_many_calls_each_is_billed_as(ledger: Ledger) -> None:
    limits = Limits(per_second=2)
    assert [ledger.take("ci", HERE, NOW, limits, 4) for _ in range(3)] == [None, None, "throttled"]
    assert (ledger.spending("ci", NOW).second, ledger.spending("ci", NOW).total) == (2, 8)


def test_the_count_of_a_day_is_kept_for_forty_days_and_then_deleted(ledger: Ledger) -> None:
    assert ledger.take("imm", HERE, NOW) is None
    assert ledger.take("imm", HERE, NOW + DAY, calls=2) is None
    ledger.hold("imm", HERE, "forbidden", NOW + 100 * DAY)
    assert ledger.take("imm", THERE, NOW + KEPT_DAYS * DAY) is None
    assert [ledger.spending("imm", NOW + n * DAY).today for n in (0, 1, KEPT_DAYS)] == [1, 2, 1]
    assert ledger.take("imm", THERE, NOW + (KEPT_DAYS + 1) * DAY) is None
    assert [ledger.spending("imm", NOW + n * DAY).today for n in (0, 1, KEPT_DAYS)] == [0, 2, 1]
    assert ledger.take("imm", THERE, NOW + (KEPT_DAYS + 30) * DAY) is None
    assert [ledger.spending("imm", NOW + n * DAY).today for n in (0, 1, KEPT_DAYS)] == [0, 0, 1]
    assert ledger.spending("imm", NOW).total == 6
    assert list(ledger.spending("imm", NOW).holds) == [HERE]


def test_the_days_of_another_detector_are_kept(ledger: Ledger) -> None:
    assert ledger.take("imm2", HERE, NOW) is None
    assert ledger.take("imm", HERE, NOW + 50 * DAY) is None
    assert ledger.spending("imm2", NOW).today == 1


@pytest.mark.parametrize("limits", [Limits(per_day=25), Limits(total=25), Limits(per_day=30, total=25)])
def test_a_limit_is_kept_exactly_by_many_workers_at_once(ledger: Ledger, limits: Limits) -> None:
    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(lambda _: ledger.take("imm", HERE, NOW, limits), range(80)))
    assert (took.count(None), took.count("budget")) == (25, 55)
    assert ledger.spending("imm", NOW).total == 25


# holds


def test_a_held_detector_is_not_called_until_the_hold_ends(ledger: Ledger) -> None:
    ledger.hold("oss", HERE, "forbidden", UNTIL)
    assert ledger.take("oss", HERE, NOW) == "forbidden"
    assert ledger.take("oss", HERE, UNTIL - 0.001) == "forbidden"
    assert ledger.spending("oss", NOW).total == 0
    assert ledger.take("oss", HERE, UNTIL + 0.001) is None


def test_a_hold_ends_at_its_last_moment(ledger: Ledger) -> None:
    ledger.hold("oss", HERE, "forbidden", UNTIL)
    assert ledger.take("oss", HERE, UNTIL) is None


def test_a_hold_stops_only_its_own_detector_in_its_own_bucket(ledger: Ledger) -> None:
    assert ledger.take("oss", HERE, NOW) is None
    ledger.hold("oss", HERE, "forbidden", UNTIL)
    assert ledger.take("imm", HERE, NOW) is None
    assert ledger.take("oss", THERE, NOW) is None
    assert ledger.take("oss", HERE, NOW) == "forbidden"


def test_a_later_hold_replaces_an_earlier_one(ledger: Ledger) -> None:
    ledger.hold("imm", HERE, "forbidden", UNTIL)
    ledger.hold("imm", HERE, "detector_unbound", UNTIL + 60)
    assert ledger.take("imm", HERE, UNTIL + 1) == "detector_unbound"


def test_holds_are_told_with_their_buckets_until_they_end(ledger: Ledger) -> None:
    ledger.hold("imm", HERE, "forbidden", UNTIL)
    ledger.hold("imm", THERE, "detector_unbound", UNTIL + 60)
    ledger.hold("imm2", THERE, "forbidden", UNTIL)
    assert dict(ledger.spending("imm", NOW).holds) == {
        HERE: Hold("forbidden", UNTIL),
        THERE: Hold("detector_unbound", UNTIL + 60),
    }
    assert list(ledger.spending("imm", UNTIL).holds) == [THERE]


def test_a_freed_detector_is_called_at_once(ledger: Ledger) -> None:
    ledger.hold("imm", HERE, "forbidden", UNTIL)
    ledger.hold("imm", THERE, "forbidden", UNTIL)
    ledger.free("imm", HERE)
    assert ledger.take("imm", HERE, NOW) is None
    assert ledger.take("imm", THERE, NOW) == "forbidden"


def test_freeing_what_nobody_holds_changes_nothing(ledger: Ledger) -> None:
    ledger.free("imm", HERE)
    assert _takes(ledger, 2, Limits(total=1)) == [None, "budget"]
    ledger.free("imm", HERE)
    assert ledger.spending("imm", NOW).total == 1
