"""OSS trigger events."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.events import changes, payload

EVENTS = Path(__file__).parents[3] / "events" / "aliyun"
BUCKET = "oss://examplebucket/"
DOG = BUCKET + "photos/dog.jpg"

GOOD: dict[str, list[tuple[str, str]]] = {
    "put_object": [("created", BUCKET + "photos/dog.jpg")],
    "post_object": [("created", BUCKET + "uploads/form.png")],
    "copy_object": [("created", BUCKET + "archive/dog.jpg")],
    "complete_multipart_upload": [("created", BUCKET + "big/panorama.jpg")],
    "append_object": [("created", BUCKET + "camera/stream.jpg")],
    "put_symlink": [("created", BUCKET + "latest.jpg")],
    "delete_object": [("removed", BUCKET + "photos/dog.jpg")],
    "delete_objects": [("removed", BUCKET + f"photos/{name}.jpg") for name in "abc"],
    "several_records": [
        ("created", BUCKET + "photos/dog.jpg"),
        ("removed", BUCKET + "old.png"),
        ("created", "oss://another-bucket/photos/cat.png"),
    ],
    "without_optional_fields": [("created", BUCKET + "photos/dog.jpg")],
    "with_virtual_bucket": [("created", BUCKET + "photos/dog.jpg")],
    "with_object_meta": [("created", BUCKET + "photos/dog.jpg")],
    "with_callback_variables": [("created", BUCKET + "photos/dog.jpg")],
    "overwrite_by_a_smaller_object": [("created", BUCKET + "photos/dog.jpg")],
    "key_in_chinese": [("created", BUCKET + "照片/狗.jpg")],
    "key_with_space_plus_percent": [("created", BUCKET + "trip 2026/50%+ a&b=c?.jpg")],
    "key_encoded": [("created", BUCKET + "trip%202026/caf%C3%A9+1%2B1.jpg")],
    "key_with_emoji_and_newline": [("created", BUCKET + "photos/🐶\nnew.jpg")],
    "key_of_1023_bytes": [("created", BUCKET + "照" * 341)],
    "upload_part": [],
    "update_object_meta": [],
    "get_object": [],
    "replication": [
        ("created", BUCKET + "photos/dog.jpg"),
        ("created", BUCKET + "photos/dog.jpg"),
        ("removed", BUCKET + "photos/dog.jpg"),
    ],
    "finish_restore": [("created", BUCKET + "cold/dog.jpg")],
    "another_source": [("created", DOG)],
    "without_event_name": [("created", DOG)],
    "event_name_without_family": [("created", DOG)],
    "event_names_with_a_star": [
        ("created", DOG),
        ("created", DOG),
        ("removed", DOG),
        ("removed", DOG),
        ("created", DOG),
        ("created", DOG),
    ],
    "list_of_records": [("created", DOG)],
    "eventbridge": [("created", DOG)],
    "eventbridge_list": [("removed", DOG), ("created", BUCKET + "照片/狗.jpg")],
    "eventbridge_short_data": [("created", DOG)],
    "eventbridge_of_a_bucket": [],
}
BAD = {
    "not_json.txt": "event",
    "cut.txt": "event",
    "empty.txt": "event",
    "not_utf8.txt": "event",
    "no_events.json": "events",
    "events_is_one_record.json": "events",
    "no_key.json": "events[0].oss.object.key",
    "empty_key.json": "events[0].oss.object.key",
    "key_is_a_number.json": "events[0].oss.object.key",
    "key_too_long.json": "events[0].oss.object.key",
    "key_is_no_text.json": "events[0].oss.object.key",
    "no_object.json": "events[0].oss.object",
    "no_bucket_name.json": "events[0].oss.bucket.name",
    "bucket_name_impossible.json": "events[0].oss.bucket.name",
    "record_is_a_text.json": "events[0]",
    "one_bad_of_three.json": "events[1].oss.object.key",
    "eventbridge_of_another_service.json": "events",
    "eventbridge_list_with_a_text.json": "event[1]",
}


def sample(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return content


def test_every_sample_is_expected_to_mean_something() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == set(GOOD)
    assert {path.name for path in (EVENTS / "bad").iterdir()} == set(BAD)


@pytest.mark.parametrize("name", GOOD)
def test_a_sample_names_the_objects_that_came_and_went_and_nothing_else(name: str) -> None:
    good, wrong = changes((EVENTS / f"{name}.json").read_bytes())
    assert wrong == []
    assert [(change.kind, change.ref.uri) for change in good] == GOOD[name]


@pytest.mark.parametrize("name", BAD)
def test_a_broken_event_is_told_by_the_field_that_is_wrong(name: str) -> None:
    good, wrong = changes((EVENTS / "bad" / name).read_bytes())
    assert [bad.field for bad in wrong] == [BAD[name]]
    assert str(wrong[0]).startswith(f"{BAD[name]}: ")
    assert wrong[0].reason == "bad_event"
    assert len(str(wrong[0])) < 400
    others = {
        "one_bad_of_three.json": ["first.jpg", "third.jpg"],
        "eventbridge_list_with_a_text.json": ["photos/dog.jpg"],
    }
    assert [change.ref.key for change in good] == others.get(name, [])


def test_a_missing_field_is_called_missing() -> None:
    _, wrong = changes((EVENTS / "bad" / "no_key.json").read_bytes())
    assert str(wrong[0]) == "events[0].oss.object.key: missing"


def test_bytes_text_and_mapping_of_one_event_mean_the_same() -> None:
    data = (EVENTS / "several_records.json").read_bytes()
    expected = changes(data)
    assert len(expected[0]) == 3
    assert changes(data.decode()) == expected
    assert changes(MappingProxyType(json.loads(data))) == expected


def test_hints_are_handed_on_as_they_stand() -> None:
    (change,), _ = changes(sample("put_object"))
    assert change.ref == ObjectRef("oss", "examplebucket", "photos/dog.jpg", None)
    assert (change.etag, change.size, change.at) == (
        "688A7BF4F233DC9C88A80BF985AB7329",
        122539,
        "2026-03-01T06:45:43.000Z",
    )


def test_a_hint_of_the_wrong_type_does_not_cost_the_upload() -> None:
    event = sample("put_object")
    record = event["events"][0]
    record["oss"]["object"] |= {"size": "12", "eTag": None}
    record |= {"eventTime": 5, "responseElements": "none"}
    (change,), wrong = changes(event)
    assert wrong == []
    assert (change.etag, change.size, change.at) == (None, None, None)


def test_an_event_without_records_asks_for_nothing() -> None:
    assert changes({"events": []}) == ([], [])


def test_deeply_nested_json_is_a_bad_event_and_no_crash() -> None:
    good, wrong = changes(b"[" * 100_000)
    assert (good, wrong[0].field) == ([], "event")


def test_the_trigger_configurations_prefix_before_an_event_name_is_understood() -> None:
    event = sample("put_object")
    event["events"][0]["eventName"] = "oss:ObjectCreated:PutObject"
    assert [change.kind for change in changes(event)[0]] == ["created"]


def test_an_event_of_a_kind_not_known_yet_is_left_out() -> None:
    event = sample("put_object")
    event["events"][0]["eventName"] = "ObjectTagged:PutObjectTagging"
    assert changes(event) == ([], [])


def test_a_new_way_to_create_an_object_is_a_creation() -> None:
    event = sample("put_object")
    event["events"][0]["eventName"] = "ObjectCreated:SealAppendObject"
    assert [change.kind for change in changes(event)[0]] == ["created"]


def test_a_redelivered_event_has_the_same_ids() -> None:
    for name in GOOD:
        assert changes(sample(name))[0] == changes(sample(name))[0]
    (change,), _ = changes(sample("put_object"))
    assert change.event_id.startswith("58F9FF2D3DF792092E12044C/")


def test_no_two_objects_of_one_request_share_an_event_id() -> None:
    good, _ = changes(sample("delete_objects"))
    assert len({change.event_id for change in good}) == 3


def test_two_uploads_of_one_key_differ_in_their_event_ids() -> None:
    again = sample("put_object")
    again["events"][0]["responseElements"]["requestId"] = "58F9FF2D3DF792092E12FFFF"
    assert changes(again)[0][0].event_id != changes(sample("put_object"))[0][0].event_id


@pytest.mark.parametrize("request_id", [None, "", "x" * 500, "two words", 7])
def test_an_event_id_stays_short_and_plain_whatever_the_event_says(request_id: object) -> None:
    event = sample("key_of_1023_bytes")
    event["events"][0]["responseElements"]["requestId"] = request_id
    (change,), _ = changes(event)
    assert len(change.event_id) < 128
    assert change.event_id.isascii()
    other = sample("key_of_1023_bytes")
    other["events"][0]["responseElements"]["requestId"] = request_id
    other["events"][0]["eventTime"] = "2026-03-02T00:00:00.000Z"
    assert changes(other)[0][0].event_id != change.event_id


@pytest.mark.parametrize(
    ("key", "decoded"),
    [
        ("photos/dog.jpg", None),
        ("照片/狗.jpg", None),
        ("a%20b.jpg", "a b.jpg"),
        ("a+b.jpg", "a b.jpg"),
        ("a%2Bb.jpg", "a+b.jpg"),
        ("%E7%8B%97.jpg", "狗.jpg"),
        ("100%", None),
        ("100%zz", None),
        ("broken%E7%8B.jpg", None),
    ],
)
def test_a_key_that_could_be_encoded_has_its_other_reading_and_no_other_key_has(key: str, decoded: str | None) -> None:
    event = sample("put_object")
    event["events"][0]["oss"]["object"]["key"] = key
    (change,), _ = changes(event)
    assert change.ref.key == key
    assert change.decoded == (decoded and ObjectRef("oss", "examplebucket", decoded))


@pytest.mark.story
def test_reading_an_event_loads_no_sdk() -> None:
    code = "import sys, imagelabels.providers.aliyun.events; print('oss2' in sys.modules or 'requests' in sys.modules)"
    shared = str(Path(__file__).parents[3] / "shared")
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": shared}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_timer_hands_on_the_text_that_it_carries_and_nothing_else_of_its_event() -> None:
    carried = "oss://photos/2026/"
    assert payload({"payload": carried, "triggerName": "timer"}) == carried
    assert payload(json.dumps({"payload": carried}).encode()) == carried


@pytest.mark.parametrize("event", [b"", b"{}", {}, {"payload": ""}, {"payload": None}])
def test_an_event_that_carries_no_text_carries_an_empty_one(event: Any) -> None:
    assert payload(event) == ""


@pytest.mark.parametrize(
    "event",
    [b"no JSON", b"oss://photos/", b"[" * 10_000, b"null", [], {"payload": 7}, {"payload": "x" * 5000}],
)
def test_a_timer_that_was_set_up_wrongly_does_not_work_on_all_buckets(event: Any) -> None:
    with pytest.raises(Misconfigured, match="this is no event of a timer"):
        payload(event)
