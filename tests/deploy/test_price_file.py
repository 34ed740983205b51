"""These tests check the file of prices that is shipped, and what is said of files that are wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagelabels.deploy.price_file import MOST_BYTES, read, shipped
from imagelabels.domain import costs
from imagelabels.domain.errors import Misconfigured
from tests.domain.test_costs import IDS

KNOWN = {
    "id": "calls",
    "cloud": "aliyun",
    "what": "calls",
    "amount": "0.142",
    "currency": "USD",
    "per": "1000",
    "unit": "calls",
    "region": "everywhere",
    "source": "https://example.com/prices",
    "seen": "2026-11-28",
}


def written(**changed: Any) -> bytes:
    row = {name: value for name, value in (KNOWN | changed).items() if value is not None}
    return json.dumps({"prices": [KNOWN | {"id": "other"}, row]}).encode()


def test_the_shipped_file_would_lack_a_price_or_hold_one_that_nothing_uses() -> None:
    assert sorted(shipped()) == sorted(IDS)
    for pair in costs.DETECTORS:
        assert costs.labelling(costs.Work(*pair, 1), shipped()).lines


def test_a_shipped_price_would_have_no_page_of_the_vendor_to_look_it_up() -> None:
    hosts = ("alibabacloud.com", "help.aliyun.com", "tencentcloud.com", "cloud.tencent.com")
    for price in shipped().values():
        assert any(price.source.split("/")[2].endswith(host) for host in hosts), price.source
        assert price.amount is not None or price.unknown


def test_a_price_would_be_read_as_a_float() -> None:
    prices = read(written(amount="0.10", per="3"), "mine.json")
    assert str(prices["calls"].amount) == "0.10"
    assert prices["calls"].seen.isoformat() == "2026-11-28"
    assert prices["calls"].page_of is None
    dated = read(written(page_of="2026-01-02", note="A note."), "mine.json")["calls"]
    assert f"{dated.page_of} {dated.note}" == "2026-01-02 A note."


def test_an_unknown_price_would_be_refused() -> None:
    prices = read(written(amount=None, currency=None, unknown="No page names it."), "mine.json")
    assert prices["calls"].amount is None
    assert prices["calls"].unknown == "No page names it."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": 0.142}, "price 2 (calls): amount must be a text in quotes, and not empty"),
        ({"amount": ""}, "amount must be a text in quotes"),
        ({"amount": "-1"}, "amount must be a number such as 0.142"),
        ({"amount": "1e9"}, "amount must be a number"),
        ({"amount": "NaN"}, "amount must be a number"),
        ({"amount": "٣"}, "amount must be a number"),
        ({"amount": "1" * 13}, "at most 12 digits"),
        ({"per": "0"}, "per must be more than 0"),
        ({"per": None}, "per is missing"),
        ({"unit": None}, "price 2 (calls): unit is missing"),
        ({"seen": "yesterday"}, "seen must be a date such as 2026-11-28"),
        ({"seen": "20261128"}, "seen must be a date"),
        ({"seen": "2026-02-30"}, "seen must be a date"),
        ({"page_of": "2026"}, "page_of must be a date"),
        ({"currency": "usd"}, "currency must be three capital letters"),
        ({"currency": None}, "amount and currency belong together"),
        ({"amount": None}, "it needs either amount, or unknown with the reason"),
        ({"amount": None, "unknown": "No."}, "amount and currency belong together"),
        ({"unknown": "No page."}, "it needs either amount, or unknown"),
        ({"source": "a blog"}, "source must be the address of a page"),
        ({"regoin": "x"}, "regoin is not a member of a price; did you mean region?"),
        ({"x\n": "x"}, "x\\n is not a member of a price"),
        ({"id": "other"}, "mine.json: the id other stands there 2 times: keep one"),
        ({"id": 5}, "price 2: id must be a text"),
    ],
)
def test_a_wrong_price_would_be_taken_or_its_place_not_be_named(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        read(written(**changed), "mine.json")
    assert str(raised.value).startswith("mine.json: ")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"prices": [\n  {"id" "x"}]}', "mine.json: line 2: the file is not JSON"),
        (b"\xff\xfe", "not encoded in UTF-8"),
        (b"[" * 500_000, "nested too deeply"),
        (b" " * (MOST_BYTES + 1), "larger than 1,000,000 bytes"),
        (b"[]", 'the file must be {"prices": [...]}'),
        (b'{"prices": {}}', 'the file must be {"prices": [...]}'),
        (b'{"prices": [5]}', "price 1: it must be an object with the members id, cloud"),
    ],
)
def test_a_file_that_holds_no_prices_would_end_in_a_traceback(content: bytes, said: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        read(content, "mine.json")
    assert said in str(raised.value)


def test_a_number_of_many_digits_would_end_in_a_traceback() -> None:
    with pytest.raises(
        Misconfigured, match=r"mine\.json: the file is not a list of prices: a number in it is too long"
    ):
        read(b'{"prices": [' + b"1" * 5000 + b"]}", "mine.json")
