"""Objects in OSS: what goes over the wire, and what is made of the answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from urllib.parse import unquote

import oss2.auth
import pytest

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import Look, ObjectHead, ObjectRef
from imagelabels.providers.aliyun.objects import OssObjects
from tests.providers.aliyun.scripted import DATE, Answer, Server, credentials, error, scripted

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")

REF = ObjectRef("oss", "examplebucket", "照片/a b+c%.jpg")
MODIFIED = DATE - 3600
HEADERS = {
    "ETag": '"688A7BF4F233DC9C88A80BF985AB7329"',
    "Content-Length": "122539",
    "Content-Type": "image/jpeg",
    "Last-Modified": formatdate(MODIFIED, usegmt=True),
    "x-oss-hash-crc64ecma": "13420962247653419692",
    "x-oss-object-type": "Normal",
    "x-oss-storage-class": "Standard",
}
HEAD = ObjectHead("688A7BF4F233DC9C88A80BF985AB7329", 122539, "13420962247653419692", MODIFIED, None, "image/jpeg")


@pytest.fixture
def server() -> Iterator[Server]:
    with scripted() as server:
        yield server


Make = Callable[..., OssObjects]


@pytest.fixture
def make(server: Server) -> Iterator[Make]:
    made: list[OssObjects] = []

    def make(**options: object) -> OssObjects:
        made.append(OssObjects(server.endpoint, "cn-hangzhou", credentials(), **options))
        return made[-1]

    yield make
    for objects in made:
        objects.close()


@pytest.fixture
def objects(make: Make) -> OssObjects:
    return make()


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


def ranged(body: bytes, status: int = 206, **headers: str) -> Answer:
    return Answer(status, headers, body)


def head(size: int, version: str | None = None) -> ObjectHead:
    return ObjectHead("ABC", size, None, MODIFIED, version)


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


@pytest.mark.parametrize("answer", [ranged(b"4567", **{"Content-Length": "5"}), ranged(b"4567"), ranged(b"456789")])
def test_an_answer_that_is_not_as_long_as_asked_for_is_not_handed_on(
    server: Server, make: Make, answer: Answer
) -> None:
    server.will(answer if "Content-Length" not in answer.headers else Answer(206, {}, b"4567", cut=1))
    with pytest.raises(Unavailable):
        make().read(REF, head(10), 4, 5)


def test_bytes_are_read_as_stored_whatever_encoding_the_uploader_claimed(server: Server, objects: OssObjects) -> None:
    server.will(ranged(b"\xff\xd8\xff\xe0", **{"Content-Encoding": "gzip"}))
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


def tagging(tags: dict[str, str]) -> bytes:
    inner = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in tags.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><Tagging><TagSet>{inner}</TagSet></Tagging>'.encode()


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


def stamped(server: Server) -> tuple[float, int]:
    """When the last URL was signed, and for how many seconds."""
    query = server.asked[-1].query
    date = datetime.strptime(query["x-oss-date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    return date.timestamp(), int(query["x-oss-expires"][0])


def test_a_tag_write_is_one_signed_url_that_dies_in_time(server: Server, objects: OssObjects) -> None:
    server.will(Answer())
    before = time.time() + 5
    objects.put_tags(ObjectRef("oss", "examplebucket", REF.key, "v1"), {"label:dog": "mammal", "a": "<&>"}, before, 0)
    asked = server.asked[0]
    assert (asked.method, unquote(asked.path)) == ("PUT", f"/examplebucket/{REF.key}")
    assert asked.query["tagging"] == [""]
    assert asked.query["versionId"] == ["v1"]
    assert asked.body == tagging({"label:dog": "mammal", "a": "&lt;&amp;&gt;"}).partition(b"?>")[2].lstrip()
    assert "authorization" not in asked.headers
    date, seconds = stamped(server)
    assert before - 2 < date + seconds <= before


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Callable[[], float]]:
    """Sets this machine's clock ahead: for oss2, and as a `wall` for us."""

    def set_clock(ahead: float) -> Callable[[], float]:
        class Ahead(datetime):
            @classmethod
            def utcnow(cls) -> datetime:
                return datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=ahead)

        monkeypatch.setattr(oss2.auth, "datetime", Ahead)
        return lambda: time.time() + ahead

    return set_clock


