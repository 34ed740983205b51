"""Buckets: creating, deleting and listing them, their facts, and batch deletion."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import oss2
import pytest
from oss2.models import ReplicationRule

from emulator.core.parts import Change
from tests.emulator.running import Running, refused


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_bucket_is_created_described_and_deleted(oss: Running, version: str) -> None:
    bucket = oss.bucket("fresh", version)
    assert refused(bucket.get_bucket_info).code == "NoSuchBucket"
    bucket.create_bucket()
    info = bucket.get_bucket_info()
    assert (info.name, info.storage_class, info.data_redundancy_type) == ("fresh", "Standard", "LRS")
    assert (info.location, info.acl.grant, info.extranet_endpoint) == ("oss-cn-hangzhou", "private", oss.address)
    assert info.versioning_status is None
    assert info.bucket_encryption_rule.sse_algorithm is None
    assert (info.comment, info.access_monitor) == ("", "Disabled")
    assert info.owner.id == info.owner.display_name != ""
    assert bucket.get_bucket_location().location == "oss-cn-hangzhou"
    assert bucket.get_bucket_acl().acl == "private"
    assert bucket.delete_bucket().status == 204
    assert refused(bucket.delete_bucket).code == "NoSuchBucket"


def test_the_facts_of_a_bucket_would_deny_the_settings_that_it_has(oss: Running, bucket: Any) -> None:
    assert (facts(oss, "TransferAcceleration"), facts(oss, "CrossRegionReplication")) == ("Disabled", "Disabled")
    bucket.put_bucket_transfer_acceleration("true")
    bucket.put_bucket_replication(
        ReplicationRule("one", target_bucket_name="b", target_bucket_location="oss-cn-beijing")
    )
    assert (facts(oss, "TransferAcceleration"), facts(oss, "CrossRegionReplication")) == ("Enabled", "Enabled")
    bucket.put_bucket_transfer_acceleration("false")
    assert facts(oss, "TransferAcceleration") == "Disabled"


def facts(oss: Running, name: str) -> str | None:
    """Return what GetBucketInfo tells under this name."""
    return ElementTree.fromstring(oss.ask("GET", params={"bucketInfo": ""})[2]).findtext(f"Bucket/{name}")


def test_a_write_to_an_object_of_no_bucket_would_say_that_the_object_is_missing(oss: Running) -> None:
    bucket = oss.bucket("fresh")
    tags = oss2.models.Tagging()
    assert refused(bucket.put_object_acl, "a", "private").code == "NoSuchBucket"
    assert refused(bucket.put_object_tagging, "a", tags).code == "NoSuchBucket"
    assert refused(bucket.put_symlink, "b", "a").code == "NoSuchBucket"
    assert refused(bucket.copy_object, "fresh", "a", "b").code == "NoSuchBucket"


def test_creating_a_bucket_again_keeps_its_objects(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert bucket.create_bucket("private").status == 200
    assert bucket.get_object("a").read() == b"x"


def test_a_bucket_s_storage_class_is_its_objects_and_cannot_change(oss: Running) -> None:
    bucket = oss.bucket("rare")
    config = oss2.models.BucketCreateConfig("IA", "ZRS")
    bucket.create_bucket(input=config)
    bucket.put_object("a", b"x")
    assert bucket.head_object("a").headers["x-oss-storage-class"] == "IA"
    assert bucket.get_bucket_info().data_redundancy_type == "ZRS"
    assert bucket.create_bucket(input=config).status == 200
    error = refused(bucket.create_bucket)
    assert (error.status, error.code) == (409, "BucketAlreadyExists")


@pytest.mark.parametrize(("storage_class", "redundancy"), [("Attic", "LRS"), ("Standard", "XRS")])
def test_a_bucket_of_an_unknown_kind_is_refused(oss: Running, storage_class: str, redundancy: str) -> None:
    bucket = oss.bucket("fresh")
    error = refused(bucket.create_bucket, input=oss2.models.BucketCreateConfig(storage_class, redundancy))
    assert (error.status, error.code) == (400, "InvalidArgument")
    assert oss.store.bucket("fresh") is None


def test_a_bucket_name_that_oss_refuses_is_refused(oss: Running) -> None:
    for name in ("ab", "a_b", "UPPER"):
        client = oss.bucket()
        client.bucket_name = name
        error = refused(client.create_bucket)
        assert (error.status, error.code) == (400, "InvalidBucketName")


def test_a_bucket_with_objects_is_not_deleted(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    error = refused(bucket.delete_bucket)
    assert (error.status, error.code) == (409, "BucketNotEmpty")
    bucket.delete_object("a")
    assert bucket.delete_bucket().status == 204


def test_what_buckets_do_not_have_is_not_pretended(bucket: Any) -> None:
    error = refused(bucket.list_bucket_access_points)
    assert (error.status, error.code) == (501, "NotImplemented")
    assert bucket.get_bucket_info().name == "photos"


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_buckets_are_listed_by_prefix_and_in_pages(oss: Running, version: str) -> None:
    for name in ("alpha", "beta-1", "beta-2", "beta-3"):
        oss.store.create_bucket(name)
    service = oss.service(version)
    assert [one.name for one in service.list_buckets().buckets] == ["alpha", "beta-1", "beta-2", "beta-3", "photos"]
    page = service.list_buckets(prefix="beta", max_keys=2)
    assert [one.name for one in page.buckets] == ["beta-1", "beta-2"]
    assert (page.is_truncated, page.next_marker) == (True, "beta-2")
    assert page.buckets[0].extranet_endpoint == oss.address
    last = service.list_buckets(prefix="beta", marker=page.next_marker)
    assert [one.name for one in last.buckets] == ["beta-3"]
    assert last.is_truncated is False


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_page_of_buckets_has_a_limit(oss: Running, limit: int) -> None:
    assert refused(oss.service().list_buckets, max_keys=limit).code == "InvalidArgument"


@pytest.mark.parametrize("params", [{}, {"live": ""}, {"versions": ""}, {"list-type": "2"}])
@pytest.mark.parametrize("bucket_name", ["photos", ""])
def test_a_limit_of_thousands_of_digits_would_be_a_fault_of_the_emulator(
    oss: Running, params: dict[str, str], bucket_name: str
) -> None:
    asked = (params if bucket_name else {}) | {"max-keys": "9" * 5000}
    status, _, body = oss.ask("GET", bucket_name, params=asked)
    assert (status, ElementTree.fromstring(body).findtext("Code")) == (400, "InvalidArgument")


def test_what_a_tear_down_asks_for_is_answered(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert list(oss2.MultipartUploadIterator(bucket)) == []
    assert list(oss2.LiveChannelIterator(bucket)) == []
    versions = bucket.list_object_versions()
    assert [(one.key, one.versionid, one.is_latest, one.size) for one in versions.versions] == [("a", "null", True, 1)]
    assert versions.delete_marker == []


def test_batch_deletion_names_what_it_deleted_and_tells_of_what_there_was(
    bucket: Any, oss: Running, changes: list[Change]
) -> None:
    keys = ["a", "照/\x0c b.jpg", "<&>", "line\r\n"]
    for key in keys:
        bucket.put_object(key, b"x")
    del changes[:]
    assert bucket.batch_delete_objects([*keys, "nothing"]).deleted_keys == [*keys, "nothing"]
    assert [(change.event, change.key) for change in changes] == [("ObjectRemoved:DeleteObjects", key) for key in keys]
    assert oss.store.scan("photos", b"", b"", 9) == []


def test_a_batch_deletion_of_versions_that_are_not_there_removes_no_object(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    versions = oss2.models.BatchDeleteObjectVersionList([oss2.models.BatchDeleteObjectVersion("a", "A" * 32)])
    assert bucket.delete_object_versions(versions).delete_versions[0].versionid == "A" * 32
    assert bucket.object_exists("a")


def test_a_batch_deletion_with_an_id_that_no_version_has_removes_nothing_at_all(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    named = [oss2.models.BatchDeleteObjectVersion("a", version) for version in ("null", "234")]
    refusal = refused(bucket.delete_object_versions, oss2.models.BatchDeleteObjectVersionList(named))
    assert (refusal.status, refusal.code) == (400, "InvalidArgument")
    assert bucket.object_exists("a")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Delete><Quiet>true</Quiet></Delete>", "MalformedXML"),
        (b"<Other/>", "MalformedXML"),
        (b"<Delete><Object><Key>a</Key></Object><Object><Key>/a</Key></Object></Delete>", "InvalidObjectName"),
        (b"<Delete>" + b"<Object><Key>a</Key></Object>" * 1001 + b"</Delete>", "MalformedXML"),
    ],
    ids=range(4),
)
def test_a_batch_deletion_that_is_none_deletes_nothing(oss: Running, body: bytes, code: str) -> None:
    bucket = oss.bucket()
    bucket.put_object("a", b"x")
    status, answer = post_delete(oss, body)
    assert status == 400
    assert f"<Code>{code}</Code>".encode() in answer
    assert bucket.object_exists("a")


def test_a_quiet_batch_deletion_answers_nothing(oss: Running) -> None:
    bucket = oss.bucket()
    bucket.put_object("a", b"x")
    body = b"<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"
    assert post_delete(oss, body) == (200, b"")
    assert not bucket.object_exists("a")


def test_a_batch_deletion_with_a_wrong_digest_deletes_nothing(oss: Running) -> None:
    bucket = oss.bucket()
    bucket.put_object("a", b"x")
    body = b"<Delete><Object><Key>a</Key></Object></Delete>"
    status, answer = post_delete(oss, body, {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    assert (status, b"InvalidDigest" in answer) == (400, True)
    assert bucket.object_exists("a")


CONTROLS = [f"{chr(char)}k" for char in (*range(1, 32), 0x7F, 0xFFFE, 0xFFFF)]


@pytest.mark.parametrize("form", ["&#{:d};", "&#x{:x};", "&#x{:04X};", "{}"])
def test_keys_with_control_characters_are_deleted_in_whatever_form_they_come(oss: Running, form: str) -> None:
    bucket = oss.bucket()
    for key in CONTROLS:
        bucket.put_object(key, b"x")
    written = [form.format(ord(key[0]) if "#" in form else key[0]) + "k" for key in CONTROLS]
    body = "<Delete>" + "".join(f"<Object><Key>{key}</Key></Object>" for key in written) + "</Delete>"
    status, answer = post_delete(oss, body.encode())
    assert status == 200
    told = ElementTree.fromstring(answer)
    assert told.findtext("EncodingType") == "url"
    assert [unquote(key.text or "") for key in told.iter("Key")] == CONTROLS
    assert oss.store.scan("photos", b"", b"", 99) == []


def test_a_private_character_beside_a_control_character_stays_what_it_is(oss: Running) -> None:
    bucket = oss.bucket()
    keys = [f"\x01{char}" for char in ("\U000f0000", "\U000f001f", "\U0010fffd", "&#1;", "&amp;#1;")]
    for key in keys:
        bucket.put_object(key, b"x")
    assert bucket.batch_delete_objects(keys).deleted_keys == keys
    assert oss.store.scan("photos", b"", b"", 9) == []


def post_delete(oss: Running, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    request = oss2.http.Request("POST", oss.endpoint, params={"delete": ""}, headers=headers)
    oss.auth()._sign_request(request, "photos", "")
    kept = {name: value for name, value in request.headers.items() if value is not None}
    status, _, answer = oss.raw("POST", "/photos/?delete", kept, body)
    return status, answer


def test_a_bucket_has_neither_a_retention_policy_nor_a_metadata_index(oss: Running, bucket: Any) -> None:
    error = refused(bucket.get_bucket_worm)
    assert (error.status, error.code, error.ec) == (404, "NoSuchWORMConfiguration", "0027-00000009")
    status, _, body = oss.ask("GET", params={"objectWorm": ""})
    assert (status, b"NoSuchObjectWormConfiguration" in body) == (404, True)
    error = refused(bucket.get_bucket_meta_query_status)
    assert (error.status, error.code) == (404, "MetaQueryNotExist")


def test_a_bucket_that_is_not_there_has_no_settings(oss: Running) -> None:
    assert refused(oss.bucket("none").get_bucket_worm).code == "NoSuchBucket"


def test_buckets_are_listed_by_their_resource_group(oss: Running, bucket: Any) -> None:
    group = bucket.get_bucket_info().resource_group_id
    service = oss.service()
    (listed,) = service.list_buckets(headers={"x-oss-resource-group-id": group}).buckets
    assert (listed.name, listed.resource_group_id) == ("photos", group)
    assert service.list_buckets(headers={"x-oss-resource-group-id": "rg-other"}).buckets == []
    assert [bucket.name for bucket in service.list_buckets(params={"regionList": ""}).buckets] == ["photos"]


def test_buckets_are_listed_by_all_of_the_tags_that_are_asked_for(oss: Running, bucket: Any) -> None:
    tags = oss2.models.Tagging()
    tags.tag_set.tagging_rule.update({"env": "test", "team": "dev"})
    bucket.put_bucket_tagging(tags)
    oss.store.create_bucket("other")
    for asked, names in (('"env":"test","team":"dev"', ["photos"]), ('"env":"test","team":"ops"', [])):
        listed = oss.service().list_buckets(params={"tagging": asked}).buckets
        assert [found.name for found in listed] == names
    assert refused(oss.service().list_buckets, params={"tagging": "env=test"}).code == "InvalidArgument"


def test_there_is_no_cloud_box(oss: Running) -> None:
    status, _, body = oss.ask("GET", "", params={"cloudboxes": ""})
    assert (status, b"<CloudBoxes></CloudBoxes>" in body or b"<CloudBoxes/>" in body) == (200, True)
