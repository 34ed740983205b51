"""Listings of objects: order, pages, prefixes and encoding, and the listings of versions and of uploads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

KEYS = ["a", "b/1", "b/2", "c d+e%41&<.jpg", "图/片", "图/a\rb"]


@pytest.fixture
def full(client: Any) -> Any:
    for key in KEYS:
        client.put_object(COS_BUCKET, b"xyz", key)
    return client


def keys(page: dict[str, Any]) -> list[str]:
    return [one["Key"] for one in page.get("Contents", [])]


def prefixes(page: dict[str, Any]) -> list[str]:
    return [one["Prefix"] for one in page.get("CommonPrefixes", [])]


def test_any_key_comes_back_as_it_is_in_the_order_of_its_bytes(full: Any) -> None:
    page = full.list_objects(COS_BUCKET)
    assert keys(page) == sorted(KEYS, key=str.encode)
    first = page["Contents"][0]
    assert (first["Size"], first["StorageClass"], first["ETag"]) == (
        "3",
        "STANDARD",
        '"d16fb36f0911f878998c136191af705e"',
    )
    assert first["Owner"]["ID"] == "1250000000"
    assert (page["IsTruncated"], page["Name"], page["MaxKeys"]) == ("false", COS_BUCKET, "1000")
    assert "NextMarker" not in page


def test_pages_follow_each_other_by_their_marker_and_miss_nothing(full: Any) -> None:
    seen, marker = [], ""
    while True:
        page = full.list_objects(COS_BUCKET, Marker=marker, MaxKeys=1)
        seen += keys(page)
        if page["IsTruncated"] == "false":
            break
        marker = page["NextMarker"]
    assert seen == sorted(KEYS, key=str.encode)


def test_a_delimiter_shows_what_lies_below_it_as_one(full: Any) -> None:
    page = full.list_objects(COS_BUCKET, Delimiter="/")
    assert (keys(page), prefixes(page)) == (["a", "c d+e%41&<.jpg"], ["b/", "图/"])
    page = full.list_objects(COS_BUCKET, Delimiter="/", Prefix="b/")
    assert (keys(page), prefixes(page), page["Prefix"]) == (["b/1", "b/2"], [], "b/")


def test_groups_and_keys_share_the_limit_of_a_page(full: Any) -> None:
    first = full.list_objects(COS_BUCKET, Delimiter="/", MaxKeys=2)
    assert (keys(first), prefixes(first), first["NextMarker"]) == (["a"], ["b/"], "b/")
    second = full.list_objects(COS_BUCKET, Delimiter="/", MaxKeys=2, Marker=first["NextMarker"])
    assert (keys(second), prefixes(second), second["IsTruncated"]) == (["c d+e%41&<.jpg"], ["图/"], "false")


def test_who_asks_for_encoded_keys_gets_them_so(full: Any) -> None:
    page = full.list_objects(COS_BUCKET, EncodingType="url", Prefix="c")
    assert (keys(page), page["EncodingType"]) == (["c%20d%2Be%2541%26%3C.jpg"], "url")


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_refused(client: Any, limit: str) -> None:
    assert cos_refused(client.list_objects, COS_BUCKET, MaxKeys=limit) == (400, "InvalidArgument")


def test_a_limit_above_the_highest_counts_as_the_highest(client: Any) -> None:
    assert client.list_objects(COS_BUCKET, MaxKeys=5000)["MaxKeys"] == "1000"


def test_every_object_is_its_only_version(full: Any) -> None:
    page = full.list_objects_versions(COS_BUCKET, Prefix="b/", MaxKeys=1)
    (one,) = page["Version"]
    assert (one["Key"], one["VersionId"], one["IsLatest"]) == ("b/1", None, "true")
    assert page["IsTruncated"] == "true"
    page = full.list_objects_versions(COS_BUCKET, Prefix="b/", KeyMarker=page["NextKeyMarker"])
    assert [one["Key"] for one in page["Version"]] == ["b/2"]
    assert page["IsTruncated"] == "false"


def test_no_upload_in_parts_is_under_way(client: Any) -> None:
    page = client.list_multipart_uploads(COS_BUCKET)
    assert (page["IsTruncated"], "Upload" in page) == ("false", False)


def test_a_limit_of_thousands_of_digits_would_be_a_fault_of_the_emulator(cos: RunningCos) -> None:
    assert cos.ask_cos("GET", params={"max-keys": "9" * 5000})[0] == 200
    assert cos.ask_cos("GET", params={"max-keys": "0" * 5000})[0] == 400