def test_a_clock_ten_seconds_fast_signs_to_the_end_of_the_lease_instead(
    server: Server, make: Make, fast: Callable[[float], Callable[[], float]]
) -> None:
    objects = make(wall=fast(10))
    now = time.time()
    server.will(Answer(), Answer())
    objects.put_tags(REF, {}, now + 5, now + 30)
    date, seconds = stamped(server)
    assert now + 28 < date + seconds <= now + 30
    objects.put_tags(REF, {}, now + 15, now + 30)
    date, seconds = stamped(server)
    assert now + 13 < date + seconds <= now + 15


def test_a_slow_clock_makes_no_write_outlive_its_time(
    server: Server, make: Make, fast: Callable[[float], Callable[[], float]]
) -> None:
    objects = make(wall=fast(-10))
    now = time.time()
    server.will(Answer())
    objects.put_tags(REF, {}, now + 5, now + 30)
    date, seconds = stamped(server)
    assert now + 3 < date + seconds <= now + 5


def test_a_clock_that_leaves_no_second_of_the_lease_sends_nothing_and_is_named(
    server: Server, make: Make, fast: Callable[[float], Callable[[], float]]
) -> None:
    objects = make(wall=fast(40))
    with pytest.raises(Unavailable, match="clock") as caught:
        objects.put_tags(REF, {}, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "busy"
    assert server.asked == []


def test_a_lease_with_less_than_a_second_left_is_not_written_under(server: Server, make: Make) -> None:
    """A URL that is good for 0 seconds would have to arrive within the second in which it was signed."""
    now = float(int(time.time())) + 1
    with pytest.raises(Unavailable):
        make(wall=lambda: now).put_tags(REF, {}, now + 0.9, now + 0.9)
    assert server.asked == []


def test_a_process_held_up_between_clock_and_signature_sends_nothing(server: Server, make: Make) -> None:
    """As if the clock had been read five seconds before oss2 read it."""
    with pytest.raises(Unavailable):
        make(wall=lambda: time.time() - 5).put_tags(REF, {}, time.time() + 5, time.time() + 5)
    assert server.asked == []


@pytest.mark.parametrize("answer", [Answer(hang_up=True), error(500, "InternalError"), error(503, "SlowDown")])
def test_a_tag_write_that_fails_is_not_sent_again(server: Server, objects: OssObjects, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(Unavailable):
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    assert len(server.asked) == 1


def test_a_tag_write_does_not_follow_a_redirect(server: Server, objects: OssObjects) -> None:
    server.will(Answer(307, {"Location": f"{server.endpoint}/elsewhere"}))
    with pytest.raises(Misconfigured, match="IMAGELABELS_ENDPOINT_OSS"):
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "InvalidTaggingKey"),
        error(400, "InvalidTag"),
        error(400, "MalformedXML"),
        error(400, "InvalidArgument"),
    ],
)
def test_tags_that_the_store_refuses_are_refused(server: Server, objects: OssObjects, answer: Answer) -> None:
    server.will(answer)
    with pytest.raises(Rejected) as caught:
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "tags_refused"


@pytest.mark.parametrize("tags", [{"": "1"}, {"k" * 129: "1"}, {"k": "v" * 257}])
def test_tags_that_the_sdk_cannot_send_are_refused_like_any_other(
    server: Server, objects: OssObjects, tags: dict[str, str]
) -> None:
    with pytest.raises(Rejected) as caught:
        objects.put_tags(REF, tags, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "tags_refused"
    assert server.asked == []


def test_a_write_that_came_after_its_time_lost_the_lease(server: Server, objects: OssObjects) -> None:
    server.will(error(403, "AccessDenied", "Request has expired."))
    with pytest.raises(Unavailable) as caught:
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "busy"


def test_tags_of_an_object_that_vanished_are_gone_and_nothing_was_written(server: Server, objects: OssObjects) -> None:
    server.will(error(404, "NoSuchKey"))
    with pytest.raises(Gone):
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)


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


