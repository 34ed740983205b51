"""A time or a note that nobody can read would tell nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from imagelabels.domain.bill import Bill, Terms
from imagelabels.domain.foreseen import Tally, Way
from imagelabels.views.bill import bill_lines, duration


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (7500, "2 h 05 min"),
        (200000, "2 d 07 h"),
    ],
)
def test_a_time_would_be_shown_in_seconds_alone(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_numbers_of_different_length_would_not_stand_below_each_other() -> None:
    tally = Tally(ways=Counter({Way.DONE: 1_234_567, Way.CALL: 3}))
    lines = list(bill_lines(Bill(tally, Terms("oss", True, "local", {}, None)), "oss://photos/\x1b"))[:5]
    assert lines == [
        "oss://photos/\\x1b: 1,234,570 objects",
        "  1,234,567 done: labelled for what they hold now, by the policy of now",
        "          3 call: the detector is asked",
        "calls: 3 to oss",
        "  price: unknown. Give it with --price, as 0.000142 USD",
    ]
