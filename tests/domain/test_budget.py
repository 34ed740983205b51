"""These tests check how limits are read, and when a call is refused."""

from __future__ import annotations

import re

import pytest

from imagelabels.domain.budget import (
    Hold,
    Limits,
    Spending,
    checked_price,
    cost,
    day,
    even_pace,
    limit,
    next_second,
    refusal,
)

HERE = "oss://photos"


@pytest.mark.parametrize(
    ("text", "price", "calls"),
    [
        ("1000", None, 1000),
        ("0", None, 0),
        ("1000", "0.5 USD", 1000),
        ("2.50 USD", "0.000142 USD", 17605),
        ("1 CNY", "1 CNY", 1),
        ("0.99 CNY", "1 CNY", 0),
        ("0.3 USD", "0.1 USD", 3),
        ("999999999999 USD", "0.000000000001 USD", 10**15),
    ],
)
def test_a_limit_never_allows_more_calls_than_its_amount_pays_for(text: str, price: str | None, calls: int) -> None:
    assert limit(text, price) == calls


@pytest.mark.parametrize(
    ("text", "price", "words"),
    [
        ("", None, "is not a number of calls, such as 1000, or an amount, such as 2.50 USD"),
        ("-1", None, "is not a number of calls"),
        ("1e3", None, "is not a number of calls"),
        ("٣", None, "is not a number of calls"),
        ("9" * 16, None, "9999999999999999 has too many digits: a number of calls has at most 15"),
        ("9" * 13 + " USD", None, "has too many digits"),
        ("1 USD", "0.0000000000001 USD", "0.0000000000001 USD has too many digits"),
        ("$5", None, "is not a number of calls"),
        ("2.50 USD", None, "set IMAGELABELS_CALL_PRICE too, what one call costs in USD"),
        ("2.50 USD", "0.001 CNY", "2.50 USD is in USD, and IMAGELABELS_CALL_PRICE in CNY"),
        ("2.50 USD", "0 USD", "IMAGELABELS_CALL_PRICE is 0"),
        ("2.50 USD", "cheap", "cheap is not an amount, such as 0.000142 USD"),
    ],
)
def test_a_limit_that_cannot_be_read_is_said_in_words(text: str, price: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        limit(text, price)


def test_a_price_is_an_amount_of_a_currency() -> None:
    assert checked_price("0.000142 USD") == "0.000142 USD"
    with pytest.raises(ValueError, match=r"^0\.1 is not an amount, such as 0\.000142 USD$"):
        checked_price("0.1")


@pytest.mark.parametrize(
    ("spent", "limits", "reason"),
    [
        (Spending(total=9, today=9, second=9), Limits(), None),
        (Spending(total=9), Limits(total=10), None),
        (Spending(total=10), Limits(total=10), "budget"),
        (Spending(today=4), Limits(per_day=5), None),
        (Spending(today=5), Limits(per_day=5), "budget"),
        (Spending(second=1), Limits(per_second=2), None),
        (Spending(second=2), Limits(per_second=2), "throttled"),
        (Spending(total=10, second=2), Limits(total=10, per_second=2), "budget"),
        (Spending(total=10, holds={HERE: Hold("forbidden", 1.0)}), Limits(total=10), "forbidden"),
        (Spending(holds={"oss://other": Hold("forbidden", 1.0)}), Limits(), None),
    ],
)
def test_a_call_is_refused_at_its_limit_and_not_before(spent: Spending, limits: Limits, reason: str | None) -> None:
    assert refusal(spent, limits, HERE) == reason


def test_a_day_begins_at_midnight_of_utc() -> None:
    assert (day(1_764_287_999.999), day(1_764_288_000.0)) == ("20251127", "20251128")


def test_the_next_second_is_never_now() -> None:
    assert (next_second(100.0), next_second(100.75)) == (1.0, 0.25)


def test_an_even_pace_is_nothing_at_midnight_and_never_the_whole_limit() -> None:
    midnight = 20_000 * 86_400
    assert [even_pace(1000, midnight + seconds) for seconds in (0, 43_200, 86_399, 86_400)] == [0, 500, 999, 0]
    assert even_pace(0, midnight + 43_200) == 0


def test_many_calls_cost_exactly_so_many_times_the_price() -> None:
    assert cost(10**15, "0.000000000001 USD") == "1000.000000000000 USD"
