"""What detectors have cost: a meter for each limit, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagelabels.domain.budget import cost, even_pace
from imagelabels.domain.tally import DetectorSpending
from imagelabels.page.text import Text


@dataclass(frozen=True, slots=True)
class Meter:
    """A count of calls in words, and as a bar if it has a limit."""

    words: str
    full: float | None = None
    """The bar is full to this percent; None if there is no limit."""
    pace: float | None = None
    """The mark stands at this percent."""


@dataclass(frozen=True, slots=True)
class Card:
    """A detector with its meters, and the buckets that it is not called for, with the reasons and the times."""

    detector: str
    meters: tuple[Meter, ...]
    holds: tuple[tuple[str, str, int], ...]


def card(one: DetectorSpending, price: str | None, now: float, text: Text) -> Card:
    """Tell what was spent on a detector. `now` is in seconds since 1970."""
    holds = sorted(one.spent.holds.items())
    told = tuple((bucket, text.reason(hold.reason), round(hold.until * 1000)) for bucket, hold in holds)
    return Card(one.detector, tuple(_meters(one, price, now, text)), told)


def _meters(one: DetectorSpending, price: str | None, now: float, text: Text) -> Iterator[Meter]:
    today, limit = one.spent.today, one.limits.per_day
    paid = text.t("budget_cost", cost(today, price)) if price is not None and today else ""
    if limit is None:
        yield Meter(text.t("budget_day_open", f"{today:,}") + paid)
    else:
        pace = even_pace(limit, now)
        words = text.t("budget_day", f"{today:,}", f"{limit:,}", f"{pace:,}") + paid
        yield Meter(words, _percent(today, limit), _percent(pace, limit))
    if one.limits.total is None:
        yield Meter(text.t("budget_all_open", f"{one.spent.total:,}"))
    else:
        words = text.t("budget_all", f"{one.spent.total:,}", f"{one.limits.total:,}")
        yield Meter(words, _percent(one.spent.total, one.limits.total))


def _percent(count: int, limit: int) -> float:
    return round(min(1.0, count / limit) * 100, 1) if limit else 100.0
