"""Shows the bill of a backfill: as lines for people, which fit in 80 columns, and as JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from imagelabels.domain.bill import Bill
from imagelabels.domain.foreseen import Way
from imagelabels.domain.prices import Charged, Line, Price
from imagelabels.views.estimates import cost, summed, unit_price
from imagelabels.views.forms import Form
from imagelabels.views.printing import escaped, number_of

WAYS = {
    Way.DONE: "labelled for what they hold now, by the policy of now",
    Way.REPLAN: "chosen anew from the kept answer: the policy changed",
    Way.KEPT: "an answer for what they hold is kept",
    Way.DUPLICATE: "hold the same as another object here",
    Way.CALL: "the detector is asked",
    Way.REFUSED: "the file's beginning shows that no detector is asked",
    Way.NO_CALL: "list, policy or HEAD tell that no detector is asked",
    Way.UNSEEN: "could not be looked at: perhaps the detector is asked",
}

REQUESTS = {
    "list": "for the list",
    "rows": "for rows",
    "head": "HEAD",
    "answer": "for kept answers",
    "read": "for files' beginnings",
    "tags": "for tags",
}


def bill_lines(bill: Bill, place: str) -> Iterator[str]:
    """Yield the lines for people. What begins with spaces belongs to the line before it."""
    tally = bill.tally
    if not tally.objects:
        yield f"{escaped(place)}: nothing is there"
        return
    yield f"{escaped(place)}: {number_of(tally.objects, 'object')}"
    width = max((len(f"{number:,}") for number in tally.ways.values()), default=0)
    for way, words in WAYS.items():
        if tally.ways[way]:
            yield f"  {tally.ways[way]:>{width},} {way}: {words}"
    yield from _counted("without labels", tally.reasons)
    yield from _counted("formats that the detector does not read", tally.formats)
    yield from _counted("could not be looked at", tally.unseen)
    yield from _calls(bill)
    yield _tags(bill)
    yield from _costs(bill)
    if bill.terms.through:
        yield f"functions: about {number_of(bill.invocations, 'invocation')} of {bill.terms.through}, without retries"
    if bill.passes > 1:
        yield f"passes: {bill.passes}, since the bucket is listed once more at the end, for what came meanwhile"
    yield f"time: about {duration(bill.seconds)}, {_pace(bill)}"
    made = [f"{tally.requests[name]:,} {words}" for name, words in REQUESTS.items() if tally.requests[name]]
    yield f"This bill wrote nothing and called no detector. Its requests: {', '.join(made) or 'none'}."


def _calls(bill: Bill) -> Iterator[str]:
    terms = bill.terms
    about = bill.bound(bill.calls_are_exact)
    if not terms.paid:
        yield f"calls: none is billed. The detector {terms.detector} looks at {about}{number_of(bill.asked, 'picture')}"
        return
    each = f", {terms.calls} for each picture, as it has so many scenes" if terms.calls > 1 else ""
    since = "" if terms.is_list else ", since objects may have changed after the inventory"
    yield f"calls: {about}{bill.calls:,} to {terms.detector}{each}{since}"
    yield f"  price: {_price(terms.price)}"


def _price(price: Price | None) -> str:
    """Say what a call costs, and where that was read."""
    if price is None:
        return "unknown. Give it with --price, as 0.000142 USD"
    if price.amount is None:
        return f"unknown: {price.unknown} Give it with --price, as 0.000142 USD"
    source = f", read on {price.seen} ({price.region}, {price.source})" if price.source.startswith("http") else ""
    return f"{unit_price(Line(price, Decimal(0), Charged.ONCE, ''))}{source or f', as {price.source} says'}"


def _costs(bill: Bill) -> Iterator[str]:
    """Yield the sums, each with its parts, and say how old the prices are."""
    estimate = bill.estimate
    for charged, title in ((Charged.ONCE, "paid once"), (Charged.MONTHLY, "paid each month")):
        yield f"{title}: {summed(estimate.total(charged))}"
        for line in estimate.lines:
            if line.charged is charged:
                quantity = line.quantity.quantize(Decimal("0.1")) if line.quantity % 1 else line.quantity
                yield f"  {cost(line)} for {quantity:,f} {line.price.unit}: {line.price.what}"
    dates = sorted({line.price.seen.isoformat() for line in estimate.lines if line.price.source.startswith("https:")})
    if dates:
        yield f"  The prices were read on {' and '.join(dates)}. Your region may have others (docs/costs.md)."


def _tags(bill: Bill) -> str:
    about = bill.bound(bill.tags_are_exact)
    expected = bill.tags_expected
    guess = "" if expected is None else f", and about {expected:,} by the average of the labelled pictures here"
    return f"tags: {about}{number_of(bill.tags, 'tag')} on {number_of(bill.tally.tag_writes, 'object')}{guess}"


def _pace(bill: Bill) -> str:
    rate = f" and {bill.terms.rate:,} calls a second" if bill.terms.rate else ""
    return f"with {bill.terms.concurrency} objects at once{rate}"


def _counted(title: str, counts: Counter[str]) -> Iterator[str]:
    if counts := Counter({name: number for name, number in counts.items() if number}):
        yield f"{title}: {', '.join(f'{escaped(name)} {number:,}' for name, number in counts.most_common())}"


def duration(seconds: float) -> str:
    """Write a time in the two largest units that it has, such as 2 h 05 min."""
    whole = math.ceil(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600:02} h"


def bill_json(bill: Bill, place: str) -> Form:
    """Show the bill as JSON. Amounts are texts, since they are exact."""
    tally, terms, made = bill.tally, bill.terms, bill.requests
    return {
        "prefix": place,
        "foreseen": True,
        "objects": tally.objects,
        "by_fate": {str(way): tally.ways[way] for way in WAYS},
        "by_reason": _positive(tally.reasons),
        "by_format": _positive(tally.formats),
        "not_seen_by_reason": _positive(tally.unseen),
        "detector": terms.detector,
        "asked": bill.asked,
        "calls": bill.calls,
        "calls_exact": bill.calls_are_exact,
        "call_price": None if terms.price is None or terms.price.amount is None else _price_json(terms.price),
        "tags": bill.tags,
        "tags_exact": bill.tags_are_exact,
        "tags_expected": bill.tags_expected,
        "tag_writes": tally.tag_writes,
        "invocations": bill.invocations,
        "passes": bill.passes,
        "store_requests": made.store_reads + made.tag_writes + made.lists,
        "index_rows_written": made.index_writes,
        "index_rows_read": made.index_reads,
        "costs": [_line_json(line) for line in bill.estimate.lines],
        "once": _total_json(bill, Charged.ONCE),
        "monthly": _total_json(bill, Charged.MONTHLY),
        "seconds": round(bill.seconds, 1),
        "own_requests": _positive(tally.requests),
    }


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def _price_json(price: Price) -> Form:
    return {
        "amount": f"{price.amount:f}",
        "currency": price.currency,
        "per": f"{price.per:f}",
        "unit": price.unit,
        "region": price.region,
        "source": price.source,
        "read_on": price.seen.isoformat(),
    }


def _line_json(line: Line) -> Form:
    return {
        "price_id": line.price.id,
        "quantity": f"{line.quantity:f}",
        "unit": line.price.unit,
        "amount": None if line.amount is None else f"{line.amount:f}",
        "currency": line.price.currency or None,
        "paid": line.charged.value,
        "why": line.why,
    }


def _total_json(bill: Bill, charged: Charged) -> str:
    return summed(bill.estimate.total(charged))
