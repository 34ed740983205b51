"""Objects in OSS: what is seen, read and listed."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Look, ObjectRef
from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.providers.aliyun.conftest import Make
from tests.providers.aliyun.scripted import HEAD, HEADERS, REF, error, head, tagging
from tests.scripted import DATE, Answer, Server, ranged

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


def test_head_shows_everything_that_tells_one_object_from_another(server: Server, objects: OssObjects) -> None:
    server.will(Answer(headers=HEADERS))
    assert objects.head(REF) == Look(DATE, HEAD)
    asked = server.asked[0]
    assert (asked.method, unquote(asked.path)) == ("HEAD", f"/examplebucket/{REF.key}")
    assert asked.headers["authorization"].startswith("OSS4-HMAC-SHA256 Credential=STS.keyid/")
    assert "/cn-hangzhou/oss/aliyun_v4_request" in asked.headers["authorization"]


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket", "SymlinkTargetNotExist", ""])
def test_a_missing_object_or_bucket_still_tells_the_stores_time(server: Server, objects: OssObjects, code: str) -> None:
    server.will(error(404, code))
    assert objects.head(REF) == Look(DATE, None)


def test_a_version_that_is_a_delete_marker_is_no_object(server: Server, objects: OssObjects) -> None:
    server.will(error(405, "MethodNotAllowed"))
    assert objects.head(ObjectRef("oss", "examplebucket", "a.jpg", "CAEQ")) == Look(DATE, None)
    assert server.asked[0].query["versionId"] == ["CAEQ"]


@pytest.mark.parametrize("version", ["CAEQNhiBgMDJgZCA0BYiIDc4MGZjZGI2OTBjOTRmNTE5NmU5NmFhZjhjYmY0MTFi", "null"])
def test_a_version_id_that_the_store_shows_is_kept_as_it_is(server: Server, objects: OssObjects, version: str) -> None:
    server.will(Answer(headers=HEADERS | {"x-oss-version-id": version}))
    head = objects.head(REF).head
    assert head is not None
    assert head.version == version


@pytest.mark.parametrize(
    ("storage", "restore", "archived"),
    [
        ("Standard", "", False),
        ("IA", "", False),
        ("Archive", "", True),
        ("ColdArchive", "", True),
        ("DeepColdArchive", "", True),
        ("Archive", 'ongoing-request="true"', True),
        ("Archive", 'ongoing-request="false", expiry-date="Sun, 16 Apr 2017 08:12:33 GMT"', False),
    ],
)
def test_only_bytes_that_cannot_be_read_without_restoring_are_archived(
    server: Server, objects: OssObjects, storage: str, restore: str, archived: bool
) -> None:
    more = {"x-oss-storage-class": storage} | ({"x-oss-restore": restore} if restore else {})
    server.will(Answer(headers=HEADERS | more))
    head = objects.head(REF).head
    assert head is not None
    assert head.archived is archived


def test_a_link_is_seen_as_a_link(server: Server, objects: OssObjects) -> None:
    server.will(Answer(headers=HEADERS | {"x-oss-object-type": "Symlink"}))
    head = objects.head(REF).head
    assert head is not None
    assert head.symlink


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_a_head_that_misses_a_header_is_the_stores_fault_and_no_crash(
    server: Server, objects: OssObjects, name: str
) -> None:
    server.will(Answer(headers={key: value for key, value in HEADERS.items() if key != name}))
    with pytest.raises(Unavailable) as caught:
        objects.head(REF)
    assert caught.value.reason == "store_error"


def test_a_head_without_date_is_not_taken_for_one_at_the_epoch(server: Server, objects: OssObjects) -> None:
    server.will(Answer(headers=HEADERS, date=None))
    with pytest.raises(Unavailable):
        objects.head(REF)


def test_a_read_asks_for_exactly_the_bytes_and_the_object_that_were_seen(server: Server, objects: OssObjects) -> None:
    server.will(ranged(b"45678"))
    assert objects.read(REF, head(10, "v1"), 4, 5) == b"45678"
    asked = server.asked[0]
    assert asked.headers["range"] == "bytes=4-8"
    assert asked.headers["if-match"] == '"ABC"'
    assert asked.query["versionId"] == ["v1"]


def test_a_read_beyond_the_end_asks_only_for_what_is_there(server: Server, objects: OssObjects) -> None:
    """OSS answers a range that does not fit with the whole object."""
    server.will(ranged(b"89"))
    assert objects.read(REF, head(10), 8, 100) == b"89"
    assert server.asked[0].headers["range"] == "bytes=8-9"
    assert objects.read(REF, head(10), 10, 5) == b""
    assert objects.read(REF, head(10), 3, 0) == b""
    assert objects.read(REF, head(0), 0, 65536) == b""
    assert len(server.asked) == 1


def test_a_whole_object_that_comes_as_such_is_read(server: Server, objects: OssObjects) -> None:
    server.will(ranged(b"0123456789", 200))
    assert objects.read(REF, head(10), 0, 64) == b"0123456789"


def test_a_range_that_was_ignored_is_not_taken_for_the_bytes_asked_for(server: Server, objects: OssObjects) -> None:
    server.will(ranged(b"0123456789", 200))
    with pytest.raises(Unavailable, match="range was ignored"):
        objects.read(REF, head(10), 0, 4)


@pytest.mark.parametrize(
    "answer", [ranged(b"4567", headers={"Content-Length": "5"}), ranged(b"4567"), ranged(b"456789")]
)
def test_an_answer_that_is_not_as_long_as_asked_for_is_not_handed_on(
    server: Server, make: Make, answer: Answer
) -> None:
    server.will(answer if "Content-Length" not in answer.headers else Answer(206, {}, b"4567", cut=1))
    with pytest.raises(Unavailable):
        make().read(REF, head(10), 4, 5)


def test_bytes_are_read_as_stored_whatever_encoding_the_uploader_claimed(server: Server, objects: OssObjects) -> None:
    server.will(ranged(b"\xff\xd8\xff\xe0", headers={"Content-Encoding": "gzip"}))
    assert objects.read(REF, head(10), 0, 4) == b"\xff\xd8\xff\xe0"


@pytest.mark.parametrize(
    "answer", [error(404, "NoSuchKey"), error(412, "PreconditionFailed"), error(416, "InvalidRange")]
)
def test_reading_an_object_that_changed_is_gone(server: Server, objects: OssObjects, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(Gone):
        objects.read(REF, head(10), 0, 4)


def test_an_archived_object_is_rejected_as_such(server: Server, objects: OssObjects) -> None:
    server.will(error(403, "InvalidObjectState"))
    with pytest.raises(Rejected) as caught:
        objects.read(REF, head(10), 0, 4)
    assert caught.value.reason == "archived"


@pytest.mark.parametrize("tags", [{}, {"label:dog": "mammal", "empty": ""}, {"owner": "a &amp; b"}])
def test_tags_come_as_they_are(server: Server, objects: OssObjects, tags: dict[str, str]) -> None:
    server.will(Answer(body=tagging(tags)))
    assert objects.tags(ObjectRef("oss", "examplebucket", "a.jpg", "v1")) == {
        key: value.replace("&amp;", "&") for key, value in tags.items()
    }
    assert server.asked[0].query == {"tagging": [""], "versionId": ["v1"]}


def test_tags_of_a_missing_object_are_gone(server: Server, objects: OssObjects) -> None:
    server.will(error(404, "NoSuchKey"))
    with pytest.raises(Gone):
        objects.tags(REF)


def test_half_an_answer_of_tags_is_not_a_smaller_set_of_tags(server: Server, objects: OssObjects) -> None:
    server.will(Answer(body=tagging({"a": "1", "b": "2"})[:90]))
    with pytest.raises(Unavailable) as caught:
        objects.tags(REF)
    assert caught.value.reason == "store_error"


@pytest.mark.parametrize("key", [" ", "\t\n", "　", ".", "..", "\ud800", ""])
def test_a_key_that_the_sdk_cannot_put_into_a_url_is_rejected_by_name(
    server: Server, objects: OssObjects, key: str
) -> None:
    ref = ObjectRef("oss", "examplebucket", key)
    calls: list[Callable[[], object]] = [
        lambda: objects.head(ref),
        lambda: objects.read(ref, HEAD, 0, 1),
        lambda: objects.tags(ref),
        lambda: objects.put_tags(ref, {}, time.time() + 5, time.time() + 30),
    ]
    for call in calls:
        with pytest.raises(Rejected) as caught:
            call()
        assert caught.value.reason == "unsignable_key"
    assert server.asked == []


@pytest.mark.parametrize("key", ["a/../b", "./a", "...", "/a", "a//b", "?x", "a%2Fb", " a ", "照\n🐶", "+", "~(*)'!"])
def test_every_other_key_arrives_whole_plain_and_signed(server: Server, objects: OssObjects, key: str) -> None:
    server.will(Answer(headers=HEADERS), Answer())
    ref = ObjectRef("oss", "examplebucket", key)
    objects.head(ref)
    objects.put_tags(ref, {}, time.time() + 5, time.time() + 30)
    assert [unquote(asked.path) for asked in server.asked] == [f"/examplebucket/{key}"] * 2


def listing(keys: list[str], following: str = "") -> bytes:
    rows = "".join(
        f'<Contents><Key>{key}</Key><LastModified>2026-03-01T06:45:43.000Z</LastModified><ETag>"{at}"</ETag>'
        f"<Type>Normal</Type><Size>{at}</Size><StorageClass>Standard</StorageClass></Contents>"
        for at, key in enumerate(keys)
    )
    more = f"<IsTruncated>{str(bool(following)).lower()}</IsTruncated>"
    more += f"<NextContinuationToken>{following}</NextContinuationToken>" if following else ""
    return f"<ListBucketResult><EncodingType>url</EncodingType>{more}{rows}</ListBucketResult>".encode()


def test_a_list_goes_on_to_its_last_page(server: Server, objects: OssObjects) -> None:
    server.will(Answer(body=listing(["p/a%20b", "p/%E7%8B%97"], "more")), Answer(body=listing(["p/z"])))
    found = list(objects.list("examplebucket", "p/", "p/Z"))
    assert found == [
        Listed(ObjectRef("oss", "examplebucket", key), etag, int(etag), 1772347543.0, "Standard")
        for key, etag in (("p/a b", "0"), ("p/狗", "1"), ("p/z", "0"))
    ]
    first, second = server.asked
    assert (first.query["prefix"], first.query["start-after"]) == (["p/"], ["p/Z"])
    assert (second.query["continuation-token"], second.query["start-after"]) == (["more"], [""])


def test_a_list_of_a_bucket_that_is_not_there_says_so(server: Server, objects: OssObjects) -> None:
    server.will(error(404, "NoSuchBucket"))
    with pytest.raises(Misconfigured, match="examplebucket"):
        list(objects.list("examplebucket"))
