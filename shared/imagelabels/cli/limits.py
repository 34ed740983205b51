"""Reads how many calls the options of a command allow."""

from __future__ import annotations

from imagelabels.domain import budget
from imagelabels.domain.errors import Misconfigured


def most_calls(max_calls: int | None, max_cost: str | None, price: str | None) -> int | None:
    """Return how many calls the options allow; None if there is no limit. `price` is that of one call. Misconfigured if
    an amount cannot be turned into calls."""
    limits = [] if max_calls is None else [max_calls]
    if max_cost is not None:
        if max_cost.isdecimal():
            raise Misconfigured(f"--max-cost {max_cost}: name a currency too, such as '2.50 USD'")
        try:
            limits.append(budget.limit(max_cost, price))
        except ValueError as error:
            raise Misconfigured(f"--max-cost: {error}; --price says what one call costs") from None
    return min(limits, default=None)
