"""A time or a note that nobody can read would tell nothing."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from imagelabels.deploy.price_file import shipped
from imagelabels.domain.bill import Bill, Terms, own_price
from imagelabels.domain.foreseen import Tally, Way
from imagelabels.views.bill import bill_json, bill_lines, duration


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59.4, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (7500, "2 h 05 min"),
        (200000, "2 d 07 h"),
    ],
)
def test_a_time_would_be_shown_in_seconds_alone(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_numbers_of_different_length_would_not_stand_below_each_other() -> None:
    tally = Tally(ways=Counter({Way.DONE: 1_234_567, Way.CALL: 3}))
    lines = list(bill_lines(Bill(tally, Terms("oss", True, "local", {}, None)), "oss://photos/\x1b"))[:7]
    assert lines == [
        "oss://photos/\\x1b: 1,234,570 objects",
        "  1,234,567 done: labelled for what they hold now, by the policy of now",
        "          3 call: the detector is asked",
        "calls: 3 to oss",
        "  price: unknown. Give it with --price, as 0.000142 USD",
        "tags: 0 tags on 0 objects",
        "paid once: nothing",
    ]


def test_a_bill_by_an_inventory_would_be_shown_as_exact_or_as_the_most() -> None:
    tally = Tally(ways=Counter({Way.CALL: 3, Way.UNSEEN: 1}), tags=5, unasked_tags=10, tag_writes=4)
    lines = list(bill_lines(Bill(tally, Terms("oss", True, "local", {}, None, is_list=False)), "oss://photos/"))
    assert [line for line in lines if line.startswith(("calls", "tags"))] == [
        "calls: about 4 to oss, since objects may have changed after the inventory",
        "tags: about 15 tags on 4 objects",
    ]


def test_a_place_with_nothing_in_it_would_get_a_bill() -> None:
    empty = Bill(Tally(), Terms("oss", True, "aliyun", {}, None))
    assert list(bill_lines(empty, "oss://photos/none/")) == ["oss://photos/none/: nothing is there"]


def test_a_part_of_the_cost_would_not_say_for_how_much_it_is() -> None:
    prices = shipped()
    tally = Tally(ways=Counter({Way.CALL: 10_000}), tag_writes=10_000, unasked_tags=50_000)
    lines = list(bill_lines(Bill(tally, Terms("oss", True, "aliyun", prices, prices["imm-image-label"])), "oss://b/"))
    assert lines[lines.index("paid once: 0.07 CNY and 1.42 USD") :][:7] == [
        "paid once: 0.07 CNY and 1.42 USD",
        "  1.42 USD for 10,000 calls: IMM, item ImageLabel (DetectImageLabels, image/labels)",
        "  0.06 CNY for 60,000 requests: OSS, read requests on standard storage",
        "  0.01 CNY for 10,020 requests: OSS, write requests on standard storage",
        "paid each month: unknown",
        "  unknown for 36,000,000 tag-hours: OSS, object tags",
        "  The prices were read on 2026-11-28. Your region may have others (docs/costs.md).",
    ]


def test_a_very_small_price_would_be_shown_as_a_power_of_ten() -> None:
    price = own_price("0.0000001 USD", "oss", "--price", date(2026, 11, 28))
    bill = Bill(Tally(ways=Counter({Way.CALL: 3})), Terms("oss", True, "local", {}, price))
    assert "  price: 0.0000001 USD for a call, as --price says" in bill_lines(bill, "oss://photos/")
    shown: Any = bill_json(bill, "oss://photos/")["call_price"]
    assert (shown["amount"], shown["per"]) == ("0.0000001", "1")
