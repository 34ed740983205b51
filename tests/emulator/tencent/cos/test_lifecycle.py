"""The lifecycle of objects on COS, through the vendor's SDK, on a clock that the tests move."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.core.parts import Change
from tests.emulator.aging import Days
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused, running_cos

NONE_DONE = {"removed": 0, "moved": 0, "aborted": 0}
CHINA = 16 * 3600
"""Midnight in China is so many seconds after midnight in UTC."""


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def cos(tmp_path: Path, changes: list[Change], days: Days) -> Iterator[RunningCos]:
    with running_cos(tmp_path, on_change=changes.append, clock=days.clock) as running:
        yield running


def keep_rules(client: Any, *rules: dict[str, Any]) -> None:
    named = [{"ID": str(number), "Status": "Enabled", "Filter": {}, **rule} for number, rule in enumerate(rules)]
    client.put_bucket_lifecycle(COS_BUCKET, {"Rule": named})


def put(client: Any, key: str, **more: str) -> None:
    client.put_object(COS_BUCKET, b"x", key, **more)


def keys(client: Any) -> list[str]:
    return [listed["Key"] for listed in client.list_objects(COS_BUCKET).get("Contents", [])]


def test_an_object_ends_at_midnight_in_china_and_no_event_tells_of_it(
    cos: RunningCos, client: Any, days: Days, changes: list[Change]
) -> None:
    keep_rules(client, {"Expiration": {"Days": 2}, "Filter": {"Prefix": "logs/"}})
    put(client, "logs/a")
    put(client, "a")
    due = days.due(2, CHINA)
    assert days.go_to(cos, due - 1) == NONE_DONE
    assert days.go_to(cos, due) == NONE_DONE | {"removed": 1}
    assert keys(client) == ["a"]
    assert [change.event for change in changes] == ["ObjectCreated:Put"] * 2


def test_a_filter_takes_a_prefix_a_tag_or_both(cos: RunningCos, client: Any, days: Days) -> None:
    one = {"Key": "k", "Value": "1"}
    keep_rules(
        client,
        {"Expiration": {"Days": 1}, "Filter": {"Tag": one}},
        {"Expiration": {"Days": 1}, "Filter": {"And": {"Prefix": "b/", "Tag": {"Key": "who", "Value": "me"}}}},
    )
    for key, tags in (("a/1", "k=1&z=2"), ("a/2", "k=2"), ("b/1", "who=me"), ("c/1", "who=me"), ("b/2", "")):
        put(client, key, **({"Tagging": tags} if tags else {}))
    assert days.later(cos, 2) == NONE_DONE | {"removed": 2}
    assert keys(client) == ["a/2", "b/2", "c/1"]


def test_an_object_becomes_colder_and_must_then_be_restored(cos: RunningCos, client: Any, days: Days) -> None:
    keep_rules(
        client,
        {
            "Transition": [{"Days": 1, "StorageClass": "STANDARD_IA"}, {"Days": 3, "StorageClass": "ARCHIVE"}],
            "Expiration": {"Days": 5},
        },
    )
    put(client, "a")
    assert days.later(cos, 2) == NONE_DONE | {"moved": 1}
    assert client.head_object(COS_BUCKET, "a")["x-cos-storage-class"] == "STANDARD_IA"
    days.later(cos, 2)
    assert cos_refused(client.get_object, COS_BUCKET, "a") == (403, "InvalidObjectState")
    client.restore_object(COS_BUCKET, "a", {"Days": 1, "CASJobParameters": {"Tier": "Expedited"}})
    days.go_to(cos, days.now + 10)
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == b"x"
    assert days.later(cos, 2) == NONE_DONE | {"removed": 1}


def test_an_object_may_be_moved_at_the_first_midnight(cos: RunningCos, client: Any, days: Days) -> None:
    keep_rules(client, {"Transition": {"Days": 0, "StorageClass": "ARCHIVE"}})
    put(client, "a")
    assert days.go_to(cos, days.due(0, CHINA)) == NONE_DONE | {"moved": 1}


def test_a_date_ends_all_objects_and_uploads_end_by_their_own_days(cos: RunningCos, client: Any, days: Days) -> None:
    keep_rules(
        client,
        {"Expiration": {"Date": "2100-01-01T00:00:00+08:00"}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
    )
    put(client, "a")
    client.create_multipart_upload(COS_BUCKET, "big")
    assert days.later(cos, 2) == NONE_DONE | {"aborted": 1}
    assert "Upload" not in client.list_multipart_uploads(COS_BUCKET)
    assert days.go_to(cos, 4102416000.0) == NONE_DONE | {"removed": 1}


def test_older_versions_end_and_then_the_marker_above_them(cos: RunningCos, client: Any, days: Days) -> None:
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    keep_rules(
        client,
        {
            "NoncurrentVersionExpiration": {"NoncurrentDays": 3},
            "NoncurrentVersionTransition": {"NoncurrentDays": 1, "StorageClass": "STANDARD_IA"},
            "Expiration": {"ExpiredObjectDeleteMarker": "true"},
        },
    )
    put(client, "a")
    client.delete_object(COS_BUCKET, "a")
    put(client, "b")
    assert days.later(cos, 2) == NONE_DONE | {"moved": 1}
    assert days.later(cos, 2) == NONE_DONE | {"removed": 1}
    assert "DeleteMarker" in client.list_objects_versions(COS_BUCKET)
    assert days.later(cos, 0) == NONE_DONE | {"removed": 1}
    assert "DeleteMarker" not in client.list_objects_versions(COS_BUCKET)
    assert keys(client) == ["b"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"Expiration": {"Days": 0}},
        {"Expiration": {"Days": 3651}},
        {"Expiration": {"Days": "x"}},
        {"Expiration": {"Date": "soon"}},
        {"Expiration": {"Date": "2026-01-01T00:00:00"}},
        {"Expiration": {"Days": 9}, "Transition": {"Date": "2026-01-01T00:00:00Z", "StorageClass": "ARCHIVE"}},
        {"Expiration": {"Days": 9}, "Transition": {"Days": 9, "StorageClass": "ARCHIVE"}},
        {"Transition": {"Days": 1, "StorageClass": "STANDARD"}},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 0}},
        {"NoncurrentVersionTransition": {"NoncurrentDays": 1, "StorageClass": "GLACIER"}},
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}},
        {"Expiration": {"Days": 1}, "ID": "x" * 256},
    ],
)
def test_a_rule_that_could_not_be_carried_out_is_refused(client: Any, wrong: dict[str, Any]) -> None:
    assert cos_refused(keep_rules, client, wrong) == (400, "InvalidArgument")


def test_two_rules_with_the_same_id_are_refused(client: Any) -> None:
    rule = {"ID": "same", "Expiration": {"Days": 1}}
    assert cos_refused(keep_rules, client, rule, rule) == (400, "InvalidArgument")
    assert cos_refused(client.put_bucket_lifecycle, COS_BUCKET, {"Rule": []})[1] == "MalformedXML"


@pytest.mark.parametrize("action", ["<Days>x</Days>", "<Days>1</Days><StorageClass>GLACIER</StorageClass>"])
def test_a_lifecycle_that_an_earlier_version_did_not_check_holds_up_no_other_bucket(
    cos: RunningCos, client: Any, days: Days, action: str
) -> None:
    other = "zz-1250000000"
    client.create_bucket(other)
    client.put_object(other, b"x", "a")
    rule = f"<Rule><Status>Enabled</Status><Filter/><Transition>{action}</Transition></Rule>"
    document = f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>"
    cos.store.settings.put(COS_BUCKET, "lifecycle", "", document)
    client.put_bucket_lifecycle(other, {"Rule": [{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]})
    put(client, "a")
    assert days.later(cos, 2) == NONE_DONE | {"removed": 1}
