"""The rules of replication, by which nothing is copied, and buckets of other regions."""

from __future__ import annotations

from typing import Any

import oss2
from oss2.models import ReplicationRule

from tests.emulator.running import Running, refused

BEIJING = "oss-cn-beijing.aliyuncs.com"


def rule(number: str = "one", target: str = "copies", **options: Any) -> ReplicationRule:
    return ReplicationRule(
        rule_id=number, target_bucket_name=target, target_bucket_location="oss-cn-beijing", **options
    )


def test_a_rule_is_read_back_with_what_the_service_adds(bucket: Any) -> None:
    assert refused(bucket.get_bucket_replication).code == "NoSuchReplicationConfiguration"
    bucket.put_bucket_replication(rule("", prefix_list=["a", "b"]))
    (kept,) = bucket.get_bucket_replication().rule_list
    assert kept.rule_id
    assert (kept.status, kept.action_list, sorted(kept.prefix_list)) == ("starting", ["ALL"], ["a", "b"])
    assert kept.is_enable_historical_object_replication is True


def test_a_rule_never_gets_further_because_nothing_is_copied(oss: Running, bucket: Any) -> None:
    oss.store.create_bucket("copies")
    bucket.put_bucket_replication(rule())
    bucket.put_object("a", b"x")
    progress = bucket.get_bucket_replication_progress("one").progress
    assert (progress.status, progress.historical_object_progress) == ("starting", 0)
    assert not oss.bucket("copies").object_exists("a")


def test_a_bucket_has_one_rule_for_each_other_bucket(bucket: Any) -> None:
    bucket.put_bucket_replication(rule())
    assert refused(bucket.put_bucket_replication, rule("two")).code == "BucketReplicationAlreadyExist"
    bucket.put_bucket_replication(rule("three", "archive"))
    bucket.delete_bucket_replication("one")
    states = {kept.rule_id: kept.status for kept in bucket.get_bucket_replication().rule_list}
    assert states == {"one": "closing", "three": "starting"}
    bucket.put_bucket_replication(rule("two"))
    assert {kept.rule_id for kept in bucket.get_bucket_replication().rule_list} == {"two", "three"}


def test_a_rule_that_is_not_there_is_named_so(bucket: Any) -> None:
    assert refused(bucket.get_bucket_replication_progress, "one").code == "NoSuchReplicationRule"
    assert refused(bucket.delete_bucket_replication, "one").code == "NoSuchReplicationRule"


def test_what_is_for_encrypted_objects_needs_a_role_to_read_them(bucket: Any) -> None:
    bucket.put_bucket_replication(rule(replica_kms_keyid="key", sse_kms_encrypted_objects_status="Enabled"))
    bucket.put_bucket_replication(
        rule("two", "more", sync_role_name="r", replica_kms_keyid="key", sse_kms_encrypted_objects_status="Enabled")
    )
    keys = {kept.rule_id: kept.replica_kms_keyid for kept in bucket.get_bucket_replication().rule_list}
    assert keys == {"one": None, "two": "key"}


def test_every_other_region_can_be_copied_to(bucket: Any) -> None:
    locations = bucket.get_bucket_replication_location().location_list
    assert "oss-cn-beijing" in locations
    assert "oss-cn-hangzhou" not in locations


def ask(oss: Running, method: str, host: str, target: str, **headers: str) -> tuple[int, bytes]:
    """Send a request to the host name of a region, with the signature that such a request has."""
    bucket = host.partition(".oss-")[0] if ".oss-" in host else ""
    request = oss2.http.Request(method, oss.endpoint, headers=headers, region="cn-beijing", product="oss")
    oss.auth("v4")._sign_request(request, bucket, target.lstrip("/"))
    sent = {name: value for name, value in request.headers.items() if value is not None}
    status, _, body = oss.raw(method, target, sent | {"Host": host})
    return status, body


def test_a_bucket_is_in_the_region_at_whose_name_it_was_created(oss: Running) -> None:
    assert ask(oss, "PUT", f"north.{BEIJING}", "/")[0] == 200
    assert oss.bucket("north").get_bucket_info().location == "oss-cn-beijing"
    assert ask(oss, "PUT", f"north.{BEIJING}", "/a", **{"x-oss-meta-a": "1"})[0] == 200
    status, body = ask(oss, "GET", f"photos.{BEIJING}", "/")
    assert (status, b"<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint>" in body) == (403, True)
    listed = {bucket.name: bucket.location for bucket in oss.service().list_buckets().buckets}
    assert listed == {"north": "oss-cn-beijing", "photos": "oss-cn-hangzhou"}


def test_no_object_is_copied_from_a_bucket_of_another_region(oss: Running) -> None:
    ask(oss, "PUT", f"north.{BEIJING}", "/")
    ask(oss, "PUT", f"north.{BEIJING}", "/a")
    assert refused(oss.bucket().copy_object, "north", "a", "b").code == "InvalidRequest"


def test_no_bucket_is_created_in_a_region_that_there_is_not(oss: Running) -> None:
    assert ask(oss, "PUT", "north.oss-the-moon.aliyuncs.com", "/")[0] in (400, 403)
    assert oss.store.bucket("north") is None
