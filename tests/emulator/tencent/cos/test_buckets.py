"""Buckets: creating, listing, emptying and deleting them, and the host names that lead to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlencode

import pytest

from emulator.core.parts import Change
from tests.emulator.running import COS_BUCKET, COS_REGION, RunningCos, cos_refused

OTHER = "more-1250000000"


def test_a_bucket_is_made_shown_and_removed(client: Any) -> None:
    client.create_bucket(OTHER)
    assert client.bucket_exists(OTHER)
    assert client.head_bucket(OTHER)["x-cos-bucket-region"] == "ap-guangzhou"
    assert client.get_bucket_location(OTHER) == {"LocationConstraint": "ap-guangzhou"}
    listed = client.list_buckets()["Buckets"]["Bucket"]
    assert [(one["Name"], one["Location"]) for one in listed] == [(OTHER, "ap-guangzhou"), (COS_BUCKET, "ap-guangzhou")]
    client.delete_bucket(OTHER)
    assert not client.bucket_exists(OTHER)


def test_a_bucket_that_is_there_is_not_made_again(client: Any) -> None:
    assert cos_refused(client.create_bucket, COS_BUCKET) == (409, "BucketAlreadyOwnedByYou")


def test_a_bucket_with_objects_is_not_removed(client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    assert cos_refused(client.delete_bucket, COS_BUCKET) == (409, "BucketNotEmpty")


@pytest.mark.parametrize("operation", ["list_objects", "delete_bucket", "get_bucket_location"])
def test_a_bucket_that_is_not_there_is_an_error(client: Any, operation: str) -> None:
    assert cos_refused(getattr(client, operation), "none-1250000000") == (404, "NoSuchBucket")


def test_a_bucket_is_in_one_region_only(cos: RunningCos) -> None:
    assert cos_refused(cos.client(region="ap-beijing").list_objects, COS_BUCKET) == (404, "NoSuchBucket")


@pytest.mark.parametrize(
    ("call", "options"),
    [
        ("get_bucket_replication", {}),
    ],
)
def test_what_is_not_built_is_refused_by_name(client: Any, call: str, options: dict[str, str]) -> None:
    assert cos_refused(getattr(client, call), COS_BUCKET, **options) == (501, "NotImplemented")


def doomed(*keys: str, quiet: str = "false") -> dict[str, Any]:
    return {"Object": [{"Key": key} for key in keys], "Quiet": quiet}


def test_a_batch_removes_what_it_names_and_tells_of_each(client: Any, changes: list[Change]) -> None:
    for key in ("a", "图 <b>&", "c"):
        client.put_object(COS_BUCKET, b"x", key)
    answer = client.delete_objects(COS_BUCKET, doomed("a", "图 <b>&", "none"))
    assert [one["Key"] for one in answer["Deleted"]] == ["a", "图 <b>&", "none"]
    assert [one["Key"] for one in client.list_objects(COS_BUCKET)["Contents"]] == ["c"]
    assert [(one.event, one.key) for one in changes[3:]] == [
        ("ObjectRemove:Delete", "a"),
        ("ObjectRemove:Delete", "图 <b>&"),
    ]


def test_keys_with_control_characters_are_removed_and_told_so_that_the_sdk_reads_them(
    cos: RunningCos, client: Any
) -> None:
    keys = ["\x01k", "line\rbreak", "\uffff"]
    for key in keys:
        client.put_object(COS_BUCKET, b"x", key)
    answer = client.delete_objects(COS_BUCKET, doomed(*keys))
    assert answer["EncodingType"] == "url"
    assert [unquote(one["Key"]) for one in answer["Deleted"]] == keys
    assert cos.store.scan(COS_BUCKET, b"", b"", 9) == []


def test_a_quiet_batch_names_nothing(client: Any) -> None:
    assert "Deleted" not in (client.delete_objects(COS_BUCKET, doomed("a", quiet="true")) or {})


def test_a_batch_with_too_many_removes_nothing(client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    many = doomed("a", *(str(n) for n in range(1000)))
    assert cos_refused(client.delete_objects, COS_BUCKET, many) == (400, "MalformedXML")
    assert client.object_exists(COS_BUCKET, "a")


@pytest.mark.parametrize(
    "host",
    [
        "photos-1250000000.cos.ap-guangzhou.myqcloud.com.evil.example",
        "evil.example",
        "photos.cos.ap-guangzhou.myqcloud.com",
        "photos-1250000000.cos.ap-guangzhou.tencentcos.cn",
    ],
)
def test_another_host_name_is_not_answered_to(cos: RunningCos, host: str) -> None:
    assert cos.raw("GET", "/", {"Host": host})[0] == 403
    assert b"<Error>" not in cos.raw("GET", "/", {"Host": host})[2]


def test_both_clouds_are_behind_one_port_and_share_no_bucket(cos: RunningCos) -> None:
    assert [one.name for one in cos.service().list_buckets().buckets] == []
    assert cos.raw("GET", "/", {"Host": cos.host()})[1]["Server"] == "tencent-cos"


def test_a_bucket_has_neither_versions_nor_an_object_lock(client: Any) -> None:
    assert client.get_bucket_versioning(COS_BUCKET) == {"VersioningConfiguration": None}
    assert cos_refused(client.get_bucket_object_lock, COS_BUCKET) == (404, "ObjectLockConfigurationNotFoundError")


def ask_ci(cos: RunningCos, path: str = "/ai_bucket", **query: str) -> tuple[int, str]:
    host = {"Host": f"ci.{COS_REGION}.myqcloud.com"}
    target = f"{path}?{urlencode(query)}"
    status, _, body = cos.raw("GET", target, cos.signed_headers("GET", path, query, host))
    return status, body.decode()


def test_cloud_infinite_lists_the_buckets_whose_content_it_recognises(cos: RunningCos, client: Any) -> None:
    client.create_bucket(OTHER)
    status, listed = ask_ci(cos, regions=COS_REGION)
    assert status == 200
    assert all(f"<BucketId>{name}</BucketId>" in listed for name in (COS_BUCKET, OTHER))
    assert OTHER not in ask_ci(cos, bucketNames=COS_BUCKET)[1]
    assert "<TotalCount>0</TotalCount>" in ask_ci(cos, bucketNames="none-1250000000")[1]


def test_what_cloud_infinite_does_not_do_here_is_refused_by_name(cos: RunningCos) -> None:
    assert ask_ci(cos, "/mediabucket")[0] == 501
    assert ask_ci(cos, pageNumber="2")[0] == 501


def test_a_stranger_learns_nothing_from_cloud_infinite(cos: RunningCos) -> None:
    status, _, body = cos.raw("GET", "/ai_bucket", {"Host": f"ci.{COS_REGION}.myqcloud.com"})
    assert status == 403
    assert COS_BUCKET.encode() not in body
