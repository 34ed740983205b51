"""Object tags: which ones OSS accepts, and which ones it refuses."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from oss2.models import Tagging, TaggingRule

from emulator.core.parts import Change
from tests.emulator.running import Running, refused, sdk_clock


def tagging(tags: dict[str, str]) -> Any:
    made = Tagging(TaggingRule())
    made.tag_set.tagging_rule.update(tags)
    return made


def tags_of(bucket: Any, key: str = "a") -> dict[str, str]:
    return dict(bucket.get_object_tagging(key).tag_set.tagging_rule)


GOOD = {
    "label:dog": "mammal",
    "a b": "",
    "+-=._:/": "+-=._:/ ",
    "k" * 128: "v" * 256,
    "A9": "Z0",
}

BAD: list[tuple[dict[str, str], str]] = [
    ({"k" * 129: ""}, "0010-00000209"),
    ({"": "v"}, "0010-00000212"),
    ({"狗" * 43: "v"}, "0010-00000209"),
    ({"🐕": "v"}, "0010-00000212"),
    ({"k": "🐕"}, "0010-00000217"),
    ({"%": "v"}, "0010-00000212"),
    ({"k&": "v"}, "0010-00000212"),
    ({"k@": "v"}, "0010-00000212"),
    ({"k": "v%"}, "0010-00000217"),
    ({"k": "a\nb"}, "0010-00000217"),
    ({f"k{i}": "" for i in range(11)}, "0010-00000218"),
]


def test_tags_come_back_as_they_were_put(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert tags_of(bucket) == {}
    assert bucket.put_object_tagging("a", tagging(GOOD)).status == 200
    assert tags_of(bucket) == GOOD
    assert bucket.head_object("a").headers["x-oss-tagging-count"] == "5"
    assert bucket.get_object("a").headers["x-oss-tagging-count"] == "5"


def test_letters_of_any_script_are_taken_as_the_vendors_own_tests_expect(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-tagging": "%20%2B/%20=%E4%B8%AD%E6%96%87&%E4%B8%AD%E6%96%87=1"})
    assert tags_of(bucket) == {" +/ ": "中文", "中文": "1"}
    bucket.put_object_tagging("a", tagging({"狗": "é"}))
    assert tags_of(bucket) == {"狗": "é"}


def test_ten_tags_are_fine(bucket: Any) -> None:
    ten = {f"k{i}": "v" for i in range(10)}
    bucket.put_object("a", b"x")
    bucket.put_object_tagging("a", tagging(ten))
    assert tags_of(bucket) == ten


def test_a_put_replaces_all_tags(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-tagging": "old=1&both=1"})
    bucket.put_object_tagging("a", tagging({"both": "2"}))
    assert tags_of(bucket) == {"both": "2"}
    bucket.put_object_tagging("a", tagging({}))
    assert tags_of(bucket) == {}


def test_deleting_tags_leaves_the_object(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-tagging": "old=1"})
    assert bucket.delete_object_tagging("a").status == 204
    assert tags_of(bucket) == {}
    assert bucket.get_object("a").read() == b"x"
    assert "x-oss-tagging-count" not in bucket.head_object("a").headers


def test_tagging_is_no_event_and_changes_neither_date_nor_etag(
    bucket: Any, oss: Running, changes: list[Change]
) -> None:
    bucket.put_object("a", b"x")
    stored = oss.store.object("photos", "a")
    assert stored is not None
    before = bucket.head_object("a").headers
    del changes[:]
    bucket.put_object_tagging("a", tagging({"k": "v"}))
    bucket.delete_object_tagging("a")
    bucket.put_object_tagging("a", tagging({"k": "v"}))
    after = bucket.head_object("a").headers
    assert (after["Last-Modified"], after["ETag"]) == (before["Last-Modified"], before["ETag"])
    assert changes == []
    assert oss.store.path("photos", "a") == stored.file


@pytest.mark.parametrize(("tags", "ec"), BAD)
def test_a_tag_that_oss_refuses_is_refused_and_the_old_ones_stay(client: Any, tags: dict[str, str], ec: str) -> None:
    client.put_object("a", b"x", headers={"x-oss-tagging": "old=1"})
    error = refused(client.put_object_tagging, "a", tagging(tags))
    assert (error.status, error.ec) == (400, ec)
    assert error.code in ("InvalidTag", "InvalidTaggingKey")
    assert error.headers["x-oss-ec"] == ec
    assert tags_of(client) == {"old": "1"}


def test_a_value_of_257_bytes_is_refused(bucket: Any) -> None:
    bucket.put_object("a", b"x")
    assert refused(bucket.put_object_tagging, "a", tagging({"k": "v" * 257})).code == "InvalidTag"
    assert tags_of(bucket) == {}


@pytest.mark.parametrize(("tags", "ec"), BAD)
def test_the_same_tags_are_refused_in_the_header_and_nothing_is_stored(
    client: Any, oss: Running, tags: dict[str, str], ec: str
) -> None:
    header = "&".join(f"{quote(key)}={quote(value)}" for key, value in tags.items())
    error = refused(client.put_object, "a", b"x", headers={"x-oss-tagging": header})
    assert (error.status, error.ec) == (400, ec)
    assert oss.store.object("photos", "a") is None


def test_the_header_s_tags_are_decoded_and_may_lack_a_value(bucket: Any) -> None:
    bucket.put_object("a", b"x", headers={"x-oss-tagging": "a%20b=c%2Bd&flag&%2F=%3D"})
    assert tags_of(bucket) == {"a b": "c+d", "flag": "", "/": "="}


@pytest.mark.parametrize(("header", "ec"), [("aa=bb=cc", "0010-00000219"), ("k=%FF", "0010-00000216"), ("k=1&k=2", "")])
def test_a_header_that_is_no_list_of_tags_is_refused(client: Any, header: str, ec: str) -> None:
    error = refused(client.put_object, "a", b"x", headers={"x-oss-tagging": header})
    assert (error.status, error.code, error.ec) == (400, "InvalidTag", ec)


def test_a_key_twice_is_refused(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    twice = b"<Tagging><TagSet>" + b"<Tag><Key>k</Key><Value>v</Value></Tag>" * 2 + b"</TagSet></Tagging>"
    status, _, body = oss.raw("PUT", presigned(oss, bucket, "PUT"), body=twice)
    assert status == 400
    assert b"must be unique" in body


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"text",
        b"<Tagging>",
        b"<Tagging/>",
        b"<Other><TagSet/></Other>",
        b"<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>",
        b"<Tagging><TagSet><Other/></TagSet></Tagging>",
        b'<!DOCTYPE x [<!ENTITY y "z">]><Tagging><TagSet/></Tagging>',
        b"<Tagging><TagSet/></Tagging>" + b" " * (2 * 1024 * 1024),
    ],
    ids=range(9),
)
def test_a_body_that_is_no_tagging_is_malformed(oss: Running, client: Any, body: bytes) -> None:
    client.put_object("a", b"x", headers={"x-oss-tagging": "old=1"})
    status, _, answer = oss.raw("PUT", presigned(oss, client, "PUT"), body=body)
    assert status == 400
    assert b"<Code>MalformedXML</Code>" in answer
    assert tags_of(client) == {"old": "1"}


@pytest.mark.parametrize("operation", ["get_object_tagging", "delete_object_tagging"])
def test_tags_of_no_object_and_of_no_bucket(oss: Running, bucket: Any, operation: str) -> None:
    assert refused(getattr(bucket, operation), "nothing").code == "NoSuchKey"
    assert refused(bucket.put_object_tagging, "nothing", tagging({"k": "v"})).code == "NoSuchKey"
    assert refused(getattr(oss.bucket("nowhere"), operation), "a").code == "NoSuchBucket"
    assert oss.store.object("photos", "nothing") is None


def presigned(oss: Running, bucket: Any, method: str) -> str:
    return str(bucket.sign_url(method, "a", 60, params={"tagging": ""})).removeprefix(oss.endpoint)


def test_a_presigned_put_of_tags_works_until_it_expires_and_never_writes_the_object(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    target = presigned(oss, bucket, "PUT")
    body = b"<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
    assert oss.raw("PUT", target, body=body)[0] == 200
    assert tags_of(bucket) == {"k": "v"}
    with sdk_clock(-61):
        late = presigned(oss, bucket, "PUT")
    status, _, answer = oss.raw("PUT", late, body=b"<Tagging><TagSet/></Tagging>")
    assert status == 403
    assert b"Request has expired." in answer
    assert tags_of(bucket) == {"k": "v"}
    assert bucket.get_object("a").read() == b"x"


def test_a_presigned_put_of_tags_cannot_become_a_put_of_the_object(oss: Running, bucket: Any) -> None:
    bucket.put_object("a", b"x")
    target = presigned(oss, bucket, "PUT")
    for changed in (target.replace("tagging&", "").replace("tagging=&", ""), target.replace("tagging", "acl")):
        assert changed != target
        assert oss.raw("PUT", changed, body=b"theirs")[0] == 403
    assert bucket.get_object("a").read() == b"x"
