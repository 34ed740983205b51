"""Buckets that keep versions, through the vendor's SDK: what is kept, listed, removed, tagged and copied."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.core.parts import Change
from tests.emulator.running import COS_BUCKET, cos_refused


@pytest.fixture
def kept(client: Any) -> Any:
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    return client


def put(client: Any, key: str, content: bytes) -> str:
    version: str = client.put_object(COS_BUCKET, content, key)["x-cos-version-id"]
    return version


def content(client: Any, key: str, **options: str) -> bytes:
    read: bytes = client.get_object(COS_BUCKET, key, **options)["Body"].get_raw_stream().read()
    return read


def test_a_bucket_keeps_no_versions_until_it_is_told_to(client: Any) -> None:
    assert client.get_bucket_versioning(COS_BUCKET) is None or "Status" not in client.get_bucket_versioning(COS_BUCKET)
    assert "x-cos-version-id" not in client.put_object(COS_BUCKET, b"1", "a")
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    assert client.get_bucket_versioning(COS_BUCKET) == {"Status": "Enabled"}
    second = put(client, "a", b"2")
    assert content(client, "a", VersionId="null") == b"1"
    client.put_bucket_versioning(COS_BUCKET, "Suspended")
    assert put(client, "a", b"3") == "null"
    assert content(client, "a", VersionId="null") == b"3"
    assert content(client, "a", VersionId=second) == b"2"


def test_a_removal_hides_the_object_behind_a_marker_and_has_an_event_of_its_own(
    kept: Any, changes: list[Change]
) -> None:
    first = put(kept, "a", b"1")
    gone = kept.delete_object(COS_BUCKET, "a")
    assert gone["x-cos-delete-marker"] == "true"
    assert cos_refused(kept.head_object, COS_BUCKET, "a")[0] == 404
    assert content(kept, "a", VersionId=first) == b"1"
    assert cos_refused(kept.get_object, COS_BUCKET, "a", VersionId=gone["x-cos-version-id"])[0] == 405
    events = [(change.event, change.version) for change in changes]
    assert events == [("ObjectCreated:Put", first), ("ObjectRemove:DeleteMarkerCreated", first)]
    kept.delete_object(COS_BUCKET, "a", VersionId=gone["x-cos-version-id"])
    assert content(kept, "a") == b"1"
    kept.delete_object(COS_BUCKET, "a", VersionId=first)
    assert cos_refused(kept.get_object, COS_BUCKET, "a", VersionId=first) == (404, "NoSuchVersion")
    assert changes[-1].event == "ObjectRemove:Delete"


def test_each_version_has_tags_of_its_own(kept: Any) -> None:
    first, second = put(kept, "a", b"1"), put(kept, "a", b"2")
    tags = {"TagSet": {"Tag": [{"Key": "who", "Value": "first"}]}}
    kept.put_object_tagging(COS_BUCKET, "a", tags, VersionId=first)
    assert kept.get_object_tagging(COS_BUCKET, "a", VersionId=first) == tags
    assert kept.get_object_tagging(COS_BUCKET, "a", VersionId=second) == {"TagSet": None}
    assert kept.get_object_tagging(COS_BUCKET, "a") == {"TagSet": None}


def test_versions_and_markers_are_listed_from_the_newest(kept: Any) -> None:
    first, second = put(kept, "a", b"1"), put(kept, "a", b"2")
    marker = kept.delete_object(COS_BUCKET, "a")["x-cos-version-id"]
    other = put(kept, "b", b"1")
    page = kept.list_objects_versions(COS_BUCKET)
    assert [(row["VersionId"], row["IsLatest"]) for row in page["Version"]] == [
        (second, "false"),
        (first, "false"),
        (other, "true"),
    ]
    assert [(row["VersionId"], row["IsLatest"]) for row in page["DeleteMarker"]] == [(marker, "true")]
    page = kept.list_objects_versions(COS_BUCKET, MaxKeys=2)
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextVersionIdMarker"]) == ("true", "a", second)
    rest = kept.list_objects_versions(COS_BUCKET, KeyMarker="a", VersionIdMarker=second)
    assert [row["VersionId"] for row in rest["Version"]] == [first, other]


def test_a_version_is_copied_and_a_batch_removes_versions(kept: Any) -> None:
    first, second = put(kept, "a", b"1"), put(kept, "a", b"2")
    source = {"Bucket": COS_BUCKET, "Key": "a", "Region": "ap-guangzhou", "VersionId": first}
    copied = kept.copy_object(COS_BUCKET, "copy", source)
    assert copied["x-cos-copy-source-version-id"] == first
    assert content(kept, "copy") == b"1"
    doomed = {"Object": [{"Key": "a", "VersionId": second}, {"Key": "copy"}], "Quiet": "false"}
    done = kept.delete_objects(COS_BUCKET, doomed)["Deleted"]
    assert done[0] == {"Key": "a", "VersionId": second}
    assert (done[1]["DeleteMarker"], content(kept, "a")) == ("true", b"1")
