"""Makes the tables of docs/costs.md from the shipped prices. `python -m tests.deploy.costs_page` writes them there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from imagelabels.deploy.costs import idle
from imagelabels.deploy.price_file import shipped
from imagelabels.domain.costs import DETECTORS, Work, answering, labelling, telling
from imagelabels.domain.prices import Charged, Estimate, Line, Price
from imagelabels.views.estimates import cost, summed, unit_price

PAGE = Path(__file__).parents[2] / "docs" / "costs.md"
PICTURES = 1_000_000
WEBHOOK_MINUTES = 2
PLATFORMS = {"aliyun": "Function Compute", "tencent": "SCF"}
IDLE = {"aliyun": {}, "tencent": {"Index": "tablestore://my-labels"}}
_BLOCK = re.compile(r"(<!-- made from prices\.json: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def written(page: str) -> str:
    """Return the page with every table made again."""
    made = tables()
    return _BLOCK.sub(lambda block: f"{block[1]}\n{made[block[2]]}\n{block[3]}", page)


def tables() -> dict[str, str]:
    """Return all tables by the names that stand above them in the page."""
    estimates = {pair: labelling(Work(*pair, PICTURES), shipped()) for pair in DETECTORS}
    made = {"summary": _table(("detector", "once", "every month after that", "in no sum"), _sums(estimates))}
    for (cloud, detector), estimate in estimates.items():
        made[f"{cloud} {detector}"] = _parts(estimate.lines)
    for cloud, parameters in IDLE.items():
        estimate = idle(cloud, parameters)
        made[f"idle {cloud}"] = f"{_parts(estimate.lines)}\nA month costs {summed(estimate.total(Charged.MONTHLY))}.\n"
        answers = answering(cloud, PICTURES, shipped())
        made[f"answers {cloud}"] = f"{_parts(answers.lines)}\nThey cost {summed(answers.total(Charged.ONCE))}.\n"
        runs = telling(cloud, WEBHOOK_MINUTES, shipped())
        made[f"webhooks {cloud}"] = f"{_parts(runs.lines)}\nA month costs {summed(runs.total(Charged.MONTHLY))}.\n"
    made["prices"] = _table(("id", "price", "where", "read", "note"), map(_row, shipped().values()))
    return made


def _sums(estimates: dict[tuple[str, str], Estimate]) -> Iterator[tuple[str, ...]]:
    for (cloud, detector), estimate in estimates.items():
        totals = [estimate.total(charged) for charged in Charged]
        missing = ", ".join(f"`{line.price.id}`" for total in totals for line in total.unknown)
        yield f"`{detector}` on {PLATFORMS[cloud]}", *map(summed, totals), missing


def _parts(lines: Iterable[Line]) -> str:
    rows = (
        (line.price.what, _quantity(line), unit_price(line), cost(line), line.charged.value, line.why) for line in lines
    )
    return _table(("part", "quantity", "unit price", "cost", "paid", "because"), rows)


def _quantity(line: Line) -> str:
    number = line.quantity.quantize(Decimal(1)) if line.quantity >= 1 else line.quantity.normalize()
    return f"{number:,f} {line.price.unit}"


def _row(price: Price) -> tuple[str, ...]:
    amount = unit_price(Line(price, Decimal(0), Charged.ONCE, ""))
    read = f"[{price.seen}]({price.source})" + (f", page of {price.page_of}" if price.page_of else "")
    return f"`{price.id}`", amount, price.region, read, price.unknown or price.note


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
