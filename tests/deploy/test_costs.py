"""These tests check what a deployment is said to cost while nothing happens."""

from __future__ import annotations

import pytest

from imagelabels.deploy.costs import idle
from imagelabels.deploy.price_file import shipped
from imagelabels.domain.costs import answering, telling
from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.webhooks import Hook
from tests.webhooks_world import World


def parts(cloud: str, **parameters: object) -> set[str]:
    return {line.price.id for line in idle(cloud, parameters).lines}


def test_the_queue_and_the_search_index_would_be_said_to_be_free() -> None:
    assert parts("aliyun") == {"smq-queue", "tablestore-reserved-read", "sls-shard", "oss-storage"}


def test_a_tencent_deployment_would_be_said_to_cost_what_its_parameters_rule_out() -> None:
    assert parts("tencent", Index="sqlite:////mnt/index.db", PackageBucket="") == {"scf-base", "cmq-queue"}
    assert parts("tencent", Index="tablestore://my-labels", PackageBucket="packages") == {
        "scf-base",
        "cmq-queue",
        "tablestore-reserved-read",
        "cos-storage",
    }


def test_the_larger_package_of_the_embedded_detector_would_cost_no_more() -> None:
    small, large = (
        next(line.quantity for line in idle("aliyun", {"Detector": detector}).lines if line.price.id == "oss-storage")
        for detector in ("imm", "embedded")
    )
    assert large == 5 * small


def test_a_cloud_that_is_not_known_would_cost_nothing() -> None:
    with pytest.raises(Misconfigured, match="the costs of moon are not known"):
        idle("moon", {})


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_answers_over_http_would_be_said_to_cost_nothing(cloud: str) -> None:
    thousand, million = (answering(cloud, requests, shipped()) for requests in (1_000, 1_000_000))
    assert {line.quantity for line in million.lines} == {1_000 * line.quantity for line in thousand.lines}
    assert {"tablestore-read"} < {line.price.id for line in million.lines}


@pytest.mark.parametrize("cloud", ["aliyun", "tencent"])
def test_the_timer_of_webhooks_would_be_said_to_cost_nothing_or_as_much_however_rarely_it_runs(cloud: str) -> None:
    often, rarely = ({line.price.id: line.quantity for line in telling(cloud, m, shipped()).lines} for m in (2, 30))
    assert often == {price: 15 * quantity for price, quantity in rarely.items()}
    assert often["tablestore-write"] == 3 * 21_600


def test_a_run_for_a_webhook_with_nothing_to_send_would_write_more_than_the_costs_say() -> None:
    world, writes = World(), list[str]()
    world.hook()
    world.run()
    put = world.kept.hooks.put

    def counted(hook: Hook, expected_version: int | None = None) -> None:
        writes.append(hook.id)
        put(hook, expected_version)

    world.kept.hooks.put = counted  # type: ignore[method-assign]
    world.run()
    assert len(writes) == 3
