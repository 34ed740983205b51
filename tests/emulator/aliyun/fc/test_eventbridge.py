"""The trigger of EventBridge: the event that the function gets, and what cannot be set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.aliyun.fc.eventbridge import EventBridgeRule
from emulator.aliyun.fc.platform import FunctionCompute
from emulator.aliyun.fc.triggers import OssTriggerRule
from tests.emulator.aliyun.fc.test_triggers import CHANGE, RULE

FIELDS: dict[str, Any] = {"bucket": "photos", "events": ["oss:ObjectCreated:PutObject"]}


def rule(**fields: Any) -> Any:
    return FunctionCompute().trigger("label", FIELDS | fields)


def test_event_is_a_cloud_event_with_the_record_of_a_native_trigger_as_its_data() -> None:
    event = json.loads(rule(eventSchema="CloudEvents").event(CHANGE))
    (record,) = json.loads(RULE.event(CHANGE))["events"]
    assert event.pop("aliyunpublishtime").endswith("Z")
    assert len(event.pop("id")) == 36
    assert event == {
        "source": "acs.oss",
        "specversion": "1.0",
        "type": "oss:ObjectCreated:PutObject",
        "datacontenttype": "application/json; charset=utf-8",
        "subject": "acs:oss:cn-hangzhou:1000000000000000:photos/in/图 片+%41.jpg",
        "time": "2022-08-13T06:45:43.042Z",
        "aliyunaccountid": "1000000000000000",
        "aliyuneventbusname": "default",
        "aliyunregionid": "cn-hangzhou",
        "data": record,
    }


def test_raw_data_is_the_record_alone() -> None:
    assert json.loads(rule(eventSchema="RawData").event(CHANGE)) == json.loads(RULE.event(CHANGE))["events"][0]


def test_a_trigger_without_a_schema_is_a_native_one() -> None:
    assert rule() == RULE


def test_it_takes_the_changes_that_a_native_trigger_takes() -> None:
    taken = rule(eventSchema="CloudEvents", prefix="in/")
    assert taken == EventBridgeRule(OssTriggerRule.parse(**FIELDS, prefix="in/"))
    assert taken.matches(CHANGE)
    assert not rule(eventSchema="CloudEvents", prefix="out/").matches(CHANGE)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"eventSchema": "Other"}, "eventSchema is CloudEvents or RawData, not 'Other'"),
        ({"eventSchema": "CloudEvents", "batchWindow": {"CountBasedWindow": 2}}, "batchWindow cannot be set"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        rule(**fields)
