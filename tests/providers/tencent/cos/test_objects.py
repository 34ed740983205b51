"""Objects in COS: what is seen, read, tagged and listed."""

from __future__ import annotations

import time
from urllib.parse import unquote

import pytest

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.listing import Listed
from imagelabels.domain.model import Look, ObjectRef
from imagelabels.providers.tencent.cos.objects import CosObjects
from tests.providers.tencent.scripted import BUCKET, HEAD, HEADERS, HOST, REF, TOKEN, error, head, tagging, xml
from tests.scripted import DATE, Answer, Server, ranged


def test_head_shows_everything_that_tells_one_object_from_another(server: Server, objects: CosObjects) -> None:
    server.will(Answer(headers=HEADERS))
    assert objects.head(REF) == Look(DATE, HEAD)
    asked = server.asked[0]
    assert (asked.method, unquote(asked.path)) == ("HEAD", f"/{REF.key}")
    assert (asked.headers["host"], asked.headers["x-cos-security-token"]) == (HOST, TOKEN)
    assert "q-header-list=host;x-cos-security-token&" in asked.headers["authorization"]


@pytest.mark.parametrize("status", [404, 405])
def test_a_missing_object_or_bucket_still_tells_the_stores_time(
    server: Server, objects: CosObjects, status: int
) -> None:
    server.will(Answer(status))
    assert objects.head(REF) == Look(DATE, None)


@pytest.mark.parametrize(("shown", "kept"), [("MTg0NDUxNzYzMzIw", "MTg0NDUxNzYzMzIw"), ("null", None)])
def test_only_a_version_that_can_be_addressed_is_one(
    server: Server, objects: CosObjects, shown: str, kept: str | None
) -> None:
    server.will(Answer(headers=HEADERS | {"x-cos-version-id": shown}))
    seen = objects.head(REF).head
    assert seen is not None
    assert seen.version == kept


@pytest.mark.parametrize(
    ("storage", "restore", "archived"),
    [
        ("STANDARD_IA", "", False),
        ("ARCHIVE", "", True),
        ("DEEP_ARCHIVE", "", True),
        ("ARCHIVE", 'ongoing-request="true"', True),
        ("ARCHIVE", 'ongoing-request="false", expiry-date="Sun, 16 Apr 2017 08:12:33 GMT"', False),
    ],
)
def test_only_bytes_that_cannot_be_read_without_restoring_are_archived(
    server: Server, objects: CosObjects, storage: str, restore: str, archived: bool
) -> None:
    more = {"x-cos-storage-class": storage} | ({"x-cos-restore": restore} if restore else {})
    server.will(Answer(headers=HEADERS | more))
    seen = objects.head(REF).head
    assert seen is not None
    assert seen.archived is archived


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_a_head_that_misses_a_header_is_the_stores_fault_and_no_crash(
    server: Server, objects: CosObjects, name: str
) -> None:
    server.will(Answer(headers={key: value for key, value in HEADERS.items() if key != name}))
    with pytest.raises(Unavailable) as caught:
        objects.head(REF)
    assert caught.value.reason == "store_error"


def test_a_head_without_date_is_not_taken_for_one_at_the_epoch(server: Server, objects: CosObjects) -> None:
    server.will(Answer(headers=HEADERS, date=None))
    with pytest.raises(Unavailable):
        objects.head(REF)


def test_a_read_asks_for_exactly_the_bytes_and_the_object_that_were_seen(server: Server, objects: CosObjects) -> None:
    server.will(ranged(b"45678"))
    assert objects.read(REF, head(10, "v1"), 4, 5) == b"45678"
    asked = server.asked[0]
    assert (asked.headers["range"], asked.headers["if-match"]) == ("bytes=4-8", '"abc"')
    assert asked.query["versionId"] == ["v1"]


def test_a_read_beyond_the_end_asks_only_for_what_is_there(server: Server, objects: CosObjects) -> None:
    server.will(ranged(b"89"))
    assert objects.read(REF, head(10), 8, 100) == b"89"
    assert server.asked[0].headers["range"] == "bytes=8-9"
    assert objects.read(REF, head(10), 10, 5) == b""
    assert objects.read(REF, head(10), 3, 0) == b""
    assert len(server.asked) == 1


@pytest.mark.parametrize("answer", [ranged(b"0123456789", 200), ranged(b"4567"), Answer(206, body=b"4567", cut=1)])
def test_an_answer_that_is_not_as_long_as_asked_for_is_not_handed_on(
    server: Server, objects: CosObjects, answer: Answer
) -> None:
    server.will(answer)
    with pytest.raises(Unavailable):
        objects.read(REF, head(10), 4, 5)


def test_a_whole_object_that_comes_as_such_is_read(server: Server, objects: CosObjects) -> None:
    server.will(ranged(b"0123456789", 200))
    assert objects.read(REF, head(10), 0, 64) == b"0123456789"


