"""Listings of objects in version 1 and 2: order, pages, prefixes, delimiters and encoding."""

from __future__ import annotations

from typing import Any

import oss2
import pytest

from emulator.objectstore.stored import Stored
from tests.emulator.running import Running, refused

KEYS = ["a", "dir/", "dir/1", "dir/2", "dir/sub/1", "dir/sub/2", "dir0", "z1", "z2", "é", "照/1", "\U0001f600"]


@pytest.fixture
def full(client: Any) -> Any:
    for key in reversed(KEYS):
        client.put_object(key, b"x")
    return client


def names(result: Any) -> tuple[list[str], list[str]]:
    return [found.key for found in result.object_list], result.prefix_list


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_keys_come_in_the_order_of_their_bytes(full: Any, oss: Running, version: str) -> None:
    bucket = oss.bucket(version=version)
    assert names(bucket.list_objects_v2()) == (KEYS, [])
    assert names(bucket.list_objects()) == (KEYS, [])
    assert [found.key for found in oss2.ObjectIteratorV2(bucket, max_keys=5)] == KEYS


def test_an_empty_bucket_lists_nothing(bucket: Any) -> None:
    result = bucket.list_objects_v2()
    assert names(result) == ([], [])
    assert (result.is_truncated, result.next_continuation_token) == (False, "")


@pytest.mark.parametrize(
    ("prefix", "delimiter", "keys", "prefixes"),
    [
        ("dir/", "", ["dir/", "dir/1", "dir/2", "dir/sub/1", "dir/sub/2"], []),
        ("dir/", "/", ["dir/", "dir/1", "dir/2"], ["dir/sub/"]),
        ("", "/", ["a", "dir0", "z1", "z2", "é", "\U0001f600"], ["dir/", "照/"]),
        ("dir/s", "/", [], ["dir/sub/"]),
        ("dir/sub/", "/", ["dir/sub/1", "dir/sub/2"], []),
        ("", "ub/", ["a", "dir/", "dir/1", "dir/2", "dir0", "z1", "z2", "é", "照/1", "\U0001f600"], ["dir/sub/"]),
        ("照", "", ["照/1"], []),
        ("none", "/", [], []),
    ],
)
def test_prefix_and_delimiter(full: Any, prefix: str, delimiter: str, keys: list[str], prefixes: list[str]) -> None:
    assert names(full.list_objects_v2(prefix=prefix, delimiter=delimiter)) == (keys, prefixes)
    assert names(full.list_objects(prefix=prefix, delimiter=delimiter)) == (keys, prefixes)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 12, 13])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_together_are_the_whole_list_once(full: Any, size: int, delimiter: str) -> None:
    whole = full.list_objects_v2(delimiter=delimiter)
    expected = sorted([found.key for found in whole.object_list] + whole.prefix_list, key=str.encode)
    for iterator in (
        oss2.ObjectIteratorV2(full, delimiter=delimiter, max_keys=size),
        oss2.ObjectIterator(full, delimiter=delimiter, max_keys=size),
    ):
        assert [found.key for found in iterator] == expected


def test_a_page_that_ends_with_the_last_key_is_not_truncated(full: Any) -> None:
    assert full.list_objects_v2(max_keys=len(KEYS)).is_truncated is False
    assert full.list_objects_v2(max_keys=len(KEYS) - 1).is_truncated is True
    last = full.list_objects_v2(delimiter="/", prefix="照", max_keys=1)
    assert (names(last), last.is_truncated) == (([], ["照/"]), False)


def test_a_list_can_start_behind_a_key_that_need_not_exist(full: Any) -> None:
    assert names(full.list_objects_v2(start_after="dir/2"))[0] == KEYS[4:]
    assert names(full.list_objects_v2(start_after="dir/11"))[0] == KEYS[3:]
    assert names(full.list_objects(marker="z"))[0] == KEYS[7:]
    assert names(full.list_objects_v2(start_after="dir/1", delimiter="/"))[1] == ["dir/", "照/"]
    assert names(full.list_objects_v2(start_after="dir/", delimiter="/"))[1] == ["照/"]


def test_what_a_list_says_of_an_object_is_what_head_says(bucket: Any) -> None:
    bucket.put_object("a", b"0123456789", headers={"x-oss-storage-class": "IA"})
    head, found = bucket.head_object("a"), bucket.list_objects_v2().object_list[0]
    assert (found.etag, found.size, found.last_modified) == (head.etag, 10, head.last_modified)
    assert (found.type, found.storage_class, found.owner) == ("Normal", "IA", None)


def test_the_owner_is_named_when_asked_for(full: Any) -> None:
    assert full.list_objects_v2(fetch_owner=True).object_list[0].owner.id
    assert full.list_objects().object_list[0].owner.id


@pytest.mark.parametrize("token", ["err-token", "abcd", "a2E=====", "/w=="])
def test_a_token_that_is_not_ours_is_refused(full: Any, token: str) -> None:
    error = refused(full.list_objects_v2, continuation_token=token)
    assert (error.status, error.code) == (400, "InvalidArgument")


@pytest.mark.parametrize("size", [0, -1, 1001, "ten"])
def test_a_page_has_a_limit(full: Any, size: object) -> None:
    assert refused(full.list_objects_v2, max_keys=size).code == "InvalidArgument"
    assert refused(full.list_objects, max_keys=size).code == "InvalidArgument"


def test_only_the_known_encoding_and_version_are_taken(full: Any, oss: Running) -> None:
    assert refused(full.list_objects_v2, encoding_type="base64").code == "InvalidArgument"
    request = oss2.http.Request("GET", oss.endpoint, params={"list-type": "3"})
    oss.auth()._sign_request(request, "photos", "")
    kept = {name: value for name, value in request.headers.items() if value is not None}
    assert oss.raw("GET", "/photos/?list-type=3", kept)[0] == 400


def test_without_encoding_the_keys_are_plain_xml(bucket: Any) -> None:
    bucket.put_object("<照 &>/a\r\nb", b"x")
    result = bucket.list_objects_v2(encoding_type="")
    assert names(result)[0] == ["<照 &>/a\r\nb"]


def test_many_keys_under_one_prefix_are_one_entry(oss: Running) -> None:
    bucket = oss.bucket()
    for number in range(250):
        file = oss.store.new_file()
        file.write_bytes(b"")
        oss.store.put(Stored("photos", f"many/{number:04}", file, 0, "E", "0", 0, "Standard"))
    bucket.put_object("zz", b"x")
    assert names(bucket.list_objects_v2(delimiter="/", max_keys=2)) == (["zz"], ["many/"])
    assert len(list(oss2.ObjectIteratorV2(bucket, prefix="many/", max_keys=100))) == 250


def test_versions_are_paged_too(full: Any) -> None:
    first = full.list_object_versions(max_keys=5)
    assert [one.key for one in first.versions] == KEYS[:5]
    assert (first.is_truncated, first.next_key_marker) == (True, KEYS[4])
    rest = full.list_object_versions(key_marker=first.next_key_marker, versionid_marker=first.next_versionid_marker)
    assert [one.key for one in rest.versions] == KEYS[5:]


def test_lists_of_no_bucket(oss: Running) -> None:
    nowhere = oss.bucket("nowhere")
    for name in ("list_objects", "list_objects_v2", "list_object_versions", "list_multipart_uploads"):
        assert refused(getattr(nowhere, name)).code == "NoSuchBucket"
