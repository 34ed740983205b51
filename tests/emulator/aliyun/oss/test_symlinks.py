"""Symbolic links, through the vendor's SDK: what a read finds behind them, and what is their own."""

from __future__ import annotations

from typing import Any

import oss2
import pytest

from emulator.core.parts import Change
from tests.emulator.aliyun.oss.test_versions import keep, listed
from tests.emulator.running import Running, refused


def test_a_read_finds_the_bytes_of_the_target_and_the_headers_of_the_link(bucket: Any, changes: list[Change]) -> None:
    bucket.put_object("dir/目标", b"picture", headers={"Content-Type": "image/png", "x-oss-meta-who": "target"})
    bucket.put_symlink("dir/目标", "link", headers={"Content-Type": "text/x", "x-oss-meta-who": "link"}).resp.read()
    got = bucket.get_object("link")
    assert got.read() == b"picture"
    target = bucket.head_object("dir/目标")
    for answer in (got, bucket.head_object("link")):
        assert (answer.object_type, answer.content_length, answer.etag) == ("Symlink", 7, target.etag)
        assert (answer.headers["Content-Type"], answer.headers["x-oss-meta-who"]) == ("text/x", "link")
        assert answer.headers["x-oss-hash-crc64ecma"] == target.headers["x-oss-hash-crc64ecma"]
        assert "x-oss-symlink-target" not in answer.headers
    assert bucket.get_object("link", byte_range=(1, 2)).read() == b"ic"
    assert bucket.get_symlink("link").target_key == "dir/目标"
    rows = {row.key: (row.type, row.size) for row in bucket.list_objects().object_list}
    assert rows == {"dir/目标": ("Normal", 7), "link": ("Symlink", 0)}
    assert [(change.event, change.key) for change in changes][1:] == [("ObjectCreated:PutSymlink", "link")]


def test_a_link_follows_what_its_target_becomes(bucket: Any) -> None:
    bucket.put_symlink("a", "link").resp.read()
    for call in (bucket.get_object, bucket.head_object):
        error = refused(call, "link")
        assert error.status == 404
    assert refused(bucket.get_object, "link").code == "SymlinkTargetNotExist"
    bucket.put_object("a", b"1")
    assert bucket.get_object("link").read() == b"1"
    bucket.put_object("a", b"22")
    assert bucket.head_object("link").content_length == 2
    bucket.delete_object("a").resp.read()
    assert refused(bucket.get_object, "link").code == "SymlinkTargetNotExist"
    bucket.delete_object("link").resp.read()
    assert refused(bucket.get_symlink, "link").code == "NoSuchKey"


def test_a_link_to_a_link_leads_nowhere(bucket: Any) -> None:
    bucket.put_object("a", b"1")
    bucket.put_symlink("a", "link").resp.read()
    bucket.put_symlink("link", "second").resp.read()
    bucket.put_symlink("self", "self").resp.read()
    for key in ("second", "self"):
        error = refused(bucket.get_object, key)
        assert (error.status, error.code) == (400, "InvalidTargetType")
    assert bucket.get_symlink("second").target_key == "link"


def test_a_target_must_be_named_and_be_a_key(oss: Running, bucket: Any) -> None:
    assert refused(bucket.put_symlink, "", "link").code == "InvalidArgument"
    assert refused(bucket.put_symlink, "/a", "link").code == "InvalidObjectName"
    assert refused(bucket.put_symlink, "k" * 1024, "link").code == "InvalidObjectName"
    bucket.put_object("a", b"1")
    assert refused(bucket.get_symlink, "a").code == "NotSymlink"
    assert refused(bucket.put_symlink, "b", "a", headers={"x-oss-forbid-overwrite": "true"}).code == "FileAlreadyExists"
    bucket.put_symlink("b", "a").resp.read()
    assert bucket.get_symlink("a").target_key == "b"
    assert len(list(oss.store.path("photos", "a").parent.iterdir())) == 1