def test_bytes_are_read_as_stored_whatever_encoding_the_uploader_claimed(server: Server, objects: CosObjects) -> None:
    server.will(ranged(b"\xff\xd8\xff\xe0", headers={"Content-Encoding": "gzip"}))
    assert objects.read(REF, head(10), 0, 4) == b"\xff\xd8\xff\xe0"
    assert server.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [404, 412, 416])
def test_bytes_of_another_object_than_the_one_seen_are_never_read(
    server: Server, objects: CosObjects, status: int
) -> None:
    server.will(error(status))
    with pytest.raises(Gone):
        objects.read(REF, head(10), 0, 4)


@pytest.mark.parametrize(
    ("inner", "tags"),
    [
        ("<TagSet><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>狗</Key><Value>&lt;</Value></Tag></TagSet>", None),
        ("<TagSet><Tag><Key>only</Key><Value>one</Value></Tag></TagSet>", {"only": "one"}),
        ("<TagSet><Tag><Key>bare</Key><Value/></Tag></TagSet>", {"bare": ""}),
        ("<TagSet/>", {}),
        ("", {}),
    ],
)
def test_tags_are_read_one_many_empty_or_none(
    server: Server, objects: CosObjects, inner: str, tags: dict[str, str] | None
) -> None:
    server.will(tagging(inner))
    assert objects.tags(REF) == ({"a": "1", "狗": "<"} if tags is None else tags)


def test_a_store_that_says_there_is_no_tag_set_says_there_are_no_tags(server: Server, objects: CosObjects) -> None:
    server.will(error(404, "NoSuchTagSet"), error(404, "NoSuchKey"))
    assert objects.tags(REF) == {}
    with pytest.raises(Gone):
        objects.tags(REF)


def test_an_answer_in_a_namespace_is_read_all_the_same(server: Server, objects: CosObjects) -> None:
    inner = "<TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>"
    server.will(xml(f'<Tagging xmlns="http://www.qcloud.com/document/product/436/7751">{inner}</Tagging>'))
    assert objects.tags(REF) == {"a": "1"}


def test_a_list_goes_on_to_its_last_page(server: Server, objects: CosObjects) -> None:
    def page(*keys: str, more: str) -> Answer:
        told = (
            '<LastModified>2026-03-01T06:45:43.000Z</LastModified><ETag>"e"</ETag><Size>3</Size>'
            "<StorageClass>STANDARD_IA</StorageClass>"
        )
        inner = "".join(f"<Contents><Key>{key}</Key>{told}</Contents>" for key in keys)
        return xml(f"<ListBucketResult>{inner}{more}</ListBucketResult>")

    server.will(
        page("a%20b", "c%2Bd", more="<IsTruncated>true</IsTruncated><NextMarker>c%2Bd</NextMarker>"),
        page("e", more="<IsTruncated>true</IsTruncated>"),
        page("%E7%8B%97", more="<IsTruncated>false</IsTruncated><NextMarker/>"),
    )
    found = list(objects.list(BUCKET, "a", "0"))
    assert found == [
        Listed(ObjectRef("cos", BUCKET, key), "e", 3, 1772347543.0, "STANDARD_IA") for key in ("a b", "c+d", "e", "狗")
    ]
    assert [asked.query["marker"] for asked in server.asked] == [["0"], ["c+d"], ["e"]]


def test_an_empty_bucket_and_a_missing_one_are_told_apart(server: Server, objects: CosObjects) -> None:
    server.will(
        xml("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"), error(404, "NoSuchBucket")
    )
    assert list(objects.list(BUCKET)) == []
    with pytest.raises(Misconfigured, match="is there a bucket"):
        list(objects.list(BUCKET))


@pytest.mark.parametrize(
    "key", ["/a.jpg", "//a.jpg", "a/./b.jpg", "../a.jpg", "a/../b.jpg", "a/.", "100%.jpg", "a%2Fb", "?#&=.jpg", "..a"]
)
def test_a_key_arrives_as_it_is(server: Server, objects: CosObjects, key: str) -> None:
    server.will(Answer(404))
    objects.head(ObjectRef("cos", BUCKET, key))
    assert unquote(server.asked[0].path) == f"/{key}"


@pytest.mark.parametrize("key", ["", "/", ".", "..", "./", "//", "a/..", "\ud800"])
def test_a_key_that_would_ask_for_something_else_is_not_sent(server: Server, objects: CosObjects, key: str) -> None:
    ref = ObjectRef("cos", BUCKET, key)
    for do in (
        lambda: objects.head(ref),
        lambda: objects.read(ref, HEAD, 0, 1),
        lambda: objects.tags(ref),
        lambda: objects.put_tags(ref, {}, time.time() + 5, time.time() + 9),
    ):
        with pytest.raises(Rejected) as caught:
            do()
        assert caught.value.reason == "unsignable_key"
    assert server.asked == []


def test_a_bucket_without_its_appid_would_be_looked_for_in_vain(objects: CosObjects) -> None:
    with pytest.raises(Misconfigured, match="'photos' is no bucket of COS: its name ends in the account's APPID"):
        list(objects.list("photos"))
