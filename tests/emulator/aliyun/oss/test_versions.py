"""Buckets that keep versions, through the vendor's SDK: what is kept, listed, removed, tagged and copied."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from oss2.models import BatchDeleteObjectVersion, BatchDeleteObjectVersionList, BucketVersioningConfig, Tagging

from emulator.core.parts import Change
from tests.emulator.running import Running, refused, running_oss


def keep(bucket: Any, state: str = "Enabled") -> None:
    config = BucketVersioningConfig()
    config.status = state
    bucket.put_bucket_versioning(config)


@pytest.fixture
def kept(bucket: Any) -> Any:
    keep(bucket)
    return bucket


def put(bucket: Any, key: str, content: bytes) -> str:
    result = bucket.put_object(key, content)
    result.resp.read()  # The SDK leaves even an empty body unread, and the connection open with it.
    version: str = result.versionid
    return version


def removed(bucket: Any, key: str, version: str = "") -> Any:
    result = bucket.delete_object(key, params={"versionId": version} if version else None)
    result.resp.read()
    return result


def content(bucket: Any, key: str, version: str) -> bytes:
    read: bytes = bucket.get_object(key, params={"versionId": version}).read()
    return read


def listed(bucket: Any, **query: Any) -> list[tuple[str, str, bool]]:
    """Return keys, versions and whether each is the newest, read page by page, in the order of the store."""
    rows: list[tuple[str, str, bool]] = []
    query = {"max_keys": 1, **query}
    while True:
        page = bucket.list_object_versions(**query)
        rows += [(row.key, row.versionid, row.is_latest) for row in page.versions + page.delete_marker]
        rows += [(prefix, "", True) for prefix in page.common_prefix]
        if not page.is_truncated:
            return rows
        query |= {"key_marker": page.next_key_marker, "versionid_marker": page.next_versionid_marker}


def test_a_bucket_keeps_no_versions_until_it_is_told_to(bucket: Any) -> None:
    assert bucket.get_bucket_versioning().status is None
    assert bucket.put_object("a", b"1").versionid is None
    assert "x-oss-version-id" not in bucket.head_object("a").headers
    keep(bucket)
    assert bucket.get_bucket_versioning().status == bucket.get_bucket_info().versioning_status == "Enabled"
    assert bucket.head_object("a").headers["x-oss-version-id"] == "null"
    second = put(bucket, "a", b"2")
    assert (content(bucket, "a", "null"), content(bucket, "a", second)) == (b"1", b"2")
    keep(bucket, "Suspended")
    assert put(bucket, "a", b"3") == "null"
    assert listed(bucket) == [("a", "null", True), ("a", second, False)]
    assert content(bucket, "a", "null") == b"3"
    config = BucketVersioningConfig()
    config.status = "Off"
    assert refused(bucket.put_bucket_versioning, config).code == "MalformedXML"


def test_an_overwrite_keeps_what_was_there_with_its_own_tags(kept: Any) -> None:
    first, second = put(kept, "a", b"1"), put(kept, "a", b"2")
    tags = Tagging()
    tags.tag_set.add("who", "first")
    kept.put_object_tagging("a", tags, params={"versionId": first})
    assert kept.get_object_tagging("a").tag_set.tagging_rule == {}
    assert kept.get_object_tagging("a", params={"versionId": first}).tag_set.tagging_rule == {"who": "first"}
    kept.delete_object_tagging("a", params={"versionId": first})
    assert kept.get_object_tagging("a", params={"versionId": first}).tag_set.tagging_rule == {}
    assert kept.get_object("a").read() == b"2"
    assert kept.head_object("a").versionid == second
    assert kept.list_objects().object_list[0].size == 1
    assert refused(kept.get_object, "a", params={"versionId": "none"}).code == "NoSuchVersion"


def test_a_removal_hides_the_object_behind_a_marker(kept: Any, changes: list[Change]) -> None:
    first = put(kept, "a", b"1")
    gone = removed(kept, "a")
    assert (gone.delete_marker, gone.versionid not in ("", None, first)) == (True, True)
    error = refused(kept.get_object, "a")
    assert (error.status, error.code, error.headers["x-oss-delete-marker"]) == (404, "NoSuchKey", "true")
    assert error.headers["x-oss-version-id"] == gone.versionid
    assert refused(kept.get_object, "a", params={"versionId": gone.versionid}).status == 405
    assert content(kept, "a", first) == b"1"
    assert listed(kept) == [("a", gone.versionid, True), ("a", first, False)]
    assert kept.list_objects().object_list == []
    assert refused(kept.delete_bucket).code == "BucketNotEmpty"
    assert [change.event for change in changes] == ["ObjectCreated:PutObject", "ObjectRemoved:DeleteObject"]
    undone = removed(kept, "a", gone.versionid)
    assert (undone.delete_marker, undone.versionid) == (True, gone.versionid)
    assert kept.get_object("a").read() == b"1"
    assert listed(kept) == [("a", first, True)]


def test_a_version_is_removed_for_good_and_the_one_below_becomes_the_object(kept: Any, tmp_path: Path) -> None:
    first, second, third = (put(kept, "a", content) for content in (b"1", b"2", b"3"))
    removed(kept, "a", third)
    assert kept.get_object("a").read() == b"2"
    removed(kept, "a", first)
    assert listed(kept) == [("a", second, True)]
    removed(kept, "a", "none")
    removed(kept, "a", second)
    assert listed(kept) == []
    assert list((tmp_path / "objects").iterdir()) == []
    kept.delete_bucket()


def test_a_removal_while_versions_are_suspended_replaces_the_null_version(kept: Any, tmp_path: Path) -> None:
    first = put(kept, "a", b"1")
    keep(kept, "Suspended")
    put(kept, "a", b"2")
    for _ in range(2):
        gone = removed(kept, "a")
        assert (gone.delete_marker, gone.versionid) == (True, "null")
    assert listed(kept) == [("a", "null", True), ("a", first, False)]
    assert len(list((tmp_path / "objects").iterdir())) == 1


def test_versions_are_listed_by_key_and_then_from_the_newest(kept: Any) -> None:
    rows = {key: [put(kept, key, b"x") for _ in range(3)] for key in ("a", "b/1", "b/2", "图")}
    everything = [(key, version, version == ids[-1]) for key, ids in rows.items() for version in reversed(ids)]
    assert listed(kept) == listed(kept, max_keys=5) == listed(kept, max_keys=1000) == everything
    assert listed(kept, prefix="b/", max_keys=2) == everything[3:9]
    folded = [*everything[:3], ("b/", "", True), *everything[9:]]
    assert listed(kept, delimiter="/") == folded
    assert listed(kept, key_marker="a") == everything[3:]
    assert listed(kept, key_marker="a", versionid_marker=rows["a"][1]) == everything[2:]


def test_a_batch_removes_versions_and_says_which_markers_it_made(kept: Any) -> None:
    first, second = put(kept, "a", b"1"), put(kept, "a", b"2")
    put(kept, "b", b"1")
    marker = kept.batch_delete_objects(["b"]).delete_versions[0]
    assert (marker.key, marker.delete_marker, bool(marker.delete_marker_versionid)) == ("b", True, True)
    batch = BatchDeleteObjectVersionList()
    batch.append(BatchDeleteObjectVersion("a", first))
    batch.append(BatchDeleteObjectVersion("b", marker.delete_marker_versionid))
    done = kept.delete_object_versions(batch).delete_versions
    assert [(one.key, one.versionid, one.delete_marker) for one in done] == [
        ("a", first, False),
        ("b", marker.delete_marker_versionid, True),
    ]
    assert listed(kept)[0][:2] == ("a", second)
    assert kept.get_object("b").read() == b"1"


def test_a_version_is_copied_and_named_in_the_answer(kept: Any) -> None:
    first = put(kept, "a", b"1")
    put(kept, "a", b"2")
    copy = kept.copy_object("photos", "a", "a", params={"versionId": first})
    copy.resp.read()
    assert kept.get_object("a").read() == b"1"
    assert copy.headers["x-oss-copy-source-version-id"] == first
    assert kept.head_object("a").versionid == copy.versionid != first
    error = refused(kept.copy_object, "photos", "a", "b", params={"versionId": "none"})
    assert (error.status, error.code) == (404, "NoSuchVersion")
    marker = removed(kept, "a").versionid
    assert refused(kept.copy_object, "photos", "a", "b", params={"versionId": marker}).code == "InvalidArgument"


def test_a_bucket_with_versions_ignores_that_a_writer_forbids_to_overwrite(kept: Any) -> None:
    put(kept, "a", b"1")
    kept.put_object("a", b"2", headers={"x-oss-forbid-overwrite": "true"})
    assert kept.get_object("a").read() == b"2"


def test_versions_survive_a_restart_and_one_whose_bytes_were_lost_is_gone(tmp_path: Path) -> None:
    with running_oss(tmp_path) as oss:
        oss.store.create_bucket("photos")
        bucket = oss.bucket()
        keep(bucket)
        first, second = put(bucket, "a", b"1"), put(bucket, "a", b"2")
        bucket.put_object("b", b"1")
        marker = removed(bucket, "b").versionid
        current = oss.store.object("photos", "a")
        assert current is not None
    current.file.unlink()
    with running_oss(tmp_path) as oss:
        bucket = oss.bucket()
        assert bucket.get_bucket_versioning().status == "Enabled"
        assert bucket.get_object("a").read() == b"1"
        assert refused(bucket.get_object, "a", params={"versionId": second}).code == "NoSuchVersion"
        assert listed(bucket, prefix="a") == [("a", first, True)]
        assert listed(bucket, prefix="b")[0] == ("b", marker, True)


def test_a_folder_of_an_earlier_version_is_read(tmp_path: Path, oss: Running) -> None:
    old = tmp_path / "old"
    old.mkdir()
    db = sqlite3.connect(old / "store.sqlite")
    db.executescript(
        "CREATE TABLE bucket (name TEXT PRIMARY KEY, created REAL NOT NULL, storage_class TEXT NOT NULL,"
        " redundancy TEXT NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE object (bucket TEXT NOT NULL, key BLOB NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,"
        " etag TEXT NOT NULL, crc64 TEXT NOT NULL, modified INTEGER NOT NULL, storage_class TEXT NOT NULL,"
        " headers TEXT NOT NULL, tags TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;"
        "INSERT INTO bucket VALUES ('photos', 1.0, 'Standard', 'LRS');"
        "INSERT INTO object VALUES ('photos', x'61', 'f', 1, 'E', '0', 1, 'Standard', '{\"content-type\": \"x/y\"}',"
        " '{}');"
    )
    db.close()
    (old / "objects").mkdir()
    (old / "objects" / "f").write_bytes(b"1")
    with running_oss(old) as running:
        bucket = running.bucket()
        assert bucket.get_object("a").read() == b"1"
        keep(bucket)
        second = put(bucket, "a", b"2")
        assert listed(bucket) == [("a", second, True), ("a", "null", False)]


def test_the_short_facts_of_a_version_name_it(bucket: Any) -> None:
    keep(bucket)
    first = bucket.put_object("a", b"1").versionid
    second = bucket.put_object("a", b"2").versionid
    assert bucket.get_object_meta("a").versionid == second
    assert bucket.get_object_meta("a", params={"versionId": first}).versionid == first


def test_no_listing_takes_a_prefix_or_a_marker_longer_than_any_key(bucket: Any) -> None:
    for name in ("prefix", "key_marker", "versionid_marker", "delimiter"):
        assert refused(bucket.list_object_versions, **{name: 1025 * "a"}).code == "InvalidArgument"
    assert refused(bucket.list_objects, prefix=1025 * "a").code == "InvalidArgument"
    assert refused(bucket.list_objects_v2, start_after=1025 * "a").code == "InvalidArgument"
    assert bucket.list_objects(prefix=1024 * "a").object_list == []


def test_a_copy_of_a_version_without_an_id_is_refused(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    refusal = refused(bucket.copy_object, "photos", "a", "b", params={"versionId": ""})
    assert refusal.code == "InvalidArgument"
    assert not bucket.object_exists("b")
