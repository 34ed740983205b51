"""What the platform hears of an event: an answer that says what became of it, or an error that asks for it again."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from imagelabels import logs
from imagelabels.domain.errors import BadEvent, LabelingError, Misconfigured, Unavailable
from imagelabels.domain.model import Delivered, ObjectChange, ObjectRef, Outcome, Spent
from imagelabels.domain.outcomes import Reason, State
from imagelabels.respond import respond
from imagelabels.views.log_fields import STEPS


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was logged, as it is written."""
    written: list[str] = []
    handler = logs._logger._logger.handlers[0]
    monkeypatch.setattr(handler, "emit", lambda record: written.append(handler.format(record)))
    return written


def change(key: str) -> ObjectChange:
    return ObjectChange(ObjectRef("oss", "photos", key), "created", "event-1")


def test_what_became_of_a_record_is_answered_and_logged_in_one_form(lines: list[str]) -> None:
    done = Delivered(change("a.jpg"), Outcome(State.LABELLED, None, ("tag_taken",), ("dog",), 1))
    answer = respond("request-1", [done], [])
    assert answer == {
        "records": [
            {
                "uri": "oss://photos/a.jpg",
                "event_id": "event-1",
                "state": "labelled",
                "reason": None,
                "message": None,
                "label_ids": ["dog"],
                "notes": ["tag_taken"],
                "paid_calls": 1,
            }
        ]
    }
    (logged,) = map(json.loads, lines)
    assert (logged["request_id"], logged["message"]) == ("request-1", "labelled")
    (told,) = answer["records"]
    assert {name: logged[name] for name in told if name != "message" and told[name] is not None} == {
        name: value for name, value in told.items() if value is not None
    }


def test_one_record_that_waits_makes_the_platform_deliver_again_after_all_are_logged(lines: list[str]) -> None:
    waits = Delivered(change("a.jpg"), None, Unavailable("throttled", "slow down"))
    done = Delivered(change("b.jpg"), Outcome(State.LABELLED))
    with pytest.raises(Unavailable, match="slow down"):
        respond("r", [waits, done], [])
    logged = [json.loads(line) for line in lines]
    assert [(line["message"], line.get("reason"), line.get("detail")) for line in logged] == [
        ("waiting", "throttled", "slow down"),
        ("labelled", None, None),
    ]


def test_a_record_that_waits_tells_the_calls_that_were_paid_before_it_had_to(lines: list[str]) -> None:
    spent = Spent("imm", "m-1", 1.0, {"detect": 0.7}, {"store": 3, "tags": 1, "index": 4, "detector": 1}, 1)
    with pytest.raises(Unavailable):
        respond("r", [Delivered(change("a.jpg"), None, Unavailable("timeout"), spent)], [])
    (line,) = map(json.loads, lines)
    assert (line["state"], line["paid_calls"]) == ("waiting", 1)


def test_what_the_work_took_is_logged_in_milliseconds_beside_the_outcome_and_not_answered(lines: list[str]) -> None:
    spent = Spent("imm", "m-1", 1.2346, {"look": 0.0004, "detect": 0.7}, {"store": 3, "detector": 1}, 1)
    done = Delivered(change("a.jpg"), Outcome(State.LABELLED), None, spent)
    answer = respond("r", [done], [BadEvent("events[1]", "missing")])
    first, bad = map(json.loads, lines)
    expected: dict[str, object] = {"ms": 1235, "ms_look": 0, "ms_detect": 700, "calls_store": 3, "calls_detector": 1}
    expected |= {"detector": "imm", "model": "m-1"}
    assert {name: first[name] for name in expected} == expected
    assert not expected.keys() & answer["records"][0].keys()
    assert not expected.keys() & bad.keys()


def test_a_line_says_what_the_call_that_failed_said_so_that_an_operator_knows_what_to_mend(lines: list[str]) -> None:
    def parked(failure: LabelingError) -> Delivered:
        spent = Spent("imm", None, 1.0, {}, {}, 0, failure)
        return Delivered(change("a.jpg"), Outcome(State.PARKED, Reason.FORBIDDEN), None, spent)

    failures = [Misconfigured("give the role oss:GetObject"), Misconfigured("x" * 5000), Unavailable("throttled")]
    respond("r", list(map(parked, failures)), [])
    told, long, other = (json.loads(line) for line in lines)
    assert told["detail"] == "give the role oss:GetObject"
    assert len(long["detail"]) == 2000
    assert "detail" not in other


def test_what_a_person_must_mend_is_logged_as_parked_and_raised(lines: list[str]) -> None:
    with pytest.raises(Misconfigured):
        respond("r", [Delivered(change("a.jpg"), None, Misconfigured("give the role oss:GetObject"))], [])
    assert [json.loads(line)["message"] for line in lines] == ["parked"]


def test_a_record_that_is_no_event_is_answered_with_the_field_that_is_wrong_and_not_retried() -> None:
    answer = respond("r", [], [BadEvent("events[0].oss.object.key", "missing")])
    (told,) = answer["records"]
    assert (told["state"], told["reason"]) == ("failed", "bad_event")
    assert told["message"] == "events[0].oss.object.key: missing"
    assert (told["uri"], told["event_id"], told["paid_calls"]) == (None, None, 0)


def test_the_object_that_was_acted_on_is_named_and_not_the_event_s_spelling_of_its_key(lines: list[str]) -> None:
    read = replace(change("my+dog.jpg"), decoded=ObjectRef("oss", "photos", "my dog.jpg"))
    answer = respond("r", [Delivered(read, Outcome(State.REMOVED, None, ("key_decoded",)))], [])
    assert answer["records"][0]["uri"] == json.loads(lines[0])["uri"] == "oss://photos/my dog.jpg"
    answer = respond("r", [Delivered(read, Outcome(State.REMOVED))], [])
    assert answer["records"][0]["uri"] == "oss://photos/my+dog.jpg"


def test_a_line_with_long_texts_has_its_numbers_within_the_two_kilobytes_that_are_analysed(lines: list[str]) -> None:
    failure = Unavailable("throttled", "slow down " * 1000)
    steps = dict.fromkeys((name.removeprefix("ms_") for name in STEPS), 1234.5)
    spent = Spent("imm", "m", 99.0, steps, dict.fromkeys(("store", "tags", "index", "detector"), 12), 1, failure)
    with pytest.raises(Unavailable):
        respond("r" * 36, [Delivered(change("照" * 400), None, failure, spent)], [])
    (line,) = lines
    assert len(line) > 2048
    assert all(f'"{name}":' in line[:2048] for name in (*STEPS, "ms", "state", "reason", "paid_calls", "calls_index"))


@pytest.mark.story
def test_neither_a_line_nor_the_answer_is_as_long_as_what_a_stranger_wrote(lines: list[str]) -> None:
    long = "照" * 5_000_000
    labels = Outcome(State.LABELLED, None, (), tuple(f"{long}{n}" for n in range(300)))
    answer = respond("r", [Delivered(change(long), labels)], [BadEvent(long, long)])
    assert max(map(len, lines)) < 200_000
    assert len(json.dumps(answer)) < 200_000
    assert len(answer["records"][0]["label_ids"]) == 100
