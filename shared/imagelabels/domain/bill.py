"""Makes the bill of a backfill before its first call: calls, tags, requests, time and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from imagelabels.domain import budget, costs
from imagelabels.domain.foreseen import Requests, Tally, Way
from imagelabels.domain.invocations import MOST_OBJECTS
from imagelabels.domain.prices import Charged, Estimate, Line, Price, Prices


@dataclass(frozen=True, slots=True)
class Terms:
    """This is what a bill depends on besides the objects."""

    detector: str
    paid: bool
    """The detector's calls are billed."""
    cloud: str
    """The name of the store's cloud, as the file of prices has it."""
    prices: Prices
    """They hold what domain.costs names."""
    price: Price | None
    """The price of a call; None if there is no entry for it."""
    calls: int = 1
    """So many calls are billed for each picture that the detector is asked about."""
    in_tablestore: bool = False
    """The index is in Tablestore, which bills its requests."""
    concurrency: int = 16
    rate: int | None = None
    """The detector is called at most so often in a second."""
    is_list: bool = True
    """The objects were listed just now. Those of an inventory may have changed since it was made."""
    through: str = ""
    """The name of the platform whose function does the work; empty if no function does."""


@dataclass(frozen=True, slots=True)
class Bill:
    """A tally with what it will cost."""

    tally: Tally
    terms: Terms

    @property
    def asked(self) -> int:
        """Return how many pictures the detector will be asked about, at most."""
        return self.tally.ways[Way.CALL] + self.tally.ways[Way.UNSEEN]

    @property
    def calls(self) -> int:
        """Return how many calls will be billed, at most."""
        return self.asked * self.terms.calls if self.terms.paid else 0

    @property
    def others(self) -> int:
        """Return how many objects need work, but not the detector."""
        return self.tally.objects - self.tally.ways[Way.DONE] - self.asked

    @property
    def passes(self) -> int:
        """Return how often the objects are gone through: a bucket is listed once more if there was anything to do."""
        return 2 if self.terms.is_list and self.asked + self.others else 1

    @property
    def requests(self) -> Requests:
        """Return the requests of the backfill, about. Those that read the files of an inventory are not counted."""
        made = self.tally.backfill_requests
        return replace(made, lists=made.lists * self.passes if self.terms.is_list else 0)

    @property
    def invocations(self) -> int:
        """Return how many invocations of a function the work takes, without retries."""
        return -(-(self.asked + self.others) // MOST_OBJECTS) if self.terms.through else 0

    @property
    def calls_are_exact(self) -> bool:
        return self.terms.is_list and not self.tally.unsure_calls and not self.tally.ways[Way.UNSEEN]

    def bound(self, is_exact: bool) -> str:
        """Return the words that stand before a number of calls or tags."""
        if not self.terms.is_list:
            return "about "
        return "" if is_exact else "at most "

    @property
    def tags(self) -> int:
        """Return how many tags of ours will stand on the objects, at most."""
        return self.tally.tags + self.tally.tags_at_most

    @property
    def tags_are_exact(self) -> bool:
        return self.terms.is_list and not self.tally.tags_at_most

    @property
    def tags_expected(self) -> int | None:
        """Estimate the number of tags by the average of the labelled rows; None where it is known or nothing is."""
        if not self.tally.tags_at_most or not self.tally.labelled_rows:
            return None
        each = Decimal(self.tally.labelled_tags) / self.tally.labelled_rows
        known = self.tally.tags + self.tally.planned_tags
        return known + min(round(each * self.tally.unasked), self.tally.unasked_tags)

    @property
    def seconds(self) -> float:
        """Estimate how long it takes, with the times for one picture that docs/costs.md assumes."""
        work = self.asked * (PAID_SECONDS if self.terms.paid else FREE_SECONDS) + self.others * OTHER_SECONDS
        at_once = work / self.terms.concurrency
        return max(at_once, self.asked / self.terms.rate) if self.terms.rate else at_once

    @property
    def estimate(self) -> Estimate:
        """Return what it costs, line by line. The tags are the most. What is not needed, or has no entry in the prices,
        is left out."""
        lines = (*self._calls(), *self._functions(), *self._store(), *self._index(), *self._standing())
        return Estimate(tuple(line for line in lines if line.quantity))

    def _calls(self) -> Iterator[Line]:
        terms = self.terms
        if terms.paid and terms.price is not None:
            yield Line(terms.price, Decimal(self.calls), Charged.ONCE, self._why())
            if terms.detector == "imm":
                why = "the same calls may be billed as requests too"
                yield costs.once(terms.prices, "imm-request", self.asked, why)

    def _functions(self) -> Iterator[Line]:
        """Yield what the function's platform bills: at most as much as if a function did one object at a time."""
        terms, number, asked, others = self.terms, Decimal(self.invocations), self.asked, self.others
        count = f"{self.invocations:,} invocations for up to {MOST_OBJECTS} objects each"
        if terms.through == "fc":
            units = costs.fc_units(asked, others, self.invocations, terms.paid)
            yield costs.once(terms.prices, "fc-cu", units, f"at most, {count}")
        elif terms.through == "scf":
            yield costs.once(terms.prices, "scf-gbs", costs.scf_seconds(asked, others, terms.paid), "at most")
            yield costs.once(terms.prices, "scf-calls", number, count)
        elif terms.through:
            yield Line(_unknown(terms.through), number, Charged.ONCE, count)

    def _why(self) -> str:
        about = self.bound(self.calls_are_exact)
        each = f", {self.terms.calls} for each picture" if self.terms.calls > 1 else ""
        return f"{about}{self.calls:,} calls to {self.terms.detector}{each}"

    def _store(self) -> Iterator[Line]:
        prices, cloud, made = self.terms.prices, self.terms.cloud, self.requests
        if cloud == "aliyun":
            if self.terms.detector == "embedded":
                size = Decimal(self.tally.called_bytes) / 10**9
                yield costs.once(prices, "oss-image-processing", size, "small copies of large pictures, at most")
            yield costs.once(prices, "oss-get", made.store_reads, "HEAD, first bytes and tags of the objects")
            yield costs.once(prices, "oss-put", made.tag_writes + made.lists, "writes of tags, and pages of the list")
        elif cloud == "tencent":
            why = "HEAD, first bytes and tags of the objects, writes of tags, and pages of the list"
            yield costs.once(prices, "cos-requests", made.store_reads + made.tag_writes + made.lists, why)

    def _index(self) -> Iterator[Line]:
        if self.terms.in_tablestore:
            prices, made = self.terms.prices, self.requests
            yield costs.once(prices, "tablestore-write", made.index_writes, "rows of at most 4 KB that are written")
            yield costs.once(prices, "tablestore-read", made.index_reads, "rows that are read, and conditions")

    def _standing(self) -> Iterator[Line]:
        if self.terms.cloud in costs.TAGS:
            price, times, unit = costs.TAGS[self.terms.cloud]
            yield costs.monthly(
                self.terms.prices, price, self.tags * times, f"{self.tags:,} tags, {times} {unit} a month"
            )


PAID_SECONDS, FREE_SECONDS, OTHER_SECONDS = 0.6, 0.2, 0.15
"""Seconds for a picture that a vendor's detector labels, for one that the embedded detector labels, and for one that no
detector is asked about."""


def _unknown(platform: str) -> Price:
    """Return the price of invocations on a platform whose prices nobody has looked up."""
    what, unknown = f"functions of {platform}", f"nobody has looked up what {platform} asks for"
    return Price(platform, "", what, "invocations", Decimal(1), "", "", date.min, unknown=unknown)


def own_price(text: str, detector: str, source: str, today: date) -> Price:
    """Return the price of one call, as 0.000142 USD, that a person gave by the option or setting `source`. ValueError
    says what is wrong with it."""
    amount, _, currency = budget.checked_price(text).partition(" ")
    what = f"the detector {detector}"
    return Price("call", "", what, "calls", Decimal(1), "", source, today, Decimal(amount), currency)
