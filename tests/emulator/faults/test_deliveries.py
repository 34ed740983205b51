"""Faults of deliveries: which events reach a function, how often, in which order, and with which records."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.core.parts import Change
from emulator.faults.deliveries import DeliveryLog, joined
from emulator.functions.deployment import Deployed
from emulator.functions.function import Function
from emulator.tencent.scf.platform import ServerlessCloudFunction
from emulator.tencent.scf.triggers import CosTriggerRule
from tests.emulator.faults.running import Emulated, emulated
from tests.emulator.functions.deployed import code
from tests.emulator.running import COS_BUCKET

SOURCE = """
    import json
    def handler(event, context):
        print("got", json.dumps([record["oss"]["object"]["key"] for record in json.loads(event)["events"]]))
    """
COS_SOURCE = """
    import json
    def main_handler(event, context):
        print("got", json.dumps([record["cos"]["cosObject"]["key"].rpartition("/")[2] for record in event["Records"]]))
    """


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulated]:
    """Run a function of each cloud, one event at a time, that tells the keys of each event."""
    oss = OssTriggerRule.parse("photos", ["oss:ObjectCreated:*"])
    cos = CosTriggerRule.parse("scf", COS_BUCKET, ["cos:ObjectCreated:*"])
    fc = Function(code=code(tmp_path / "fc", SOURCE), handler="index.handler", name="fc", instances=1)
    scf = Function(code=code(tmp_path / "scf", COS_SOURCE), handler="index.main_handler", name="scf", instances=1)
    with emulated(
        tmp_path / "data", Deployed(FunctionCompute(), fc, oss), Deployed(ServerlessCloudFunction(), scf, cos)
    ) as started:
        yield started


def put(running: Emulated, *keys: str) -> None:
    for key in keys:
        running.oss.bucket().put_object(key, key.encode())


def got(running: Emulated, events: int, function: int = 0) -> list[list[str]]:
    """Wait until so many events were delivered, and return the keys of each in the order of their delivery."""
    name = running.functions[function].deployed.function.name
    while running.control("GET", f"functions/{name}/queue")[1]["delivered"] < events:
        time.sleep(0.01)
    lines = running.functions[function].log.read_text().splitlines()
    return [json.loads(line.partition(" got ")[2]) for line in lines if " got " in line]


def test_a_duplicated_event_comes_again(running: Emulated) -> None:
    running.rules({"do": "duplicate", "key": "a", "copies": 2, "function": "f*"})
    put(running, "a", "b")
    assert sorted(got(running, 4)) == [["a"], ["a"], ["a"], ["b"]]
    assert [(each["fault"], each["key"]) for each in running.deliveries()] == [("duplicate", "a")] * 2


def test_a_dropped_event_is_listed_and_never_comes(running: Emulated) -> None:
    running.rules({"do": "drop", "key": "a*", "event": "ObjectCreated:*"})
    put(running, "a1", "b", "a2")
    assert got(running, 1) == [["b"]]
    listed = running.deliveries()
    assert [(each["fault"], each["function"], each["bucket"], each["key"]) for each in listed] == [
        ("drop", "fc", "photos", "a1"),
        ("drop", "fc", "photos", "a2"),
    ]
    assert listed[0]["etag"] == "8A8BB7CD343AA2AD99B7D762030857A2"
    assert running.control("GET", "functions/fc/queue")[1]["waiting"] == 0


def test_a_delayed_event_waits_in_the_queue_until_it_is_due(running: Emulated) -> None:
    running.rules({"do": "delay", "key": "a", "seconds": 1000})
    put(running, "a", "b")
    assert got(running, 1) == [["b"]]
    (waiting,) = running.control("GET", "functions/fc/queue")[1]["pending"]
    assert waiting["due"] - waiting["enqueued"] == 1000
    assert waiting["request_id"] == running.deliveries()[0]["request_id"]


def test_a_reordered_event_comes_behind_those_that_overtake_it(running: Emulated) -> None:
    running.rules({"do": "reorder", "key": "a", "events": 2, "seconds": 1000})
    put(running, "a", "b")
    assert got(running, 1) == [["b"]]
    put(running, "c", "d")
    assert sorted(got(running, 4)[1:]) == [["a"], ["c"], ["d"]]
    assert got(running, 4).index(["a"]) > got(running, 4).index(["c"])


def test_records_of_several_events_come_in_one(running: Emulated) -> None:
    running.rules({"do": "merge", "up_to": 3, "seconds": 1000})
    put(running, "a", "b", "c", "d")
    assert got(running, 1) == [["a", "b", "c"]]
    assert len({each["request_id"] for each in running.deliveries()}) == 2
    for key in "abc":
        running.oss.client().put_object(Bucket=COS_BUCKET, Key=key, Body=b"x")
    assert got(running, 1, function=1) == [["a", "b", "c"]]


def test_only_the_function_that_a_rule_names_misses_the_event(running: Emulated) -> None:
    running.rules({"do": "drop", "function": "scf"})
    running.oss.client().put_object(Bucket=COS_BUCKET, Key="a", Body=b"x")
    put(running, "a")
    assert got(running, 1) == [["a"]]
    assert [each["function"] for each in running.deliveries()] == ["scf"]


@pytest.mark.parametrize(
    ("earlier", "later", "together"),
    [
        ({"events": [1]}, {"events": [2, 3]}, {"events": [1, 2, 3]}),
        ({"Records": [1]}, {"events": [2]}, None),
        ({"id": "1"}, {"id": "2"}, None),
        ([1], [2], None),
        ({}, {}, None),
    ],
)
def test_only_lists_of_records_under_one_name_are_merged(earlier: Any, later: Any, together: Any) -> None:
    merged = joined(json.dumps(earlier).encode(), json.dumps(later).encode())
    assert (json.loads(merged) if merged is not None else None) == together


def test_the_list_of_deliveries_is_bounded_and_tells_what_it_forgot() -> None:
    log = DeliveryLog(remembered=2)
    for number in range(5):
        change = Change("ObjectCreated:PutObject", "photos", f"k{number}", "E", 1, 1, "r", "127.0.0.1", 0.0, "")
        log.add("drop", "fc", change, 0.0, "")

    def page(since: int, limit: int = 10) -> tuple[list[Any], object, object]:
        answer: Mapping[str, Any] = log.page(since, limit)
        return [each["key"] for each in answer["deliveries"]], answer["next"], answer["forgotten"]

    assert page(0) == (["k3", "k4"], 5, 3)
    assert page(4) == (["k4"], 5, 0)
    assert page(3, 1) == (["k3"], 4, 0)
    assert page(5) == ([], 5, 0)
