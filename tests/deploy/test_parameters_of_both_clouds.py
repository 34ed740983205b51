"""The budget's parameters take what the function's settings take, and nothing else, on both clouds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from imagelabels import settings
from imagelabels.deploy.template import parameters
from imagelabels.deploy.template.document import read
from imagelabels.deploy.tencent import plan, values
from imagelabels.domain.errors import Misconfigured

TEMPLATE = Path(__file__).parents[2] / "template.yml"
VARIABLES = {
    "BudgetPerDay": "IMAGELABELS_BUDGET_PER_DAY",
    "BudgetTotal": "IMAGELABELS_BUDGET_TOTAL",
    "CallPrice": "IMAGELABELS_CALL_PRICE",
    "Rate": "IMAGELABELS_RATE",
}
WORDS = {
    "BudgetPerDay": ("", "0", "1000", "9" * 15, "2.50 USD", "3 CNY"),
    "BudgetTotal": ("", "0", "1000", "2.50 USD"),
    "CallPrice": ("", "0.000142 USD", "1 CNY"),
    "Rate": ("", "1", "99999", "100000"),
}
WRONG = {
    "BudgetPerDay": ("ten", "-1", "1.5", "2.50", "2.50 usd", "2,50 USD", "2.50USD", "$2.50", " 10", "9" * 16, "１０"),
    "BudgetTotal": ("ten", "-1", "1.5", "20 Dollar"),
    "CallPrice": ("1", "x", "0.1 usd", "-1 USD", ".5 USD"),
    "Rate": ("0", "0.5", "-1", "100001", "fast", "007"),
}

Take = Callable[[Mapping[str, str]], Mapping[str, Any]]


def _aliyun(words: Mapping[str, str]) -> Mapping[str, Any]:
    return parameters.given(read(TEMPLATE.read_text("utf-8")).parameters, words)


def _tencent(words: Mapping[str, str]) -> Mapping[str, Any]:
    return values.chosen(plan.read(plan.shipped()), words)


@pytest.mark.parametrize("take", [_aliyun, _tencent])
@pytest.mark.parametrize(("name", "word"), [(name, word) for name in WRONG for word in WRONG[name]])
def test_a_wrong_budget_price_or_rate_is_named_before_anything_is_deployed(take: Take, name: str, word: str) -> None:
    with pytest.raises(Misconfigured, match=f"^{name}: "):
        take({name: word})


@pytest.mark.parametrize("take", [_aliyun, _tencent])
@pytest.mark.parametrize(("name", "word"), [(name, word) for name in WORDS for word in WORDS[name]])
def test_no_parameter_refuses_what_the_function_takes(take: Take, name: str, word: str) -> None:
    assert take({name: word}) == {name: word}
    currency = word[-3:] if word[-3:].isalpha() else "USD"
    settings.load({"IMAGELABELS_CALL_PRICE": f"0.1 {currency}", VARIABLES[name]: word})
