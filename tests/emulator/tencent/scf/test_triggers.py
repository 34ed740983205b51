"""The COS trigger: which changes call the function, and the event that it gets."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from emulator.core.parts import Change
from emulator.tencent.scf.triggers import CosTriggerRule

BUCKET = "my-photos-1250000000"
CHANGE = Change(
    event="ObjectCreated:Put",
    bucket=BUCKET,
    key="in/图 片+%41.jpg",
    etag="688a7bf4f233dc9c88a80bf985ab7329",
    size=1029,
    delta=1029,
    request_id="NWMxOWY4MGFfMjViMjU4NjRfMTUyMV8yNzhhZjM=",
    source_ip="127.0.0.1",
    at=1545205770.9,
    mime_type="image/jpeg",
    headers={"content-type": "image/jpeg", "x-cos-meta-mine": "1", "cache-control": "no-cache"},
)
ALL = ["cos:ObjectCreated:*", "cos:ObjectRemove:*"]


def record(change: Change = CHANGE, **rule: Any) -> Any:
    event = json.loads(CosTriggerRule.parse("label", BUCKET, ALL, **rule).event(change))
    assert list(event) == ["Records"]
    (only,) = event["Records"]
    return only


def test_event_has_the_vendors_shape_and_spelling() -> None:
    seen = record()
    assert isinstance(seen["event"].pop("reqid"), int)
    assert seen == {
        "cos": {
            "cosSchemaVersion": "1.0",
            "cosObject": {
                "url": "http://my-photos-1250000000.cos.ap-guangzhou.myqcloud.com/in/%E5%9B%BE%20%E7%89%87%2B%2541.jpg",
                "meta": {
                    "x-cos-request-id": "NWMxOWY4MGFfMjViMjU4NjRfMTUyMV8yNzhhZjM=",
                    "Content-Type": "image/jpeg",
                    "x-cos-meta-mine": "1",
                },
                "vid": "",
                "key": "/1250000000/my-photos/in/图 片+%41.jpg",
                "size": 1029,
            },
            "cosBucket": {"region": "gz", "name": "my-photos", "appid": "1250000000"},
            "cosNotificationId": "unkown",
        },
        "event": {
            "eventName": "cos:ObjectCreated:Put",
            "eventVersion": "1.0",
            "eventTime": 1545205770,
            "eventSource": "qcs::cos",
            "requestParameters": {
                "requestSourceIP": "127.0.0.1",
                "requestHeaders": {"Authorization": "q-sign-algorithm=sha1"},
            },
            "eventQueue": "qcs:0:scf:ap-guangzhou:appid/1250000000:default.label.$LATEST",
            "reservedInfo": "",
        },
    }


def test_key_is_encoded_where_the_trigger_says_so() -> None:
    key = record(key_encoding="percent")["cos"]["cosObject"]["key"]
    assert key == "/1250000000/my-photos/in/%E5%9B%BE%20%E7%89%87%2B%2541.jpg"


def test_removal_has_no_size_and_nothing_of_the_picture_that_went() -> None:
    seen = record(dataclasses.replace(CHANGE, event="ObjectRemove:Delete", size=0))
    assert seen["event"]["eventName"] == "cos:ObjectRemove:Delete"
    assert seen["cos"]["cosObject"]["size"] == 0
    assert list(seen["cos"]["cosObject"]["meta"]) == ["x-cos-request-id"]


@pytest.mark.parametrize(
    ("rule", "change", "matches"),
    [
        ({}, {}, True),
        ({}, {"bucket": "my-photos-1250000001"}, False),
        ({}, {"event": "ObjectCreated:Copy"}, False),
        ({}, {"event": "ObjectRemove:Delete"}, False),
        ({"events": ["cos:ObjectCreated:*"]}, {"event": "ObjectCreated:Copy"}, True),
        ({"events": ["cos:ObjectCreated:*"]}, {"event": "ObjectCreated:CompleteMultipartUpload"}, True),
        ({"events": ["cos:ObjectCreated:*"]}, {"event": "ObjectRemove:Delete"}, False),
        ({"events": ["cos:ObjectRemove:*"]}, {"event": "ObjectRemove:DeleteMarkerCreated"}, True),
        ({"events": ["cos:ObjectRemove:Delete"]}, {"event": "ObjectRemove:DeleteMarkerCreated"}, False),
        ({"prefix": "in/"}, {}, True),
        ({"prefix": "IN/"}, {}, False),
        ({"suffix": ".jpg"}, {}, True),
        ({"suffix": ".JPG"}, {}, False),
        ({"prefix": "in/*"}, {}, False),
        ({"prefix": "in/", "suffix": ".png"}, {}, False),
    ],
)
def test_rule_takes_exactly_the_changes_it_names(rule: dict[str, Any], change: dict[str, Any], matches: bool) -> None:
    made = CosTriggerRule.parse(**{"function": "label", "bucket": BUCKET, "events": ["cos:ObjectCreated:Put"], **rule})
    assert made.matches(dataclasses.replace(CHANGE, **change)) is matches


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"events": ["cos:ObjectRemoved:Delete"]}, "did you mean cos:ObjectRemove:Delete.* known are"),
        ({"events": ["oss:ObjectCreated:PutObject"]}, "no such trigger event: oss:"),
        ({"events": ["ObjectCreated:Put"]}, "no such trigger event"),
        ({"events": []}, "at least one event"),
        ({"bucket": "photos"}, "'photos' is no bucket of COS"),
        ({"bucket": ""}, "is no bucket of COS"),
        ({"key_encoding": "url"}, "key_encoding is raw or percent, not 'url'"),
    ],
)
def test_rule_that_could_never_work_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CosTriggerRule.parse(**{"function": "label", "bucket": BUCKET, "events": ["cos:ObjectCreated:Put"], **changes})


@pytest.mark.parametrize(
    ("bound", "event", "name"),
    [
        (ALL, "ObjectCreated:Put", "cos:ObjectCreated:*"),
        (ALL, "ObjectRemove:Delete", "cos:ObjectRemove:*"),
        (["cos:ObjectCreated:Put", "cos:ObjectCreated:*"], "ObjectCreated:Put", "cos:ObjectCreated:Put"),
        (["cos:ObjectCreated:Put", "cos:ObjectCreated:*"], "ObjectCreated:Copy", "cos:ObjectCreated:*"),
    ],
)
def test_an_event_may_have_the_name_to_which_its_trigger_is_bound(bound: list[str], event: str, name: str) -> None:
    rule = CosTriggerRule.parse("label", BUCKET, bound, event_name="trigger")
    sent = json.loads(rule.event(dataclasses.replace(CHANGE, event=event)))
    assert sent["Records"][0]["event"]["eventName"] == name


def test_another_kind_of_event_name_is_refused() -> None:
    with pytest.raises(ValueError, match="event_name is operation or trigger, not 'family'"):
        CosTriggerRule.parse("label", BUCKET, ALL, event_name="family")
