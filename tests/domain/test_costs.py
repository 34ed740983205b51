"""These tests check what labelling costs, with prices of 1 for a unit, so that the amounts are the quantities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from imagelabels.domain import costs
from imagelabels.domain.prices import Charged, Estimate, Price, by_id

IDS = [
    "ci-detect-label",
    "cls-logs",
    "cmq-queue",
    "cos-requests",
    "cos-storage",
    "cos-tags",
    "fc-cu",
    "imm-image-label",
    "imm-request",
    "oss-get",
    "oss-image-processing",
    "oss-put",
    "oss-storage",
    "oss-tags",
    "scf-base",
    "scf-calls",
    "scf-gbs",
    "scf-traffic",
    "sls-ingest",
    "sls-shard",
    "smq-queue",
    "tablestore-read",
    "tablestore-reserved-read",
    "tablestore-storage",
    "tablestore-traffic",
    "tablestore-write",
]
PRICES = by_id(
    Price(
        id=name,
        cloud="",
        what=name,
        unit="units",
        per=Decimal(1),
        region="",
        source="",
        seen=date(2026, 11, 28),
        amount=Decimal(1),
        currency="USD",
    )
    for name in IDS
)


def quantities(estimate: Estimate, charged: Charged) -> dict[str, Decimal]:
    return {line.price.id: line.quantity for line in estimate.lines if line.charged is charged}


@pytest.mark.parametrize("detector", [detector for cloud, detector in costs.DETECTORS if cloud == "aliyun"])
def test_a_picture_on_oss_would_cost_other_requests_and_rows_than_the_function_makes(detector: str) -> None:
    """tests/test_main_job.py lets the emulator count the same calls."""
    once = quantities(costs.labelling(costs.Work("aliyun", detector, 10), PRICES), Charged.ONCE)
    assert once["oss-get"] == 10 * (3 + 1 + 1 + 1)
    assert once["oss-put"] == 10
    # The line of changes has no condition, so no row is read for it.
    assert once["tablestore-write"] == 10 * (3 + 1 + 4)
    assert once["tablestore-read"] == 10 * (3 + 1 + 3)


@pytest.mark.parametrize("detector", [detector for cloud, detector in costs.DETECTORS if cloud == "tencent"])
def test_a_picture_on_cos_would_cost_other_requests_than_the_function_makes(detector: str) -> None:
    once = quantities(costs.labelling(costs.Work("tencent", detector, 10), PRICES), Charged.ONCE)
    assert once["cos-requests"] == 10 * (3 + 1 + 2 + 1)
    assert once["scf-calls"] == 10


def test_the_embedded_detector_would_cost_calls_of_a_vendors() -> None:
    vendors = {"imm-image-label", "imm-request", "ci-detect-label"}
    asked = {
        pair: vendors & quantities(costs.labelling(costs.Work(*pair, 1), PRICES), Charged.ONCE).keys()
        for pair in costs.DETECTORS
    }
    assert asked == {
        ("aliyun", "imm"): {"imm-image-label", "imm-request"},
        ("aliyun", "oss"): {"imm-image-label"},
        ("aliyun", "embedded"): set(),
        ("tencent", "ci"): {"ci-detect-label"},
        ("tencent", "embedded"): set(),
    }


def test_a_function_would_be_billed_for_other_units_than_the_vendor_counts() -> None:
    """0.6 s with half a vCPU (1 CU a second) and 1 GB (0.15), and 75 CU for 10,000 invocations."""
    once = quantities(costs.labelling(costs.Work("aliyun", "imm", 1_000_000), PRICES), Charged.ONCE)
    assert once["fc-cu"] == 600_000 * (Decimal("0.5") + Decimal("0.15")) + 7500
    once = quantities(costs.labelling(costs.Work("aliyun", "embedded", 1_000_000), PRICES), Charged.ONCE)
    assert once["fc-cu"] == 200_000 * (1 + Decimal("0.15")) + 7500


def test_scf_would_be_billed_for_other_memory_or_traffic_than_the_page_assumes() -> None:
    ci, embedded = (
        quantities(costs.labelling(costs.Work("tencent", detector, 1_000_000), PRICES), Charged.ONCE)
        for detector in ("ci", "embedded")
    )
    assert ci["scf-gbs"] == 600_000 * Decimal("0.5")
    assert embedded["scf-gbs"] == 400_000 * Decimal("0.5")
    assert ci["scf-traffic"] == 10
    assert ci["tablestore-traffic"] == 5
    assert ci["cls-logs"] == 1


def test_tags_would_be_paid_once_and_not_every_month() -> None:
    aliyun = quantities(costs.labelling(costs.Work("aliyun", "imm", 100, tags=3), PRICES), Charged.MONTHLY)
    assert aliyun["oss-tags"] == 300 * 720
    tencent = quantities(costs.labelling(costs.Work("tencent", "ci", 100, tags=0), PRICES), Charged.MONTHLY)
    assert tencent["cos-tags"] == 0
    assert quantities(costs.labelling(costs.Work("tencent", "ci", 100), PRICES), Charged.MONTHLY)["cos-tags"] == 15000


@pytest.mark.parametrize(("rows", "reserved"), [(0, 20), (2_000_000, 20), (2_100_000, 21), (10_000_000, 100)])
def test_a_search_index_would_be_free_while_nobody_searches(rows: int, reserved: int) -> None:
    line = costs.index(PRICES, rows)
    assert line.quantity == reserved * 720
    assert line.why.startswith(f"{reserved} CU are reserved")


def test_the_index_would_not_grow_with_the_pictures() -> None:
    monthly = quantities(costs.labelling(costs.Work("aliyun", "oss", 1_000_000), PRICES), Charged.MONTHLY)
    assert monthly["tablestore-storage"] == 4 * 720


def test_a_stack_without_pictures_would_cost_nothing() -> None:
    monthly = quantities(costs.idle_aliyun(PRICES, Decimal("0.01")), Charged.MONTHLY)
    assert monthly == {
        "smq-queue": 30,
        "tablestore-reserved-read": 20 * 720,
        "sls-shard": 30,
        "oss-storage": Decimal("0.01"),
    }


def test_a_tencent_deployment_would_cost_an_index_or_a_bucket_that_it_does_not_have() -> None:
    bare = quantities(costs.idle_tencent(PRICES, Decimal(0), tablestore=False), Charged.MONTHLY)
    assert bare == {"scf-base": 30, "cmq-queue": 30}
    full = quantities(costs.idle_tencent(PRICES, Decimal("0.05"), tablestore=True), Charged.MONTHLY)
    assert full == bare | {"tablestore-reserved-read": 14400, "cos-storage": Decimal("0.05")}


def test_a_detector_of_another_cloud_would_have_a_price() -> None:
    with pytest.raises(KeyError):
        costs.labelling(costs.Work("tencent", "imm", 1), PRICES)
