"""These tests check how prices become estimates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from imagelabels.domain.prices import Charged, Estimate, Line, Price, by_id

CALLS = Price(
    id="calls",
    cloud="aliyun",
    what="calls",
    unit="calls",
    per=Decimal(1000),
    region="everywhere",
    source="https://example.com/prices",
    seen=date(2026, 11, 28),
    amount=Decimal("0.142"),
    currency="USD",
)
UNKNOWN = replace(CALLS, id="tags", amount=None, currency="", unknown="The page names no price.")


def line(price: Price, quantity: str, charged: Charged = Charged.ONCE) -> Line:
    return Line(price, Decimal(quantity), charged, "")


def test_a_million_calls_would_cost_a_cent_more_or_less_than_the_price_says() -> None:
    assert line(CALLS, "1000000").amount == Decimal(142)
    assert line(replace(CALLS, amount=Decimal("0.1")), "3").amount == Decimal("0.0003")


def test_an_unknown_price_would_cost_nothing() -> None:
    total = Estimate((line(UNKNOWN, "5"), line(CALLS, "1000"))).total(Charged.ONCE)
    assert line(UNKNOWN, "5").amount is None
    assert total.amounts == {"USD": Decimal("0.142")}
    assert [one.price.id for one in total.unknown] == ["tags"]


def test_a_price_of_nothing_would_be_unknown() -> None:
    total = Estimate((line(replace(CALLS, amount=Decimal(0)), "5"),)).total(Charged.ONCE)
    assert total.amounts == {"USD": Decimal(0)}
    assert total.unknown == ()


def test_two_currencies_would_be_added_up_or_a_monthly_line_would_be_in_the_sum_of_the_work() -> None:
    yuan = replace(CALLS, currency="CNY")
    estimate = Estimate(
        (
            line(CALLS, "1000"),
            line(CALLS, "2000"),
            line(yuan, "1000"),
            line(CALLS, "9000", Charged.MONTHLY),
            line(UNKNOWN, "1", Charged.MONTHLY),
        )
    )
    once, monthly = estimate.total(Charged.ONCE), estimate.total(Charged.MONTHLY)
    assert once.amounts == {"USD": Decimal("0.426"), "CNY": Decimal("0.142")}
    assert once.unknown == ()
    assert monthly.amounts == {"USD": Decimal("1.278")}
    assert len(monthly.unknown) == 1


def test_a_price_of_the_users_would_not_replace_the_shipped_one() -> None:
    cheaper = replace(CALLS, amount=Decimal("0.1"))
    assert by_id([CALLS, UNKNOWN, cheaper]) == {"calls": cheaper, "tags": UNKNOWN}
