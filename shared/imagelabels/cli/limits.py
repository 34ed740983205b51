"""Reads how many calls the options of a command allow."""

from __future__ import annotations

from imagelabels.domain import budget
from imagelabels.domain.errors import Misconfigured
from imagelabels.views.printing import escaped

MOST_CALLS = 10**12


def calls(text: str) -> int:
    """Read a number of calls; ValueError for anything else."""
    if text.isascii() and text.isdecimal() and int(text) <= MOST_CALLS:
        return int(text)
    raise ValueError(f"{escaped(text)} is not a number from 0 to {MOST_CALLS}")


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
