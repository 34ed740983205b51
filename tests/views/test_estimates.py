"""These tests check how estimates are shown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from imagelabels.domain.prices import Charged, Estimate, Line, Total
from imagelabels.views.estimates import cost, money, monthly_lines, summed, unit_price
from tests.domain.test_prices import CALLS, UNKNOWN, line


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0.00 USD"),
        ("0.004", "below 0.01 USD"),
        ("0.01", "0.01 USD"),
        ("2.4", "2.40 USD"),
        ("1234.567", "1,234.57 USD"),
    ],
)
def test_a_small_amount_would_look_like_nothing(amount: str, shown: str) -> None:
    assert money(Decimal(amount), "USD") == shown


def test_a_sum_would_hide_that_a_price_is_not_known() -> None:
    unknown = (line(UNKNOWN, "1"),)
    assert summed(Total({"USD": Decimal("2.4"), "CNY": Decimal("8.06")}, ())) == "8.06 CNY and 2.40 USD"
    assert summed(Total({"USD": Decimal("2.4")}, unknown)) == "at least 2.40 USD"
    assert summed(Total({"USD": Decimal("0.001")}, unknown)) == "below 0.01 USD, and what is unknown"
    assert summed(Total({"USD": Decimal(2), "CNY": Decimal("0.001")}, unknown)) == (
        "below 0.01 CNY and 2.00 USD, and what is unknown"
    )
    assert summed(Total({}, unknown)) == "unknown"
    assert summed(Total({"USD": Decimal(0)}, unknown)) == "unknown"
    assert summed(Total({}, ())) == "nothing"
    assert cost(unknown[0]) == "unknown"
    assert unit_price(unknown[0]) == "unknown"


def test_a_unit_price_would_not_say_for_how_much_it_is() -> None:
    assert unit_price(line(CALLS, "1")) == "0.142 USD for 1,000 calls"
    assert unit_price(line(replace(CALLS, per=Decimal(1), unit="CU-hours"), "1")) == "0.142 USD for a CU-hour"


def test_a_month_would_be_shown_without_its_parts_and_the_day_of_its_prices() -> None:
    parts = (
        Line(CALLS, Decimal(1000), Charged.MONTHLY, "a thousand calls"),
        Line(UNKNOWN, Decimal(1), Charged.MONTHLY, "a tag"),
        line(CALLS, "1000"),
    )
    assert list(monthly_lines(Estimate(parts))) == [
        "each month at least 0.14 USD",
        "  0.14 USD  calls: a thousand calls",
        "   unknown  calls: a tag",
        "  The prices were read on 2026-11-28. Your region may have others (docs/costs.md).",
    ]
    assert list(monthly_lines(Estimate(()))) == ["each month nothing"]
