"""A bill must add up, also where nobody knows a price."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from imagelabels.deploy.price_file import shipped
from imagelabels.domain.bill import Bill, Terms, own_price
from imagelabels.domain.costs import Work, labelling
from imagelabels.domain.foreseen import Requests, Tally, Way
from imagelabels.domain.prices import Charged
from imagelabels.views.bill import bill_lines

PRICES = shipped()


def bill(cloud: str = "aliyun", detector: str = "oss", price: str = "imm-image-label", **more: Any) -> Bill:
    counted = {name: more.pop(name) for name in (one.name for one in fields(Tally)) if name in more}
    paid = more.pop("paid", True)
    return Bill(Tally(**counted), Terms(detector, paid, cloud, PRICES, PRICES.get(price), **more))


def costs(of: Bill) -> dict[str, Decimal]:
    return {line.price.id: line.quantity for line in of.estimate.lines}


def test_a_million_calls_would_cost_another_sum_than_the_price_says() -> None:
    one = bill(ways=Counter({Way.CALL: 1_000_000}))
    (calls,) = [line for line in one.estimate.lines if line.price.id == "imm-image-label"]
    assert (calls.amount, calls.why) == (Decimal(142), "1,000,000 calls to oss")


def test_what_could_not_be_looked_at_would_not_count_as_a_call() -> None:
    one = bill(ways=Counter({Way.CALL: 2, Way.UNSEEN: 1}))
    assert (one.calls, one.calls_are_exact) == (3, False)
    (calls,) = [line for line in one.estimate.lines if line.price.id == "imm-image-label"]
    assert calls.why == "at most 3 calls to oss"
    assert not bill(ways=Counter({Way.CALL: 2}), unsure_calls=1).calls_are_exact


def test_a_bill_by_an_inventory_would_be_called_exact_though_objects_may_have_changed_since() -> None:
    one = bill(ways=Counter({Way.CALL: 2, Way.KEPT: 1}), tags=3, is_list=False)
    assert (one.calls_are_exact, one.tags_are_exact) == (False, False)
    (calls,) = [line for line in one.estimate.lines if line.price.id == "imm-image-label"]
    assert calls.why == "about 2 calls to oss"


def test_scenes_would_be_billed_once() -> None:
    one = bill("tencent", "ci", "ci-detect-label", ways=Counter({Way.CALL: 3}), calls=2)
    assert (one.asked, one.calls, costs(one)["ci-detect-label"]) == (3, 6, Decimal(6))


def test_the_requests_would_not_be_those_that_the_architecture_tells() -> None:
    one = bill(ways=Counter({Way.CALL: 1, Way.DONE: 1999}), tag_writes=1, in_tablestore=True)
    assert one.tally.backfill_requests == Requests(
        store_reads=6, tag_writes=1, lists=2, index_writes=8, index_reads=2007
    )
    assert costs(one) == {
        "imm-image-label": 1,
        "oss-get": 6,
        "oss-put": 5,
        "tablestore-write": 8,
        "tablestore-read": 2007,
    }
    assert costs(bill("tencent", "ci", "ci-detect-label", ways=Counter({Way.CALL: 1}), tag_writes=1)) == {
        "ci-detect-label": 1,
        "cos-requests": 9,
    }


def test_the_second_pass_over_a_bucket_would_not_be_on_the_bill() -> None:
    work = Counter({Way.CALL: 1, Way.DONE: 1999})
    assert (bill(ways=work).passes, bill(ways=work).requests.lists) == (2, 4)
    assert (bill(ways=Counter({Way.DONE: 2000})).passes, bill(ways=Counter({Way.DONE: 2000})).requests.lists) == (1, 2)
    assert (bill(ways=work, is_list=False).passes, bill(ways=work, is_list=False).requests.lists) == (1, 0)


def test_the_functions_that_do_the_work_would_not_be_on_the_bill() -> None:
    work = Counter({Way.CALL: 80, Way.KEPT: 1, Way.DONE: 500})
    assert bill(ways=work).invocations == 0
    assert "fc-cu" not in costs(bill(ways=work))
    fc = bill(ways=work, through="fc")
    assert (fc.invocations, costs(fc)["fc-cu"]) == (3, Decimal("31.3200"))
    scf = bill("tencent", "ci", "ci-detect-label", ways=work, through="scf")
    assert (costs(scf)["scf-calls"], costs(scf)["scf-gbs"]) == (Decimal(3), Decimal("24.075"))
    (unknown,) = bill(ways=work, through="fc2").estimate.total(Charged.ONCE).unknown
    assert (unknown.price.id, unknown.quantity) == ("fc2", Decimal(3))
    said = "\n".join(bill_lines(fc, "oss://photos/"))
    assert "functions: about 3 invocations of fc, without retries" in said
    assert "passes: 2, since the bucket is listed once more at the end" in said


@pytest.mark.parametrize(("cloud", "detector", "through"), [("aliyun", "oss", "fc"), ("aliyun", "embedded", "fc")])
def test_one_picture_would_cost_another_time_of_a_function_than_an_upload_does(
    cloud: str, detector: str, through: str
) -> None:
    upload = {line.price.id: line.quantity for line in labelling(Work(cloud, detector, 1), PRICES).lines}
    one = bill(cloud, detector, ways=Counter({Way.CALL: 1}), through=through, paid=detector != "embedded")
    assert costs(one)["fc-cu"] == upload["fc-cu"]


@pytest.mark.parametrize("detector", ["ci", "embedded"])
def test_one_picture_would_cost_another_time_of_scf_than_an_upload_does(detector: str) -> None:
    upload = {line.price.id: line.quantity for line in labelling(Work("tencent", detector, 1), PRICES).lines}
    one = bill("tencent", detector, ways=Counter({Way.CALL: 1}), through="scf", paid=detector != "embedded")
    assert (costs(one)["scf-gbs"], costs(one)["scf-calls"]) == (upload["scf-gbs"], upload["scf-calls"])


def test_the_fee_for_requests_to_imm_or_for_small_copies_would_be_left_out() -> None:
    assert costs(bill(detector="imm", ways=Counter({Way.CALL: 5})))["imm-request"] == 5
    free = bill(detector="embedded", price="", paid=False, ways=Counter({Way.CALL: 5}), called_bytes=2_500_000_000)
    assert (free.calls, free.asked, costs(free)["oss-image-processing"]) == (0, 5, Decimal("2.5"))
    assert free.estimate.total(Charged.ONCE).unknown


def test_a_store_that_has_no_prices_would_end_the_bill() -> None:
    assert costs(bill("local", "embedded", "", paid=False, ways=Counter({Way.CALL: 5}))) == {}


def test_tags_would_be_billed_once_and_not_every_month() -> None:
    one = bill("tencent", "ci", "ci-detect-label", tags=3, planned_tags=7)
    (tags,) = [line for line in one.estimate.lines if line.charged is Charged.MONTHLY]
    assert (tags.price.id, tags.quantity, tags.why) == ("cos-tags", Decimal(300), "10 tags, 30 days a month")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({"tags": 4}, None),
        ({"tags": 4, "unasked_tags": 10, "unasked": 2}, None),
        ({"tags": 4, "planned_tags": 1, "unasked_tags": 10, "unasked": 2, "labelled_rows": 2, "labelled_tags": 5}, 10),
        ({"unasked_tags": 3, "unasked": 2, "labelled_rows": 1, "labelled_tags": 5}, 3),
    ],
)
def test_an_average_would_be_told_where_the_number_is_known_or_nothing_is(
    seen: dict[str, Any], expected: int | None
) -> None:
    assert bill(**seen).tags_expected == expected


def test_the_time_would_not_follow_from_rate_and_concurrency() -> None:
    ways = Counter({Way.CALL: 1000, Way.DUPLICATE: 400, Way.DONE: 10**9})
    assert bill(ways=ways, concurrency=10).seconds == pytest.approx(66)
    assert bill(ways=ways, concurrency=10, rate=5).seconds == 200
    assert bill(ways=ways, concurrency=10, rate=500).seconds == pytest.approx(66)
    assert bill(ways=ways, concurrency=10, paid=False).seconds == pytest.approx(26)


def test_an_amount_that_is_none_would_become_a_price() -> None:
    price = own_price("0.50 CNY", "ci", "--price", date(2026, 11, 28))
    assert (price.amount, price.currency, price.per, price.source) == (Decimal("0.50"), "CNY", Decimal(1), "--price")
    with pytest.raises(ValueError, match="is not an amount, such as"):
        own_price("cheap", "ci", "--price", date(2026, 11, 28))


def test_what_nobody_needs_would_make_a_sum_unknown() -> None:
    nothing = bill(in_tablestore=True)
    assert nothing.estimate.lines == ()
    assert nothing.estimate.total(Charged.MONTHLY).unknown == ()
