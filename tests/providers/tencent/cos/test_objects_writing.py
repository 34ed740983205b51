"""Objects in COS: the tag write that dies with its lease."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.domain.model import ObjectRef
from imagelabels.providers.tencent.cos.objects import CosObjects
from tests.providers.tencent.scripted import BUCKET, HOST, REF, buckets, error
from tests.scripted import Answer, Server


def signed(server: Server) -> list[int]:
    """From when to when the last request was good."""
    fields = dict(field.split("=", 1) for field in server.asked[-1].headers["authorization"].split("&"))
    return [int(moment) for moment in fields["q-sign-time"].split(";")]


def test_a_tag_write_is_one_request_that_dies_in_time(server: Server, objects: CosObjects) -> None:
    server.will(Answer())
    before = time.time() + 5
    objects.put_tags(ObjectRef("cos", BUCKET, REF.key, "v1"), {"label:dog": "mammal", "a": "<&>"}, before, before + 25)
    asked = server.asked[0]
    assert (asked.method, unquote(asked.path), asked.headers["host"]) == ("PUT", f"/{REF.key}", HOST)
    assert asked.query == {"tagging": [""], "versionId": ["v1"]}
    assert asked.body.decode().partition("?>")[2].strip() == (
        "<Tagging><TagSet><Tag><Key>label:dog</Key><Value>mammal</Value></Tag>"
        "<Tag><Key>a</Key><Value>&lt;&amp;&gt;</Value></Tag></TagSet></Tagging>"
    )
    assert before - 2 < signed(server)[1] <= before
    assert (
        "q-header-list=host;x-cos-security-token&q-url-param-list=tagging;versionid&" in asked.headers["authorization"]
    )


Ahead = Callable[[float], CosObjects]


@pytest.fixture
def ahead(server: Server, monkeypatch: pytest.MonkeyPatch) -> Ahead:
    """An adapter whose machine's clock is so many seconds ahead of the store's."""

    def set_clock(seconds: float) -> CosObjects:
        true = time.time
        monkeypatch.setattr("qcloud_cos.cos_auth.time.time", lambda: true() + seconds)
        return CosObjects(buckets(server), wall=lambda: true() + seconds)

    return set_clock


def test_a_fast_clock_signs_to_the_end_of_the_lease_instead(server: Server, ahead: Ahead) -> None:
    now = time.time()
    objects = ahead(10)
    server.will(Answer(), Answer())
    objects.put_tags(REF, {}, now + 5, now + 30)
    assert now + 28 < signed(server)[1] <= now + 30
    objects.put_tags(REF, {}, now + 15, now + 30)
    assert now + 13 < signed(server)[1] <= now + 15


def test_a_slow_clock_makes_no_write_outlive_its_time(server: Server, ahead: Ahead) -> None:
    now = time.time()
    server.will(Answer())
    ahead(-1000).put_tags(REF, {}, now + 5, now + 30)
    assert now + 3 < signed(server)[1] <= now + 5


def test_a_clock_that_leaves_no_second_of_the_lease_sends_nothing_and_is_named(server: Server, ahead: Ahead) -> None:
    now = time.time()
    with pytest.raises(Unavailable, match="clock") as caught:
        ahead(40).put_tags(REF, {}, now + 5, now + 30)
    assert caught.value.reason == "busy"
    assert server.asked == []


def test_a_process_held_up_between_clock_and_signature_sends_nothing(server: Server) -> None:
    """As if the clock had been read five seconds before the SDK read it."""
    objects = CosObjects(buckets(server), wall=lambda: time.time() - 5)
    with pytest.raises(Unavailable):
        objects.put_tags(REF, {}, time.time() + 5, time.time() + 5)
    assert server.asked == []


@pytest.mark.parametrize("answer", [Answer(hang_up=True), error(500, "InternalError"), error(503, "SlowDown")])
def test_a_call_that_fails_is_not_sent_again(server: Server, objects: CosObjects, answer: Answer) -> None:
    """The SDK repeats three times by itself."""
    server.will(answer, answer)
    with pytest.raises(Unavailable):
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    with pytest.raises(Unavailable):
        objects.tags(REF)
    assert len(server.asked) == 2


def test_a_tag_write_does_not_follow_a_redirect(server: Server, objects: CosObjects) -> None:
    server.will(Answer(307, {"Location": f"{server.endpoint}/elsewhere"}))
    with pytest.raises(Misconfigured, match="IMAGELABELS_ENDPOINT_COS"):
        objects.put_tags(REF, {"a": "1"}, time.time() + 5, time.time() + 30)
    assert len(server.asked) == 1


def test_a_write_whose_time_was_over_is_a_lost_lease(server: Server, objects: CosObjects) -> None:
    server.will(error(403, "AccessDenied", "Request has expired"), error(403, "AccessDenied", "Request has expired"))
    with pytest.raises(Unavailable) as caught:
        objects.put_tags(REF, {}, time.time() + 5, time.time() + 30)
    assert caught.value.reason == "busy"
    with pytest.raises(Unavailable, match="clock"):
        objects.tags(REF)
