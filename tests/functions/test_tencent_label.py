"""The entry point on Tencent Cloud: what SCF hears of each event."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.tencent_label.index import main_handler, resume
from imagelabels import wiring
from imagelabels.domain.errors import Misconfigured, Unavailable
from imagelabels.usecases.reconcile import Labeler
from tests.providers.tencent.scripted import error
from tests.scripted import Answer, Server, scripted

EVENTS = Path(__file__).resolve().parents[2] / "events" / "tencent"

CONTEXT = {"request_id": "r-1", "time_limit_in_ms": 90_000, "memory_limit_in_mb": 256, "function_name": "label"}


def event(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((EVENTS / name).read_text("utf-8"))
    return content


@pytest.fixture
def cos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    wiring._built.cache_clear()
    with scripted() as server:
        for name, value in {
            "TENCENTCLOUD_SECRETID": "AKIDone",
            "TENCENTCLOUD_SECRETKEY": "secret",
            "TENCENTCLOUD_SESSIONTOKEN": "token-one",
            "IMAGELABELS_ENDPOINT_COS": server.endpoint,
            "IMAGELABELS_INDEX": f"sqlite:///{tmp_path}/labels.db",
            "IMAGELABELS_CONCURRENCY": "1",
        }.items():
            monkeypatch.setenv(name, value)
        yield server
    wiring._built.cache_clear()


def gone(server: Server) -> None:
    """What the store answers about one object that is not there: three looks."""
    server.will(*[Answer(404)] * 3)


def test_a_record_that_can_never_be_read_is_told_and_the_others_are_handled(cos: Server) -> None:
    gone(cos)
    gone(cos)
    told = main_handler(event("bad/one_bad_of_three.json"), CONTEXT)
    assert [(one["state"], one["reason"]) for one in told["records"]] == [
        ("removed", None),
        ("removed", None),
        ("failed", "bad_event"),
    ]
    assert told["records"][0]["uri"] == "cos://photos-1250000000/a.jpg"
    assert "Records[1].cos" in told["records"][2]["message"]
    assert cos.asked[0].headers["host"] == "photos-1250000000.cos.ap-guangzhou.myqcloud.com"


def test_a_failure_that_may_pass_is_raised_after_every_record_was_tried(cos: Server) -> None:
    cos.will(error(503, "SlowDown"))
    gone(cos)
    with pytest.raises(Unavailable):
        main_handler(event("bad/one_bad_of_three.json"), CONTEXT)
    assert [asked.path for asked in cos.asked] == ["/a.jpg", "/c.jpg", "/c.jpg", "/c.jpg"]


def test_what_a_person_must_mend_is_recorded_and_swallowed(cos: Server) -> None:
    cos.will(error(403), error(403, "AccessDenied"))
    (told,) = main_handler(event("put.json"), CONTEXT)["records"]
    assert (told["state"], told["reason"]) == ("parked", "forbidden")


def test_a_token_that_expires_between_two_events_is_not_used_for_the_second(
    cos: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone(cos)
    main_handler(event("put.json"), CONTEXT)
    monkeypatch.setenv("TENCENTCLOUD_SESSIONTOKEN", "token-two")
    gone(cos)
    main_handler(event("put.json"), CONTEXT)
    assert [asked.headers["x-cos-security-token"] for asked in cos.asked] == ["token-one"] * 3 + ["token-two"] * 3


def test_records_of_several_buckets_are_each_looked_for_where_they_are(cos: Server) -> None:
    sample = event("several_records.json")
    sample["Records"][2]["cos"]["cosBucket"]["region"] = "eu-frankfurt"
    for _ in sample["Records"]:
        gone(cos)
    main_handler(sample, CONTEXT)
    assert {asked.headers["host"] for asked in cos.asked} == {
        "photos-1250000000.cos.ap-guangzhou.myqcloud.com",
        "another-bucket-1250000000.cos.eu-frankfurt.myqcloud.com",
    }


def test_the_moment_at_which_the_platform_kills_us_is_reckoned_in_its_milliseconds(
    cos: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def reconcile(labeler: Labeler, change: object, deadline: float) -> object:
        seen.append(deadline - time.monotonic())
        raise Unavailable("busy")

    monkeypatch.setattr(Labeler, "reconcile", reconcile)
    with pytest.raises(Unavailable):
        main_handler(event("put.json"), CONTEXT)
    assert 85 < seen[0] <= 90


TIMER = {"Type": "Timer", "TriggerName": "timer", "Time": "2026-11-28T11:49:00Z", "Message": ""}


def test_a_timer_that_carries_no_prefix_of_this_store_fails_loud(cos: Server) -> None:
    with pytest.raises(Misconfigured, match="the timer carries"):
        resume(TIMER | {"Message": "oss://photos/"}, CONTEXT)


@pytest.mark.parametrize("strange", [{}, {"Records": []}])
def test_an_event_of_another_form_starts_a_run_over_the_whole_store(cos: Server, strange: dict[str, Any]) -> None:
    told = resume(strange, CONTEXT)
    assert told == {"ended": "done", "objects": 0, "states": {}, "paid_calls": 0, "passed_over": {}, "message": None}
