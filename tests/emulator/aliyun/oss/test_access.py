"""ACLs of buckets and objects, and what they let people do who send no signature."""

from __future__ import annotations

from typing import Any

import pytest
from oss2.models import BucketWebsite

from tests.emulator.aliyun.oss.test_versions import keep, put
from tests.emulator.running import Running, refused


def unsigned(oss: Running, method: str, target: str, body: bytes | None = None) -> int:
    return oss.raw(method, f"/photos/{target}", body=body)[0]


def test_an_object_follows_its_bucket_until_it_has_an_acl_of_its_own(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert (unsigned(oss, "GET", "a"), unsigned(oss, "HEAD", "a")) == (403, 403)
    bucket.put_bucket_acl("public-read")
    assert bucket.get_bucket_acl().acl == bucket.get_bucket_info().acl.grant == "public-read"
    assert oss.raw("GET", "/photos/a")[2] == b"x"
    assert unsigned(oss, "HEAD", "a") == 200
    bucket.put_object_acl("a", "private")
    assert (unsigned(oss, "GET", "a"), bucket.get_object_acl("a").acl) == (403, "private")
    bucket.put_object_acl("a", "default")
    assert (unsigned(oss, "GET", "a"), bucket.get_object_acl("a").acl) == (200, "default")
    assert unsigned(oss, "GET", "none") == 404


def test_an_object_may_be_open_in_a_private_bucket(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read"})
    bucket.put_object("b", b"x")
    assert (unsigned(oss, "GET", "a"), unsigned(oss, "GET", "b")) == (200, 403)
    bucket.copy_object("photos", "a", "copy").resp.read()
    assert unsigned(oss, "GET", "copy") == 403
    upload = bucket.init_multipart_upload("parts", headers={"x-oss-object-acl": "public-read"}).upload_id
    bucket.upload_part("parts", upload, 1, b"x")
    bucket.complete_multipart_upload("parts", upload, None, headers={"x-oss-complete-all": "yes"}).resp.read()
    assert unsigned(oss, "GET", "parts") == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_key_that_is_not_utf_8_would_be_an_internal_error_for_who_sends_no_signature(
    oss: Running, client: Any, method: str
) -> None:
    assert unsigned(oss, method, "%ff") == 400
    client.put_bucket_website(BucketWebsite("index.html", "error.html"))
    assert [unsigned(oss, method, target) for target in ("%ff", "%ff/")] == [400, 400]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("PUT", "a"),
        ("DELETE", "a"),
        ("PUT", "new"),
        ("GET", "a?acl"),
        ("GET", "a?tagging"),
        ("GET", "a?response-content-type=text/html"),
        ("GET", "a?x-oss-process=image/info&response-content-type=text/html"),
        ("DELETE", "a?versionId=null"),
        ("GET", ""),
        ("PUT", "a?acl"),
        ("POST", "a?uploads"),
    ],
)
def test_what_is_open_for_reading_is_open_for_nothing_else(oss: Running, bucket: Any, method: str, target: str) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"x")
    assert unsigned(oss, method, target, b"y" if method == "PUT" else None) == 403
    assert bucket.get_object("a").read() == b"x"
    assert len(bucket.list_objects().object_list) == 1


def test_all_may_write_where_the_bucket_says_so_but_not_change_settings(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_acl("public-read-write")
    assert unsigned(oss, "PUT", "a", b"x") == 200
    assert unsigned(oss, "PUT", "a?acl") == unsigned(oss, "PUT", "a?tagging", b"<Tagging/>") == 403
    bucket.put_object_acl("a", "private")
    assert unsigned(oss, "DELETE", "a") == unsigned(oss, "PUT", "a", b"y") == 403
    bucket.put_object_acl("a", "default")
    assert unsigned(oss, "DELETE", "a") == 204


def test_a_wrong_signature_is_refused_where_none_is_needed(oss: Running, bucket: Any) -> None:
    bucket.put_bucket_acl("public-read")
    bucket.put_object("a", b"x")
    assert oss.raw("GET", "/photos/a", {"Authorization": "OSS emulator:wrong"})[0] == 403
    assert oss.raw("GET", "/photos/a?OSSAccessKeyId=emulator&Expires=1&Signature=x")[0] == 403
    url = bucket.sign_url("GET", "a", 60).replace("emulator", "stranger")
    assert oss.raw("GET", url.partition(oss.address)[2].replace("/a?", "/photos/a?"))[0] == 403


def test_an_acl_that_nobody_knows_is_refused(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert refused(bucket.put_object_acl, "a", "everybody").code == "InvalidArgument"
    assert refused(bucket.put_bucket_acl, "default").code == "InvalidArgument"
    assert refused(bucket.put_object, "b", b"x", headers={"x-oss-object-acl": "mine"}).code == "InvalidArgument"
    assert refused(oss.bucket("fresh").create_bucket, "mine").code == "InvalidArgument"
    assert oss.store.bucket("fresh") is None
    oss.bucket("fresh").create_bucket("public-read")
    assert oss.bucket("fresh").get_bucket_acl().acl == "public-read"


def test_a_version_is_read_by_anybody_if_its_own_acl_says_so_and_not_that_of_a_newer_one(
    oss: Running, bucket: Any
) -> None:
    keep(bucket)
    old, new = put(bucket, "a", b"old"), put(bucket, "a", b"new")
    assert unsigned(oss, "GET", f"a?versionId={old}") == 403
    bucket.put_object_acl("a", "public-read", params={"versionId": old})
    assert oss.raw("GET", f"/photos/a?versionId={old}")[2] == b"old"
    assert unsigned(oss, "HEAD", f"a?versionId={old}") == 200
    assert (unsigned(oss, "GET", "a"), unsigned(oss, "GET", f"a?versionId={new}")) == (403, 403)
    assert unsigned(oss, "DELETE", f"a?versionId={old}") == 403


def test_nobody_without_a_key_copies_a_private_object_to_where_all_may_write(oss: Running, bucket: Any) -> None:
    bucket.put_object("private", b"secret")
    bucket.put_object("a", b"x", headers={"x-oss-object-acl": "public-read-write"})
    headers = {"x-oss-copy-source": "/photos/private"}
    assert oss.raw("PUT", "/photos/a", headers)[0] == 403
    assert oss.raw("GET", "/photos/a")[2] == b"x"
    assert oss.raw("PUT", "/photos/a", body=b"y")[0] == 200
