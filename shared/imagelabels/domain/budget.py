"""Budgets of a detector's calls: what may be called, what has been, and whether one more call may be made.

A day begins at midnight UTC by the store's clock.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from decimal import Decimal

from imagelabels.domain.outcomes import Reason


@dataclass(frozen=True, slots=True)
class Limits:
    """A detector may be called so many times a day, in all, and in a second. None is no limit."""

    per_day: int | None = None
    total: int | None = None
    per_second: int | None = None


UNLIMITED = Limits()


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a detector is not called for a bucket, and until when, in seconds of the store's clock."""

    reason: str
    until: float


KEPT_DAYS = 40
"""The count of a day is kept for so many days, so that the whole last month can be compared with the vendor's bill."""


@dataclass(frozen=True, slots=True)
class Spending:
    """The calls that were counted for a detector in all and in the present day, the requests that were counted in the
    present second, and the holds that last, by the bucket's URI."""

    total: int = 0
    today: int = 0
    second: int = 0
    holds: Mapping[str, Hold] = field(default_factory=dict)


def refusal(spent: Spending, limits: Limits, bucket: str, calls: int = 1) -> str | None:
    """Return why no request that is billed as so many calls may be made for the bucket at present: what it is held for,
    `budget`, or `throttled` where the next second may have room. None: it may be made."""
    if bucket in spent.holds:
        return spent.holds[bucket].reason
    if _exceeded(spent.total + calls, limits.total) or _exceeded(spent.today + calls, limits.per_day):
        return Reason.BUDGET.value
    return Reason.THROTTLED.value if _exceeded(spent.second + 1, limits.per_second) else None


def _exceeded(count: int, limit: int | None) -> bool:
    return limit is not None and count > limit


def spent_settings(spent: Spending, limits: Limits, calls: int = 1) -> tuple[str, ...]:
    """Return the names of the settings under which no further request has room that is billed as so many calls."""
    counts = {"TOTAL": (spent.total, limits.total), "PER_DAY": (spent.today, limits.per_day)}
    return tuple(
        f"IMAGELABELS_BUDGET_{name}" for name, (count, limit) in counts.items() if _exceeded(count + calls, limit)
    )


def day(now: float) -> str:
    """Return the day of a moment as eight digits, such as 20261128."""
    return datetime.fromtimestamp(now, timezone.utc).strftime("%Y%m%d")


def even_pace(limit: int, now: float) -> int:
    """Return how many calls there would have been by now if those of a day came evenly over the day."""
    return math.floor(limit * (now % 86_400) / 86_400)


def cost(calls: int, price: str) -> str:
    """Return what so many calls cost at a price such as 0.000142 USD."""
    amount, currency = price.split(" ")
    return f"{Decimal(amount) * calls:f} {currency}"


def last_expired_day(now: float) -> float:
    """Return a moment of the last day whose count is not kept any more."""
    return now - (KEPT_DAYS + 1) * 86_400


def next_second(now: float) -> float:
    """Return the seconds that are left of the second in which `now` lies: more than 0, and at most 1."""
    return math.floor(now) + 1 - now


_MOST_CALLS = 10**15
"""No limit is higher: a count must fit in what the indexes hold."""
_CALLS = re.compile(r"[0-9]{1,15}")
_LONG = re.compile(r"[0-9]{16,}|[0-9]+(?:\.[0-9]+)? [A-Z]{3}")
"""A limit or a price of any length."""
_MONEY = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,12})?) ([A-Z]{3})")


def limit(text: str, price: str | None) -> int:
    """Return the calls that a limit allows: `1000` is a number of calls, and `2.50 USD` is an amount, which allows as
    many calls as it pays for at `price` each. ValueError says what is wrong."""
    if _CALLS.fullmatch(text):
        return int(text)
    amount, currency = _amount(text, "a number of calls, such as 1000, or an amount, such as 2.50 USD")
    if price is None:
        raise ValueError(f"{text} is an amount: set IMAGELABELS_CALL_PRICE too, what one call costs in {currency}")
    each, price_currency = _amount(price, _PRICE_FORM)
    if price_currency != currency:
        raise ValueError(f"{text} is in {currency}, and IMAGELABELS_CALL_PRICE in {price_currency}")
    if not each:
        raise ValueError("IMAGELABELS_CALL_PRICE is 0: no amount limits calls that cost nothing")
    return min(int(amount / each), _MOST_CALLS)


_PRICE_FORM = "an amount, such as 0.000142 USD"


def checked_price(text: str) -> str:
    """Return the price of a call as it is written; ValueError if it is none."""
    _amount(text, _PRICE_FORM)
    return text


def _amount(text: str, form: str) -> tuple[Decimal, str]:
    if (match := _MONEY.fullmatch(text)) is None:
        if _LONG.fullmatch(text):
            raise ValueError(
                f"{text[:40]} has too many digits: a number of calls has at most 15, and an amount at most 12 before "
                "and 12 behind the point"
            )
        raise ValueError(f"{text[:40]} is not {form}")
    return Decimal(match[1]), match[2]


def rate(now: int | None, former: float | None, detector: str | None) -> int | None:
    """Return the requests that a second may have: those of IMAGELABELS_RATE, else those of its former name, which was
    one of `imm` alone. That detector is never chosen without being named."""
    if now is not None or former is None or detector != "imm":
        return now
    return max(1, math.floor(former))


def outdated_rate(now: int | None, former: float | None, detector: str | None) -> tuple[str, ...]:
    """Say what to do about the former name of the rate, if it is set."""
    if former is None:
        return ()
    if now is not None:
        return ("IMAGELABELS_IMM_RATE is not used, because IMAGELABELS_RATE is set: remove it",)
    if detector != "imm":
        return ("IMAGELABELS_IMM_RATE is not used by any detector but imm: remove it, or set IMAGELABELS_RATE",)
    used = rate(now, former, detector)
    return (
        f"IMAGELABELS_IMM_RATE is outdated: it is used as IMAGELABELS_RATE={used} for all functions that share the "
        "index. Set IMAGELABELS_RATE instead",
    )