def test_an_upload_that_names_a_target_is_no_plain_upload(bucket: Any) -> None:
    error = refused(bucket.put_object, "link", b"", headers={"x-oss-symlink-target": "a"})
    assert (error.status, "x-oss-symlink-target without ?symlink" in error.message) == (501, True)
    assert not bucket.object_exists("link")


def test_conditions_look_at_the_target(bucket: Any) -> None:
    etag = bucket.put_object("a", b"1").etag
    bucket.put_symlink("a", "link").resp.read()
    assert refused(bucket.get_object, "link", headers={"If-None-Match": etag}).status == 304
    assert refused(bucket.get_object, "link", headers={"If-Match": "other"}).status == 412


def test_the_link_and_its_target_must_both_be_open_to_all(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"1")
    bucket.put_symlink("a", "link", headers={"x-oss-object-acl": "public-read"}).resp.read()
    assert oss.raw("GET", "/photos/link")[0] == 403
    bucket.put_object_acl("a", "public-read")
    assert oss.raw("GET", "/photos/link")[0] == 200
    bucket.put_object_acl("link", "private")
    assert oss.raw("GET", "/photos/link")[0] == 403
    assert oss.raw("GET", "/photos/a")[0] == 200


def test_tags_are_those_of_the_link(bucket: Any) -> None:
    bucket.put_object("a", b"1", headers={"x-oss-tagging": "k=target"})
    bucket.put_symlink("a", "link", headers={"x-oss-tagging": "k=link"}).resp.read()
    assert bucket.get_object_tagging("link").tag_set.tagging_rule == {"k": "link"}
    tags = oss2.models.Tagging()
    tags.tag_set.add("k", "new")
    bucket.put_object_tagging("link", tags)
    assert bucket.get_object_tagging("a").tag_set.tagging_rule == {"k": "target"}
    assert bucket.get_object("link").read() == b"1"


@pytest.mark.parametrize("directive", ["COPY", "REPLACE"])
def test_the_copy_of_a_link_is_a_link(bucket: Any, directive: str) -> None:
    bucket.put_object("a", b"1")
    bucket.put_symlink("a", "link").resp.read()
    bucket.copy_object("photos", "link", "copy", headers={"x-oss-metadata-directive": directive}).resp.read()
    assert bucket.get_symlink("copy").target_key == "a"
    assert bucket.get_object("copy").read() == b"1"


def test_every_version_of_a_link_has_a_target_of_its_own(bucket: Any) -> None:
    keep(bucket)
    bucket.put_object("a", b"1").resp.read()
    bucket.put_object("b", b"2").resp.read()
    first, second = (bucket.put_symlink(target, "link") for target in ("a", "b"))
    versions = [result.headers["x-oss-version-id"] for result in (first, second)]
    assert bucket.get_object("link").read() == b"2"
    assert bucket.get_object("link", params={"versionId": versions[0]}).read() == b"1"
    assert bucket.get_symlink("link", params={"versionId": versions[0]}).target_key == "a"
    assert bucket.head_object("link").versionid == versions[1]
    assert [row[1] for row in listed(bucket, prefix="link")] == [versions[1], versions[0]]
    bucket.delete_object("link").resp.read()
    error = refused(bucket.get_symlink, "link")
    assert (error.status, error.headers["x-oss-delete-marker"]) == (404, "true")


def test_the_labels_of_a_link_are_those_of_its_target(bucket: Any) -> None:
    bucket.put_symlink("a", "link").resp.read()
    assert refused(bucket.get_object, "link", process="image/labels").code == "SymlinkTargetNotExist"
    bucket.put_object("a", b"1", headers={"x-oss-storage-class": "Archive"})
    assert refused(bucket.get_object, "link").code == "InvalidObjectState"


def test_a_link_is_removed_with_the_parameter_that_names_links_too(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    bucket.put_symlink("a", "link")
    assert bucket.delete_object("link", params={"symlink": ""}).status == 204
    assert not bucket.object_exists("link")
    assert bucket.get_object("a").read() == b"x"
