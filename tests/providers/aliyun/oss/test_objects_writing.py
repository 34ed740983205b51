"""Objects in OSS: the tag write that dies with its lease."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

import oss2.auth
import pytest

from imagelabels.domain.errors import Gone, Misconfigured, Rejected, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.aliyun.oss.objects import OssObjects
from tests.providers.aliyun.conftest import Make
from tests.providers.aliyun.scripted import REF, error, tagging
from tests.scripted import Answer, Server

pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")


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
            def utcnow(cls) -> Ahead:
                return cls.now(timezone.utc).replace(tzinfo=None) + timedelta(seconds=ahead)

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
        error(400, "InvalidArgument", EC="0010-00000212"),
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
