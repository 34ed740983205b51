"""Prices of the clouds, each with its source and date, and the estimates that are computed from them.

A price that nobody has found is unknown. Everything computed from it is unknown too, and never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum


@dataclass(frozen=True, slots=True)
class Price:
    """This is what a cloud asks for `per` units, such as 0.142 USD for 1,000 calls.

    `amount` is None if the price is not known; then `unknown` says why. `seen` is the day on which the source was
    read, and `page_of` the day that the page itself bears. `note` holds whatever else a reader must know.
    """

    id: str
    cloud: str
    what: str
    unit: str
    per: Decimal
    region: str
    source: str
    seen: date
    amount: Decimal | None = None
    currency: str = ""
    page_of: date | None = None
    unknown: str = ""
    note: str = ""

    def of(self, quantity: Decimal) -> Decimal | None:
        """Return what the quantity costs in the price's currency, or None if the price is not known."""
        return None if self.amount is None else self.amount * quantity / self.per


Prices = Mapping[str, Price]
"""Prices by their ids."""


class Charged(str, Enum):
    """Whether a line is paid once, for the work itself, or again every month."""

    ONCE = "once"
    MONTHLY = "monthly"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an estimate. `why` says how the quantity comes about, in a few words."""

    price: Price
    quantity: Decimal
    charged: Charged
    why: str

    @property
    def amount(self) -> Decimal | None:
        """Return what the line costs in its price's currency, or None if nobody knows."""
        return self.price.of(self.quantity)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum for each currency. `unknown` holds the lines that are in no sum, because their prices are not known."""

    amounts: Mapping[str, Decimal]
    unknown: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Estimate:
    """This is what something costs, line by line."""

    lines: tuple[Line, ...]

    def total(self, charged: Charged) -> Total:
        """Add up the lines that are paid once, or those that are paid every month."""
        amounts: dict[str, Decimal] = {}
        unknown = list[Line]()
        for line in self.lines:
            if line.charged is not charged:
                continue
            if (amount := line.amount) is None:
                unknown.append(line)
            else:
                amounts[line.price.currency] = amounts.get(line.price.currency, Decimal(0)) + amount
        return Total(amounts, tuple(unknown))


def by_id(prices: Iterable[Price]) -> Prices:
    """Index the prices. Later prices replace earlier ones that have the same id."""
    return {price.id: price for price in prices}
