"""What operators read: one JSON line per record, and no storm of errors."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from imagelabels import logs
from imagelabels.domain.errors import BadEvent
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef, Outcome
from imagelabels.domain.outcomes import Reason, State
from imagelabels.domain.resumption import Ended, Resumed
from imagelabels.views.forms import bad_event_json, outcome_json
from tests.logged import Function


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


def outcome(key: str, state: str, reason: str | None = None) -> dict[str, Any]:
    change = ObjectChange(ObjectRef("oss", "photos", key), "created", "event-1")
    return outcome_json(Delivered(change, Outcome(State(state), Reason(reason) if reason else None)))


def test_a_record_is_a_line_with_its_outcome_and_the_request_it_came_in(said: list[dict[str, Any]]) -> None:
    logs.outcome("request-1", outcome("a.jpg", "labelled"))
    assert [(line["level"], line["message"], line["uri"], line["request_id"]) for line in said] == [
        ("INFO", "labelled", "oss://photos/a.jpg", "request-1")
    ]


def test_a_bad_record_is_an_error_that_names_the_field(said: list[dict[str, Any]]) -> None:
    logs.outcome("r", bad_event_json(BadEvent("events[0].oss.object.key", "missing")))
    assert (said[0]["level"], said[0]["message"]) == ("ERROR", "bad event")
    assert said[0]["detail"] == "events[0].oss.object.key: missing"


def test_what_a_person_must_mend_is_an_error_once_a_minute(
    said: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("imagelabels.logs.time.monotonic", lambda: now[0])
    for at in (100.0, 101.0, 159.0, 161.0):
        now[0] = at
        logs.outcome("r", outcome("a.jpg", "parked", "forbidden"))
    assert [line["level"] for line in said] == ["ERROR", "INFO", "INFO", "ERROR"]


def test_a_failed_object_is_an_error(said: list[dict[str, Any]]) -> None:
    logs.outcome("r", outcome("a.jpg", "failed", "tags_refused"))
    assert (said[0]["level"], said[0]["message"]) == ("ERROR", "failed")


def test_a_line_is_one_line_of_printable_ascii_for_every_viewer(lines: list[str]) -> None:
    key = "a\u2028b\u2029c\x85d\x0be\x7ff\x1b[2Jg\u202eh\ud800照.jpg"
    logs.outcome("r", outcome(key, "labelled"))
    logs.outcome("r", bad_event_json(BadEvent(key, key)))
    assert len(lines) == 2
    for line in lines:
        assert line.isascii()
        assert line.isprintable()
        assert line.splitlines() == [line]
    assert json.loads(lines[0])["uri"] == f"oss://photos/{key}"


def test_a_key_cannot_write_a_log_line_of_its_own(said: list[dict[str, Any]]) -> None:
    logs.outcome("r", outcome('a\n{"level":"ERROR"}\x1b[2J.jpg', "labelled"))
    assert len(said) == 1
    assert said[0]["uri"] == 'oss://photos/a\n{"level":"ERROR"}\x1b[2J.jpg'


def test_the_first_record_of_an_instance_is_marked_so_that_slow_starts_are_not_taken_for_slow_work(
    said: list[dict[str, Any]],
) -> None:
    logs.start("INFO", [])
    for key in ("a.jpg", "b.jpg"):
        logs.outcome("r", outcome(key, "labelled"))
    assert [line.get("cold") for line in said] == [None, 1, None]


def test_a_setting_with_a_former_name_is_warned_of_when_an_instance_starts(said: list[dict[str, Any]]) -> None:
    logs.start("INFO", [], {}, ["IMAGELABELS_OLD is outdated: set IMAGELABELS_NEW instead"])
    assert [(line["level"], line["message"]) for line in said] == [
        ("INFO", "cold start"),
        ("WARNING", "IMAGELABELS_OLD is outdated: set IMAGELABELS_NEW instead"),
    ]


def test_a_cold_start_says_how_long_it_took_as_far_as_the_system_tells(said: list[dict[str, Any]]) -> None:
    # The process is 10 s old. Its imports ended 9.6 s ago, and 0.12 s ago it began to open what the event needs.
    logs.start("INFO", [], logs.starting(imported=90.4, begun=99.88, now=100.0, age=10.0))
    logs.start("INFO", [], logs.starting(imported=90.4, begun=99.88, now=100.0, age=None))
    assert [(line.get("ms_import"), line["ms_open"]) for line in said] == [(400, 120), (None, 120)]


def test_the_age_of_the_process_is_read_behind_a_name_with_brackets_and_spaces(tmp_path: Path) -> None:
    began = round((time.clock_gettime(time.CLOCK_BOOTTIME) - 100) * os.sysconf("SC_CLK_TCK"))
    stat = tmp_path / "stat"
    stat.write_text(f"77 (a) b (c) S {' '.join('1' * 18)} {began} {' '.join('1' * 30)}\n")
    age = logs.process_age(stat)
    assert age is not None
    assert age >= 99


@pytest.mark.parametrize("stat", ["", "77 (python) S 1", f"77 (python) S {' '.join('x' * 40)}"])
def test_a_system_that_does_not_tell_the_age_of_the_process_leaves_it_out(tmp_path: Path, stat: str) -> None:
    (tmp_path / "stat").write_text(stat)
    assert logs.process_age(tmp_path / "stat") is None
    assert logs.process_age(tmp_path / "nothing") is None


def test_a_cold_start_says_where_each_sdk_came_from_so_that_an_old_one_of_the_platform_is_seen(
    said: list[dict[str, Any]],
) -> None:
    loaded = {
        "oss2": SimpleNamespace(__file__="/var/fc/lang/python3.10/oss2/__init__.py", __version__="2.16.0"),
        "qcloud_cos": SimpleNamespace(__file__="/opt/qcloud_cos/__init__.py"),
        "qcloud_cos.version": SimpleNamespace(__version__="5.1.9.44"),
        "darabonba": SimpleNamespace(),
    }
    logs.start("INFO", ["darabonba", "oss2", "qcloud_cos", "tablestore"], loaded=loaded)
    (line,) = said
    assert line["message"] == "cold start"
    assert line["modules"] == {
        "darabonba": {"version": None, "file": None},
        "oss2": {"version": "2.16.0", "file": "/var/fc/lang/python3.10/oss2/__init__.py"},
        "qcloud_cos": {"version": "5.1.9.44", "file": "/opt/qcloud_cos/__init__.py"},
    }


def test_a_run_of_the_timer_that_can_do_nothing_is_an_error_that_says_why() -> None:
    function = Function()
    function.resumes(Resumed(Ended.NO_TIME, message="give the function a longer timeout"))
    function.resumes(Resumed(Ended.NO_TIME, {"labelled": 2}))
    (_, short), (_, usual) = function.lines
    assert (short["level"], short["detail"]) == ("ERROR", "give the function a longer timeout")
    assert (usual["level"], "detail" in usual) == ("INFO", False)