def listing(keys: list[str], next: str = "") -> bytes:
    rows = "".join(
        f'<Contents><Key>{key}</Key><LastModified>2026-03-01T06:45:43.000Z</LastModified><ETag>"{at}"</ETag>'
        f"<Type>Normal</Type><Size>{at}</Size><StorageClass>Standard</StorageClass></Contents>"
        for at, key in enumerate(keys)
    )
    more = f"<IsTruncated>{str(bool(next)).lower()}</IsTruncated>"
    more += f"<NextContinuationToken>{next}</NextContinuationToken>" if next else ""
    return f"<ListBucketResult><EncodingType>url</EncodingType>{more}{rows}</ListBucketResult>".encode()


def test_a_list_goes_on_to_its_last_page(server: Server, objects: OssObjects) -> None:
    server.will(Answer(body=listing(["p/a%20b", "p/%E7%8B%97"], "more")), Answer(body=listing(["p/z"])))
    found = list(objects.list("examplebucket", "p/", "p/Z"))
    assert found == [
        (ObjectRef("oss", "examplebucket", "p/a b"), "0", 0),
        (ObjectRef("oss", "examplebucket", "p/狗"), "1", 1),
        (ObjectRef("oss", "examplebucket", "p/z"), "0", 0),
    ]
    first, second = server.asked
    assert (first.query["prefix"], first.query["start-after"]) == (["p/"], ["p/Z"])
    assert (second.query["continuation-token"], second.query["start-after"]) == (["more"], [""])


def test_a_list_of_a_bucket_that_is_not_there_says_so(server: Server, objects: OssObjects) -> None:
    server.will(error(404, "NoSuchBucket"))
    with pytest.raises(Misconfigured, match="examplebucket"):
        list(objects.list("examplebucket"))


def test_keys_that_rotate_are_used_from_the_next_request_on(server: Server) -> None:
    holder = credentials()
    objects = OssObjects(server.endpoint, "cn-hangzhou", holder)
    server.will(Answer(headers=HEADERS), Answer(headers=HEADERS), Answer())
    objects.head(REF)
    holder.refresh("STS.other", "other", "token2")
    objects.head(REF)
    objects.put_tags(REF, {}, time.time() + 5, time.time() + 30)
    objects.close()
    assert [asked.headers.get("x-oss-security-token") for asked in server.asked[:2]] == ["TOKENtokenTOKEN", "token2"]
    assert server.asked[2].query["x-oss-security-token"] == ["token2"]
    assert server.asked[2].query["x-oss-credential"][0].startswith("STS.other/")


def test_a_store_that_says_nothing_is_given_up_after_the_time_asked_for(server: Server, make: Make) -> None:
    server.will(Answer(silent=True))
    with pytest.raises(Unavailable) as caught:
        make(read=0.05).head(REF)
    assert caught.value.reason == "timeout"


def test_a_store_that_stops_in_the_middle_is_a_timeout_too(server: Server, make: Make) -> None:
    server.will(Answer(206, {"Content-Length": "9"}, b"45"))
    with pytest.raises(Unavailable) as caught:
        make(read=0.05).read(REF, head(10), 0, 9)
    assert caught.value.reason == "timeout"


def test_neither_proxies_nor_netrc_of_the_environment_touch_a_request(
    server: Server, make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.will(Answer(headers=HEADERS))
    make().head(REF)
    assert server.asked[0].headers["authorization"].startswith("OSS4-HMAC-SHA256 ")


def test_threads_share_one_store(server: Server, objects: OssObjects) -> None:
    server.will(*[Answer(headers=HEADERS)] * 40)
    gate = threading.Barrier(8)

    def look(bucket: int) -> list[Look]:
        gate.wait()
        return [objects.head(ObjectRef("oss", f"bucket-{bucket % 3}", "a.jpg")) for _ in range(5)]

    with ThreadPoolExecutor(8) as pool:
        looks = [look for looks in pool.map(look, range(8)) for look in looks]
    assert looks == [Look(DATE, HEAD)] * 40
    assert {asked.path for asked in server.asked} == {f"/bucket-{n}/a.jpg" for n in range(3)}
