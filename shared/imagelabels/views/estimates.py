"""Shows estimates of costs as text. What is unknown is called so, and a sum without it says so."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from imagelabels.domain.prices import Charged, Estimate, Line, Total

_CENT = Decimal("0.01")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount with two decimals, such as 2.40 USD. What is less than that, but not 0, is "below 0.01"."""
    if 0 < amount < _CENT:
        return f"below {_CENT} {currency}"
    return f"{amount.quantize(_CENT):,} {currency}"


def cost(line: Line) -> str:
    """Write what a line costs, or "unknown"."""
    return "unknown" if line.amount is None else money(line.amount, line.price.currency)


def summed(total: Total) -> str:
    """Write a sum, such as "at least 2.40 USD and 8.06 CNY" if the price of a part is not known.

    "At least" does not go with an amount that is "below 0.01". Such a sum ends with "and what is unknown"."""
    amounts = " and ".join(money(amount, currency) for currency, amount in sorted(total.amounts.items()))
    if not total.unknown:
        return amounts or "nothing"
    if not any(total.amounts.values()):
        return "unknown"
    if any(0 < amount < _CENT for amount in total.amounts.values()):
        return f"{amounts}, and what is unknown"
    return f"at least {amounts}"


def unit_price(line: Line) -> str:
    """Write the unit price, such as "0.142 USD for 1,000 calls", or "unknown"."""
    price = line.price
    if price.amount is None:
        return "unknown"
    if price.per == 1:
        return f"{price.amount:f} {price.currency} for a {price.unit.removesuffix('s')}"
    return f"{price.amount:f} {price.currency} for {price.per:,} {price.unit}"


def monthly_lines(estimate: Estimate) -> Iterator[str]:
    """Yield the lines that a terminal shows of a monthly estimate: the sum first, then each part with its reason."""
    lines = [line for line in estimate.lines if line.charged is Charged.MONTHLY]
    yield f"each month {summed(estimate.total(Charged.MONTHLY))}"
    width = max((len(cost(line)) for line in lines), default=0)
    for line in lines:
        yield f"  {cost(line):>{width}}  {line.price.what}: {line.why}"
    if lines:
        dates = sorted({line.price.seen.isoformat() for line in lines})
        yield f"  The prices were read on {' and '.join(dates)}. Your region may have others (docs/costs.md)."
