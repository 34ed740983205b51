"""The control paths of faults, and the list of calls with their times, outcomes and detector answers."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from emulator.core.call_log import CallLog
from emulator.core.request_log import Notes
from tests.emulator.faults.running import Emulated, emulated
from tests.emulator.running import COS_BUCKET, refused

ERROR = {"do": "error", "operation": "GET object", "code": "InternalError"}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Emulated]:
    with emulated(tmp_path) as started:
        yield started


def test_rules_are_shown_replaced_and_removed(running: Emulated) -> None:
    assert running.control("GET", "faults") == (200, {"seed": 0, "rules": []})
    answer = {"seed": 7, "rules": [{**ERROR, "matched": 0, "applied": 0}]}
    assert running.control("PUT", "faults", {"seed": 7, "rules": [ERROR]}) == (200, answer)
    assert running.control("GET", "faults") == (200, answer)
    assert running.control("DELETE", "faults") == (200, {"seed": 0, "rules": []})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", {"rules": [{"do": "none"}]}, b" " * (1024 * 1024 + 1)])
def test_wrong_rules_are_refused_and_those_in_force_stay(running: Emulated, body: object) -> None:
    running.rules(ERROR)
    status, answer = running.control("PUT", "faults", body)
    assert (status, list(answer)) == (400, ["error"])
    assert running.counts() == [(0, 0)]


def test_calls_are_listed_with_key_time_outcome_and_fault(running: Emulated) -> None:
    bucket = running.oss.bucket()
    bucket.put_object("d/a", b"x")
    refused(bucket.get_object, "d/b")
    running.rules({**ERROR, "key": "d/a"})
    refused(bucket.get_object, "d/a")
    fields = ("service", "operation", "bucket", "key", "status", "code", "faults", "function")
    assert [tuple(call[name] for name in fields) for call in running.calls()] == [
        ("OSS", "PUT object", "photos", "d/a", 200, "", [], ""),
        ("OSS", "GET object", "photos", "d/b", 404, "NoSuchKey", [], ""),
        ("OSS", "GET object", "photos", "d/a", 500, "InternalError", ["error"], ""),
    ]
    first, second, _ = running.calls()
    assert first["began"] <= first["ended"] <= second["ended"]
    assert running.control("GET", "calls")[1] == {"OSS GET object": 2, "OSS PUT object": 1}


def test_a_refused_stranger_is_listed_without_an_operation(running: Emulated) -> None:
    running.oss.raw("GET", "/photos/a", {"Authorization": "OSS stranger:x", "Date": "now"})
    (call,) = running.calls()
    assert (call["service"], call["operation"], call["code"]) == ("OSS", "", "InvalidAccessKeyId")


def test_a_detector_call_is_listed_by_its_content_also_where_its_reply_is_lost(running: Emulated) -> None:
    running.oss.client().put_object(Bucket=COS_BUCKET, Key="a.jpg", Body=picture())
    running.rules({"do": "cut_after", "operation": "GET object?ci-process"})
    with pytest.raises(ConnectionError):
        running.oss.ask_cos("GET", "a.jpg", {"ci-process": "detect-label"})
    (call,) = running.control("GET", "calls?since=0&detected=true")[1]["calls"]
    assert (call["key"], call["detected"], call["faults"]) == ("a.jpg", "labels", ["cut_after"])
    assert call["content"].partition("-")[0] == str(len(picture()))
    assert len(call["etag"]) == 32


def picture() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (100, 100)).save(stream, "JPEG")
    return stream.getvalue()


def test_a_list_of_calls_goes_on_where_it_stopped(running: Emulated) -> None:
    for number in range(5):
        running.oss.bucket().put_object(f"k{number}", b"x")
    first = running.control("GET", "calls?since=0&limit=3")[1]
    rest = running.control("GET", f"calls?since={first['next']}")[1]
    assert [call["key"] for call in first["calls"] + rest["calls"]] == [f"k{number}" for number in range(5)]
    assert running.control("GET", f"calls?since={rest['next']}")[1] == {"calls": [], "next": 5, "forgotten": 0}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("since=x", "since takes a whole number from 0"),
        ("limit=0", "limit takes a whole number from 1 to 10000"),
        ("limit=99999", "limit takes a whole number from 1 to 10000"),
        ("after=1", "there is no parameter 'after': known are detected, limit, since"),
        ("detected=no", "detected takes true, or is left out"),
    ],
)
def test_a_wrong_parameter_of_a_list_is_named(running: Emulated, query: str, told: str) -> None:
    status, answer = running.control("GET", f"calls?{query}")
    assert (status, told in answer["error"]) == (400, True)
    if not query.startswith("detected"):
        assert running.control("GET", f"deliveries?{query}")[0] == 400


def test_the_list_of_calls_is_bounded_and_tells_what_it_forgot() -> None:
    log = CallLog(remembered=2)
    for number in range(5):
        log.add(0.0, 1.0, "OSS GET object", 200, Notes(key=f"k{number}"))
    page = log.page(0, 10, False)
    calls = page["calls"]
    assert isinstance(calls, list)
    assert ([call["key"] for call in calls], page["next"], page["forgotten"]) == (["k3", "k4"], 5, 3)
    assert log.counts == {"OSS GET object": 5}
