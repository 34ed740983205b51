"""The OSS trigger: which changes call the function, and the event that it gets."""

from __future__ import annotations

import dataclasses
import json

import pytest

from emulator.aliyun.fc.triggers import OssTriggerRule
from emulator.core.parts import Change

CHANGE = Change(
    event="ObjectCreated:PutObject",
    bucket="photos",
    key="in/图 片+%41.jpg",
    etag="688A7BF4F233DC9C88A80BF985AB7329",
    size=122539,
    delta=22539,
    request_id="58F9FF2D3DF792092E12044C",
    source_ip="127.0.0.1",
    at=1660373143.0429,
    mime_type="image/jpeg",
)
RULE = OssTriggerRule.parse("photos", ["oss:ObjectCreated:PutObject"])


def test_event_has_the_vendors_shape_and_the_key_as_it_is() -> None:
    payload = RULE.event(CHANGE)
    assert "in/图 片+%41.jpg".encode() in payload
    event = json.loads(payload)
    assert len(event["events"][0]["oss"].pop("ruleId")) == 40
    assert event == {
        "events": [
            {
                "eventName": "ObjectCreated:PutObject",
                "eventSource": "acs:oss",
                "eventTime": "2022-08-13T06:45:43.042Z",
                "eventVersion": "1.0",
                "oss": {
                    "bucket": {
                        "arn": "acs:oss:cn-hangzhou:1000000000000000:photos",
                        "name": "photos",
                        "ownerIdentity": "1000000000000000",
                        "virtualBucket": "",
                    },
                    "object": {
                        "deltaSize": 22539,
                        "eTag": "688A7BF4F233DC9C88A80BF985AB7329",
                        "key": "in/图 片+%41.jpg",
                        "objectMeta": {"mimeType": "image/jpeg", "userMeta": {}},
                        "size": 122539,
                    },
                    "ossSchemaVersion": "1.0",
                },
                "region": "cn-hangzhou",
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {"requestId": "58F9FF2D3DF792092E12044C"},
                "userIdentity": {"principalId": "1000000000000000"},
            }
        ]
    }


@pytest.mark.parametrize(
    ("rule", "change", "matches"),
    [
        ({}, {}, True),
        ({}, {"bucket": "photos2"}, False),
        ({}, {"event": "ObjectCreated:CopyObject"}, False),
        ({}, {"event": "ObjectRemoved:DeleteObject"}, False),
        ({"events": ["oss:ObjectCreated:*"]}, {}, True),
        ({"events": ["oss:ObjectCreated:*"]}, {"event": "ObjectCreated:CopyObject"}, True),
        ({"events": ["oss:ObjectCreated:*"]}, {"event": "ObjectRemoved:DeleteObject"}, False),
        ({"events": ["oss:ObjectRemoved:DeleteObject"]}, {"event": "ObjectRemoved:DeleteObject"}, True),
        ({"events": ["oss:ObjectRemoved:DeleteObject"]}, {"event": "ObjectRemoved:DeleteObjects"}, False),
        ({"prefix": "in/"}, {}, True),
        ({"prefix": "in/图 "}, {}, True),
        ({"prefix": "IN/"}, {}, False),
        ({"prefix": "out/"}, {}, False),
        ({"suffix": ".jpg"}, {}, True),
        ({"suffix": ".JPG"}, {}, False),
        ({"suffix": ".jp"}, {}, False),
        ({"prefix": "in/", "suffix": ".png"}, {}, False),
        ({"prefix": "in/*"}, {}, False),
    ],
)
def test_rule_takes_exactly_the_changes_it_names(
    rule: dict[str, object], change: dict[str, object], matches: bool
) -> None:
    made = OssTriggerRule.parse(**{"bucket": "photos", "events": ["oss:ObjectCreated:PutObject"], **rule})  # type: ignore[arg-type]
    assert made.matches(dataclasses.replace(CHANGE, **change)) is matches  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bucket", "events", "message"),
    [
        (
            "photos",
            ["oss:ObjectCreated:PutObjekt"],
            r"oss:ObjectCreated:PutObjekt; did you mean oss:ObjectCreated:PutObject\? known are",
        ),
        ("photos", ["ObjectCreated:PutObject"], "no such trigger event: ObjectCreated:PutObject"),
        ("photos", ["oss:ObjectCreated:PutObject", "oss:ObjectRemoved:*"], "no such trigger event: oss:ObjectRemoved"),
        ("photos", ["oss:ObjectTagging:Put"], "no such trigger event"),
        ("photos", [], "at least one event"),
        ("", ["oss:ObjectCreated:PutObject"], "bucket: .. is no bucket name"),
    ],
)
def test_rule_that_could_never_work_is_refused_by_name(bucket: str, events: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        OssTriggerRule.parse(bucket, events)


def test_rule_id_tells_rules_apart_and_stays_the_same() -> None:
    other = OssTriggerRule.parse("photos", ["oss:ObjectCreated:PutObject"], suffix=".jpg")
    assert RULE.id == OssTriggerRule.parse("photos", ["oss:ObjectCreated:PutObject"]).id != other.id


def test_the_event_of_an_append_tells_where_the_new_bytes_begin() -> None:
    change = dataclasses.replace(CHANGE, event="ObjectCreated:AppendObject", position=0)
    rule = OssTriggerRule.parse("photos", ["oss:ObjectCreated:AppendObject"])
    assert json.loads(rule.event(change))["events"][0]["oss"]["object"]["position"] == 0
