"""What operators read: one JSON line per record, and no storm of errors."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from imagelabels import logs
from imagelabels.domain.errors import BadEvent, Unavailable
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef, Outcome


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was logged, read back from the lines."""
    lines: list[dict[str, Any]] = []
    logs._said.clear()
    handler = logs._logger._logger.handlers[0]
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(json.loads(handler.format(record))))
    return lines


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was logged, as it is written."""
    written: list[str] = []
    handler = logs._logger._logger.handlers[0]
    monkeypatch.setattr(handler, "emit", lambda record: written.append(handler.format(record)))
    return written


def change(key: str) -> ObjectChange:
    return ObjectChange(ObjectRef("oss", "photos", key), "created", "event-1")


def test_what_became_of_a_record_is_logged_and_given_back(said: list[dict[str, Any]]) -> None:
    done = Delivered(change("a.jpg"), Outcome("labelled", None, ("no_labels",), ("dog",), 1))
    answer = logs.report("request-1", [done], [])
    assert answer == {
        "records": [
            {
                "uri": "oss://photos/a.jpg",
                "event": "event-1",
                "state": "labelled",
                "reason": None,
                "labels": ["dog"],
                "notes": ["no_labels"],
                "paid_calls": 1,
            }
        ]
    }
    assert [(line["level"], line["message"], line["uri"], line["request_id"]) for line in said] == [
        ("INFO", "labelled", "oss://photos/a.jpg", "request-1")
    ]


def test_one_record_that_waits_makes_the_platform_deliver_again_after_all_are_logged(
    said: list[dict[str, Any]],
) -> None:
    waits = Delivered(change("a.jpg"), None, Unavailable("throttled", "slow down"))
    done = Delivered(change("b.jpg"), Outcome("labelled"))
    with pytest.raises(Unavailable, match="slow down"):
        logs.report("r", [waits, done], [])
    assert [(line["message"], line.get("reason")) for line in said] == [("waiting", "throttled"), ("labelled", None)]


def test_a_bad_record_is_an_error_that_names_the_field_and_is_not_retried(said: list[dict[str, Any]]) -> None:
    answer = logs.report("r", [], [BadEvent("events[0].oss.object.key", "missing")])
    assert answer["records"][0]["reason"] == "bad_event"
    assert (said[0]["level"], said[0]["detail"]) == ("ERROR", "events[0].oss.object.key: missing")


def test_what_a_person_must_mend_is_an_error_once_a_minute(
    said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("imagelabels.logs.time.monotonic", lambda: now[0])
    for at in (100.0, 101.0, 159.0, 161.0):
        now[0] = at
        logs.report("r", [Delivered(change("a.jpg"), Outcome("parked", "forbidden"))], [])
    assert [line["level"] for line in said] == ["ERROR", "INFO", "INFO", "ERROR"]


def test_a_failed_object_is_an_error(said: list[dict[str, Any]]) -> None:
    logs.report("r", [Delivered(change("a.jpg"), Outcome("failed", "tags_refused"))], [])
    assert said[0]["level"] == "ERROR"


def test_the_object_that_was_acted_on_is_named_and_not_the_event_s_spelling_of_its_key(
    said: list[dict[str, Any]],
) -> None:
    read = replace(change("my+dog.jpg"), decoded=ObjectRef("oss", "photos", "my dog.jpg"))
    answer = logs.report("r", [Delivered(read, Outcome("removed", None, ("key_decoded",)))], [])
    assert answer["records"][0]["uri"] == said[0]["uri"] == "oss://photos/my dog.jpg"
    answer = logs.report("r", [Delivered(read, Outcome("removed"))], [])
    assert answer["records"][0]["uri"] == "oss://photos/my+dog.jpg"


def test_a_line_is_one_line_of_printable_ascii_for_every_viewer(lines: list[str]) -> None:
    key = "a\u2028b\u2029c\x85d\x0be\x7ff\x1b[2Jg\u202eh\ud800照.jpg"
    logs.report("r", [Delivered(change(key), Outcome("labelled"))], [BadEvent(key, key)])
    assert len(lines) == 2
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        assert line.splitlines() == [line]
    assert json.loads(lines[0])["uri"] == f"oss://photos/{key}"


@pytest.mark.story
def test_neither_a_line_nor_the_answer_is_as_long_as_what_a_stranger_wrote(lines: list[str]) -> None:
    long = "照" * 5_000_000
    labels = Outcome("labelled", None, (), tuple(f"{long}{n}" for n in range(300)))
    answer = logs.report("r", [Delivered(change(long), labels)], [BadEvent(long, long)])
    assert max(map(len, lines)) < 200_000
    assert len(json.dumps(answer)) < 200_000
    assert len(answer["records"][0]["labels"]) == 100


def test_a_key_cannot_write_a_log_line_of_its_own(said: list[dict[str, Any]], capsys: Any) -> None:
    logs.report("r", [Delivered(change('a\n{"level":"ERROR"}\x1b[2J.jpg'), Outcome("labelled"))], [])
    assert len(said) == 1
    assert said[0]["uri"] == 'oss://photos/a\n{"level":"ERROR"}\x1b[2J.jpg'


def test_a_cold_start_says_where_each_sdk_came_from_so_that_an_old_one_of_the_platform_is_seen(
    said: list[dict[str, Any]],
) -> None:
    loaded = {
        "oss2": SimpleNamespace(__file__="/var/fc/lang/python3.10/oss2/__init__.py", __version__="2.16.0"),
        "qcloud_cos": SimpleNamespace(__file__="/opt/qcloud_cos/__init__.py"),
        "qcloud_cos.version": SimpleNamespace(__version__="5.1.9.44"),
        "darabonba": SimpleNamespace(),
    }
    logs.start("INFO", ["darabonba", "oss2", "qcloud_cos", "tablestore"], loaded)
    (line,) = said
    assert line["message"] == "cold start"
    assert line["modules"] == {
        "darabonba": {"version": None, "file": None},
        "oss2": {"version": "2.16.0", "file": "/var/fc/lang/python3.10/oss2/__init__.py"},
        "qcloud_cos": {"version": "5.1.9.44", "file": "/opt/qcloud_cos/__init__.py"},
    }
