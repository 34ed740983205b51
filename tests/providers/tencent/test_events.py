"""COS trigger events."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagelabels.domain.errors import Misconfigured
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.events import changes, message

EVENTS = Path(__file__).parents[3] / "events" / "tencent"
BUCKET = "cos://photos-1250000000/"
DOG = BUCKET + "photos/dog.jpg"

GOOD: dict[str, list[tuple[str, str]]] = {
    "put": [("created", DOG)],
    "post": [("created", DOG)],
    "copy": [("created", DOG)],
    "complete_multipart_upload": [("created", DOG)],
    "append": [("created", DOG)],
    "origin": [("created", DOG)],
    "replication": [("created", DOG)],
    "delete": [("removed", DOG)],
    "delete_marker_created": [("removed", DOG)],
    "restore_asked_for": [],
    "restore_completed": [("created", DOG)],
    "with_five_bucket_fields": [("created", DOG)],
    "region_only_in_the_url": [("created", DOG)],
    "with_version": [("created", DOG)],
    "without_optional_fields": [("created", DOG)],
    "hints_of_other_types": [("created", DOG)],
    "overwrite_by_a_smaller_object": [("created", DOG)],
    "key_in_chinese": [("created", BUCKET + "照片/狗 1.jpg")],
    "key_with_space_plus_percent": [("created", BUCKET + "trip 2026/50%+ a&b=c?.jpg")],
    "key_encoded": [("created", BUCKET + "trip%202026/caf%C3%A9+1%2B1.jpg")],
    "key_begins_with_a_slash": [("created", BUCKET + "/photos/dog.jpg")],
    "key_holds_the_prefix_again": [("created", BUCKET + "1250000000/photos/1250000000/photos/dog.jpg")],
    "key_without_prefix": [("created", DOG)],
    "another_source": [("created", DOG)],
    "without_event": [("created", DOG)],
    "without_event_name": [("created", DOG)],
    "event_name_without_family": [("created", DOG)],
    "event_names_with_a_star": [
        ("created", DOG),
        ("removed", DOG),
        ("created", DOG),
        ("removed", DOG),
        ("created", DOG),
        ("created", DOG),
    ],
    "appid_is_a_number": [("created", DOG)],
    "several_records": [
        ("created", DOG),
        ("removed", BUCKET + "old.png"),
        ("created", "cos://another-bucket-1250000000/cat.png"),
    ],
}
BAD = {
    "list.json": "event",
    "of_another_cloud.json": "Records",
    "records_is_one_record.json": "Records",
    "record_is_a_text.json": "Records[0]",
    "no_cos.json": "Records[0].cos",
    "no_bucket.json": "Records[0].cos.cosBucket",
    "no_object.json": "Records[0].cos.cosObject",
    "no_appid.json": "Records[0].cos.cosBucket.appid",
    "bucket_name_impossible.json": "Records[0].cos.cosBucket.name",
    "no_key.json": "Records[0].cos.cosObject.key",
    "empty_key.json": "Records[0].cos.cosObject.key",
    "key_is_a_number.json": "Records[0].cos.cosObject.key",
    "key_names_the_bucket.json": "Records[0].cos.cosObject.key",
    "key_too_long.json": "Records[0].cos.cosObject.key",
    "key_is_no_text.json": "Records[0].cos.cosObject.key",
    "one_bad_of_three.json": "Records[1].cos",
    "eventbridge.json": "Records",
}


def sample(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return content


def test_every_sample_in_the_folder_is_expected_here() -> None:
    assert {path.stem for path in EVENTS.glob("*.json")} == set(GOOD)
    assert {path.name for path in (EVENTS / "bad").iterdir()} == set(BAD)


@pytest.mark.parametrize("name", GOOD)
def test_a_sample_names_the_objects_that_came_and_went_and_nothing_else(name: str) -> None:
    good, bad, _ = changes(sample(name))
    assert [(change.kind, change.ref.uri) for change in good] == GOOD[name]
    assert bad == []


@pytest.mark.parametrize("name", BAD)
def test_a_broken_event_is_told_by_the_field_that_is_wrong(name: str) -> None:
    good, bad, _ = changes(json.loads((EVENTS / "bad" / name).read_text("utf-8")))
    assert [error.field for error in bad] == [BAD[name]]
    assert [change.ref.key for change in good] == (["a.jpg", "c.jpg"] if name.startswith("one_bad") else [])


def test_one_bad_record_in_the_middle_of_128_kilobytes_costs_only_itself() -> None:
    record = sample("put")["Records"][0]
    merged = [json.loads(json.dumps(record).replace("dog", f"dog{number}")) for number in range(180)]
    del merged[90]["cos"]
    assert len(json.dumps({"Records": merged})) > 128 * 1024
    good, bad, _ = changes({"Records": merged})
    assert (len(good), [error.field for error in bad]) == (179, ["Records[90].cos"])


def test_the_hints_of_a_record_are_read_in_its_own_units() -> None:
    (change,), _, _ = changes(sample("put"))
    assert (change.size, change.etag, change.at) == (122539, None, "2026-03-01T06:45:43Z")
    assert change.ref.version is None


def test_hints_of_other_types_are_no_reason_to_refuse() -> None:
    (change,), _, regions = changes(sample("hints_of_other_types"))
    assert (change.size, change.at, regions) == (None, None, {})


@pytest.mark.parametrize(
    ("name", "region"),
    [
        ("put", "ap-guangzhou"),
        ("with_five_bucket_fields", "ap-guangzhou"),
        ("region_only_in_the_url", "ap-shanghai-fsi"),
        ("without_optional_fields", None),
    ],
)
def test_a_region_is_one_that_an_address_can_be_made_of_and_never_a_short_code(name: str, region: str | None) -> None:
    assert changes(sample(name))[2] == ({"photos-1250000000": region} if region else {})


@pytest.mark.parametrize("field", ["s3Region", "region", "cosRegion"])
@pytest.mark.parametrize("region", ["ap-beijing-1", "eu-frankfurt", "ap-shanghai-adc"])
def test_whichever_field_holds_the_whole_region_is_believed_before_the_url(field: str, region: str) -> None:
    event = sample("put")
    event["Records"][0]["cos"]["cosBucket"][field] = region
    assert changes(event)[2] == {"photos-1250000000": region}


@pytest.mark.parametrize("region", ["gz", "", "ap-guangzhou.evil.example", "AP-GUANGZHOU", "ap-guangzhou/x"])
def test_what_is_no_region_never_becomes_part_of_an_address(region: str) -> None:
    event = sample("without_optional_fields")
    event["Records"][0]["cos"]["cosBucket"]["region"] = region
    event["Records"][0]["cos"]["cosObject"]["url"] = f"http://x.cos.{region}.myqcloud.com.evil.example/a"
    assert changes(event)[2] == {}


def test_a_key_that_may_be_encoded_has_its_other_reading_beside_it() -> None:
    (change,), _, _ = changes(sample("key_encoded"))
    assert change.decoded == ObjectRef("cos", "photos-1250000000", "trip 2026/café 1+1.jpg")
    (change,), _, _ = changes(sample("put"))
    assert change.decoded is None


def test_a_record_delivered_again_has_the_same_id_and_another_object_of_one_request_another() -> None:
    first, second, third = sample("several_records")["Records"]
    (a, b, c), _, _ = changes({"Records": [first, second, third]})
    assert len({a.event_id, b.event_id, c.event_id}) == 3
    assert [one.event_id for one in changes({"Records": [third, first]})[0]] == [c.event_id, a.event_id]


def test_a_record_without_request_id_is_known_by_its_content() -> None:
    event = sample("without_optional_fields")
    (first,), _, _ = changes(event)
    assert changes(json.dumps(event))[0] == [first]
    event["Records"][0]["event"]["eventTime"] = 1
    assert changes(event)[0][0].event_id != first.event_id


def test_an_event_of_a_kind_not_known_yet_is_left_out() -> None:
    event = sample("put")
    event["Records"][0]["event"]["eventName"] = "cos:ObjectTagging:Put"
    assert changes(event) == ([], [], {})


@pytest.mark.story
def test_reading_an_event_loads_no_sdk() -> None:
    code = "import sys; from imagelabels.providers.tencent import events; print('qcloud_cos' in sys.modules)"
    shared = str(EVENTS.parents[1] / "shared")
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": shared}, capture_output=True, check=True)
    assert done.stdout.strip() == b"False"


def test_a_timer_hands_on_the_text_that_it_carries_and_nothing_else_of_its_event() -> None:
    carried = "oss://photos/2026/"
    assert message({"Message": carried, "triggerName": "timer"}) == carried
    assert message(json.dumps({"Message": carried}).encode()) == carried


@pytest.mark.parametrize("event", [b"", b"{}", {}, {"Message": ""}, {"Message": None}])
def test_an_event_that_carries_no_text_carries_an_empty_one(event: Any) -> None:
    assert message(event) == ""


@pytest.mark.parametrize(
    "event",
    [b"no JSON", b"oss://photos/", b"[" * 10_000, b"null", [], {"Message": 7}, {"Message": "x" * 5000}],
)
def test_a_timer_that_was_set_up_wrongly_does_not_work_on_all_buckets(event: Any) -> None:
    with pytest.raises(Misconfigured, match="this is no event of a timer"):
        message(event)
