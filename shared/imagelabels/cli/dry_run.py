"""The dry run of a backfill: what it will do and cost, before the first call."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagelabels.cli.arguments import path_option
from imagelabels.cli.walk_line import WalkLine
from imagelabels.domain.bill import Bill, Terms, own_price
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import DetectorTraits
from imagelabels.domain.prices import Price, Prices
from imagelabels.usecases.forecast import Forecast
from imagelabels.usecases.tools import Tools
from imagelabels.usecases.walk import Place
from imagelabels.usecases.walking import Source
from imagelabels.views.bill import bill_json, bill_lines
from imagelabels.views.forms import one_line
from imagelabels.views.layout import say

if TYPE_CHECKING:
    from imagelabels.wiring_commands import Billing


@dataclass(frozen=True, slots=True)
class DryRun:
    """What was asked of a dry run."""

    quick: bool = False
    tags: bool = False
    price: str | None = None
    prices: Path | None = None
    concurrency: int = 16
    rate: int | None = None
    format: str = "table"
    through: str = ""
    """The name of the platform whose function is to do the work; empty if none is."""


def dry_run_options() -> list[click.Parameter]:
    """Return the options of a dry run; those of prices hold for a limit too."""
    return [
        click.Option(["--dry-run"], is_flag=True, help="say what would be done and what it would cost, and do nothing"),
        click.Option(
            ["--quick"], is_flag=True, help="with --dry-run: look at no object, so that calls are said to be at most"
        ),
        click.Option(
            ["--tags"],
            is_flag=True,
            help="with --dry-run: ask for the tags that objects have, which leave less room for ours",
        ),
        click.Option(
            ["--price"],
            type=call_price,
            metavar="PRICE",
            help="what one call costs, as '0.000142 USD' (default: IMAGELABELS_CALL_PRICE, else the "
            "price that this version knows)",
        ),
        path_option("--prices", "FILE", "prices that replace those that this version knows"),
    ]


def only_foretold(quick: bool, tags: bool) -> str | None:
    """Return the first option that was given and that only a dry run has; None if there is none."""
    return "--quick" if quick else "--tags" if tags else None


def not_foretold(report: object, checkpoint: object, max_calls: object, max_cost: object) -> str | None:
    """Return the first option that was given and that a dry run would ignore; None if there is none."""
    given = {"--report": report, "--checkpoint": checkpoint, "--max-calls": max_calls, "--max-cost": max_cost}
    return next((name for name, value in given.items() if value is not None), None)


def price_of_call(asked: DryRun, billing: Billing) -> str | None:
    """Return what one call costs, such as 0.000142 USD; None if nobody knows."""
    price = _price(asked, billing, _prices(asked.prices))
    amount = price.of(Decimal(1)) if price is not None else None
    return None if price is None or amount is None else f"{amount:f} {price.currency}"


def call_price(text: str) -> str:
    """The price of one call. ValueError: it is no amount with a currency."""
    own_price(text, "", "", _today())
    return text


def billed(scheme: str, index: str | None = None) -> Billing:
    """Tell how the detector is billed, by the settings in the environment. `index` takes the place of
    IMAGELABELS_INDEX."""
    from imagelabels import wiring_commands

    return wiring_commands.billing(scheme, index)


def dry_run(
    tools: Tools,
    place: Place,
    source: Source,
    asked: DryRun,
    is_list: bool = True,
    bill_by: Callable[[str], Billing] = billed,
) -> int:
    """Print the bill; the exit status is 0, or 1 if objects could not be looked at."""
    return 1 if foretell(tools, place, source, asked, is_list, bill_by).tally.unseen else 0


def foretell(
    tools: Tools,
    place: Place,
    source: Source,
    asked: DryRun,
    is_list: bool = True,
    bill_by: Callable[[str], Billing] = billed,
) -> Bill:
    """Print the bill, and return it."""
    billing = bill_by(place.store)
    terms = _terms(asked, billing, tools.detector, is_list)  # first: what is wrong with a price is told before the walk
    with ThreadPoolExecutor(asked.concurrency, "look") as executor:
        lines: dict[str, WalkLine] = {}

        def told(what: str, number: int) -> None:
            if what not in lines:
                _wipe(lines)
                lines[what] = WalkLine(noun=f"objects {what}")
            lines[what].step(Counter({"objects": number}))

        try:
            tally = Forecast(tools, place, executor, asked.quick, asked.tags, told).over(source, is_list)
        finally:
            _wipe(lines)
    bill = Bill(tally, terms)
    if asked.format == "json":
        print(one_line(bill_json(bill, place.uri)))
    else:
        for text in bill_lines(bill, place.uri):
            words = text.lstrip(" ")
            say(words, sys.stdout, " " * (len(text) - len(words)))
    return bill


def _terms(asked: DryRun, billing: Billing, detector: DetectorTraits, is_list: bool) -> Terms:
    prices = _prices(asked.prices)
    return Terms(
        billing.detector,
        detector.paid,
        billing.cloud,
        prices,
        _price(asked, billing, prices),
        detector.calls,
        billing.index == "tablestore",
        asked.concurrency,
        asked.rate or billing.rate,
        is_list,
        asked.through,
    )


def _price(asked: DryRun, billing: Billing, prices: Prices) -> Price | None:
    """Return the price of a call: the one that a person gave, else that in the file of prices."""
    for text, source in ((asked.price, "--price"), (billing.call_price, "IMAGELABELS_CALL_PRICE")):
        if text is not None:
            return own_price(text, billing.detector, source, _today())
    return prices.get(billing.price or "")


def _prices(path: Path | None) -> Prices:
    """Read the prices, of which those in the file at `path` replace the others."""
    from imagelabels.deploy import price_file

    if path is None:
        return price_file.shipped()
    try:
        with closing(path.open("rb")) as file:
            content = file.read(price_file.MOST_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"--prices: {path} cannot be read: {error.strerror or error}") from error
    return {**price_file.shipped(), **price_file.read(content, str(path))}


def _today() -> date:
    return datetime.now(timezone.utc).date()


def _wipe(lines: Mapping[str, WalkLine]) -> None:
    for line in lines.values():
        line.wipe()
