"""ACLs of buckets and objects, and what they let people do who send no signature."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.drawn import encoded, halves
from tests.emulator.running import COS_BUCKET, RunningCos, cos_refused

OTHER = "other-1250000000"


def unsigned(cos: RunningCos, method: str, target: str, body: bytes | None = None) -> int:
    return cos.raw(method, f"/{target}", {"Host": cos.host()}, body)[0]


def test_an_object_follows_its_bucket_until_it_has_an_acl_of_its_own(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    assert unsigned(cos, "GET", "a") == 403
    client.put_bucket_acl(COS_BUCKET, ACL="public-read")
    grants = client.get_bucket_acl(COS_BUCKET)["AccessControlList"]["Grant"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL", "READ"]
    assert (unsigned(cos, "GET", "a"), unsigned(cos, "PUT", "a", b"y"), unsigned(cos, "GET", "a?acl")) == (
        200,
        403,
        403,
    )
    client.put_object_acl(COS_BUCKET, "a", ACL="private")
    assert (unsigned(cos, "GET", "a"), client.get_object_acl(COS_BUCKET, "a")["CannedACL"]) == (403, "private")
    client.put_object_acl(COS_BUCKET, "a", ACL="default")
    assert (unsigned(cos, "GET", "a"), client.get_object_acl(COS_BUCKET, "a")["CannedACL"]) == (200, "default")


def test_an_acl_is_read_back_in_the_form_in_which_it_was_told(cos: RunningCos, client: Any) -> None:
    client.put_bucket_acl(COS_BUCKET, ACL="public-read-write")
    policy = client.get_bucket_acl(COS_BUCKET)
    client.put_bucket_acl(COS_BUCKET, ACL="private")
    assert unsigned(cos, "PUT", "a", b"x") == 403
    client.put_bucket_acl(COS_BUCKET, AccessControlPolicy=policy)
    assert unsigned(cos, "PUT", "a", b"x") == 200
    client.put_object(COS_BUCKET, b"x", "b", ACL="public-read")
    opened = client.get_object_acl(COS_BUCKET, "b")
    client.put_object_acl(COS_BUCKET, "a", AccessControlPolicy={k: opened[k] for k in ("Owner", "AccessControlList")})
    assert client.get_object_acl(COS_BUCKET, "a")["CannedACL"] == "public-read"
    stranger = {"Grant": [{"Grantee": {"ID": "qcs::cam::uin/1:uin/1"}, "Permission": "READ"}]}
    refusal = cos_refused(client.put_object_acl, COS_BUCKET, "a", {**opened, "AccessControlList": stranger})
    assert refusal == (400, "InvalidArgument")


def test_everybody_may_be_named_as_the_vendors_command_line_tool_does(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a")
    owner = {"ID": client.get_object_acl(COS_BUCKET, "a")["Owner"]["ID"]}
    anyone = {"Grant": [{"Grantee": {"ID": "qcs::cam::anyone:anyone"}, "Permission": "READ"}]}
    client.put_object_acl(COS_BUCKET, "a", AccessControlPolicy={"Owner": owner, "AccessControlList": anyone})
    assert client.get_object_acl(COS_BUCKET, "a")["CannedACL"] == "public-read"
    assert unsigned(cos, "GET", "a") == 200


def test_a_bucket_may_be_open_from_its_beginning(cos: RunningCos, client: Any) -> None:
    client.create_bucket(OTHER, ACL="public-read")
    client.put_object(OTHER, b"x", "a")
    assert cos.raw("GET", "/a", {"Host": cos.host(OTHER)})[0] == 200
    assert cos_refused(client.create_bucket, "more-1250000000", ACL="mine") == (400, "InvalidArgument")


def test_nobody_without_a_signature_chooses_the_headers_of_an_answer(cos: RunningCos, client: Any) -> None:
    client.put_object(COS_BUCKET, b"x", "a", ACL="public-read")
    assert unsigned(cos, "GET", "a") == 200
    assert unsigned(cos, "GET", "a?response-content-type=text/html") == 403


def test_a_version_that_is_open_to_all_is_read_by_its_id(cos: RunningCos, client: Any) -> None:
    client.put_bucket_versioning(COS_BUCKET, "Enabled")
    client.put_object(COS_BUCKET, b"old", "a", ACL="public-read")
    old = client.head_object(COS_BUCKET, "a")["x-cos-version-id"]
    client.put_object(COS_BUCKET, b"new", "a")
    assert (unsigned(cos, "GET", f"a?versionId={old}"), unsigned(cos, "GET", "a")) == (200, 403)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-cos-copy-source": f"{COS_BUCKET}.cos.ap-guangzhou.myqcloud.com/private"},
        {"Pic-Operations": '{"rules": [{"fileid": "/private", "rule": "imageMogr2/rotate/90"}]}'},
        {"Pic-Operations": ""},
    ],
)
def test_nobody_without_a_key_reaches_another_object_by_a_write(
    cos: RunningCos, client: Any, headers: dict[str, str]
) -> None:
    client.put_object(COS_BUCKET, b"secret", "private")
    client.put_object(COS_BUCKET, b"x", "a", ACL="public-read-write")
    status, _, body = cos.raw("PUT", "/a", {"Host": cos.host(), **headers}, encoded(halves()))
    assert (status, b"<Code>AccessDenied</Code>" in body) == (403, True)
    assert client.get_object(COS_BUCKET, "a")["Body"].get_raw_stream().read() == b"x"
    assert client.get_object(COS_BUCKET, "private")["Body"].get_raw_stream().read() == b"secret"
    assert cos.raw("PUT", "/a", {"Host": cos.host()}, b"y")[0] == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_key_that_is_not_utf_8_would_be_an_internal_error_for_who_sends_no_signature(
    cos: RunningCos, method: str
) -> None:
    assert cos.raw(method, "/%ff", {"Host": cos.host()})[0] == 400


def test_a_version_that_is_not_utf_8_would_be_an_internal_error(cos: RunningCos, client: Any) -> None:
    client.put_bucket_acl(COS_BUCKET, ACL="public-read")
    client.put_object(COS_BUCKET, b"x", "a")
    assert unsigned(cos, "GET", "a?versionId=%ff") == 400
