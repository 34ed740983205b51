"""Counts what is sent to the real account, and stops before a limit is passed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


class LimitReached(Exception):
    """One more request would pass a limit. It was not sent."""


@dataclass(slots=True)
class Spending:
    """`requests` and `money` (in CNY) are the limits. What is reserved for cleaning up is kept back from questions."""

    requests: int
    money: Decimal
    sent: int = 0
    spent: Decimal = Decimal(0)

    def allows(self, requests: int, price: Decimal) -> bool:
        return self.sent + requests <= self.requests and self.spent + price <= self.money

    def take(self, price: Decimal) -> None:
        """Count a request that is about to be sent. LimitReached if it must not be."""
        if not self.allows(1, price):
            raise LimitReached(f"the limit of {self.requests} requests and {self.money} CNY is reached")
        self.sent += 1
        self.spent += price
