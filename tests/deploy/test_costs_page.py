"""These tests check that docs/costs.md shows what the shipped prices say."""

from __future__ import annotations

import re

from tests.deploy.costs_page import PAGE, tables, written


def test_the_page_would_show_other_amounts_than_the_prices_give() -> None:
    page = PAGE.read_text("utf-8")
    assert written(page) == page, "run: python -m tests.deploy.costs_page"


def test_a_table_would_be_missing_in_the_page() -> None:
    names = re.findall(r"<!-- made from prices\.json: ([a-z ]+) -->", PAGE.read_text("utf-8"))
    assert names == list(dict.fromkeys(names))
    assert sorted(names) == sorted(tables())
