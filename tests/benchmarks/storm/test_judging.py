"""These tests show the judge of a storm one harm at a time, and what only looks like harm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.storm.attempts import Attempt
from benchmarks.storm.evidence import Call, Evidence, Line, Row
from benchmarks.storm.findings import Verdict
from benchmarks.storm.journal import Operation, Place, Shown
from benchmarks.storm.judging import Judge
from benchmarks.storm.pictures import Wanted
from benchmarks.storm.round_trips import row_of

A, B = Place("oss://photos", "a.jpg"), Place("oss://photos", "b.jpg")
CAT = "cat"
WRITE = "PUT object?tagging"
OURS = {"label:imm:piccat": "imm"}
LABELLED = Row({"state": "labelled", "labels": [{"id": "imm:piccat"}], "tags_written": OURS}, None, False)


def expected(bucket: str, content: str) -> Wanted:
    return Wanted(frozenset({f"imm:pic{content}"}), {f"label:imm:pic{content}": "imm"})


def did(kind: str, at: float, shows: Shown | None, place: Place = A, **more: Any) -> Operation:
    """An operation that took a tenth of a second."""
    return Operation(kind, place, at, at + 0.1, shows, **more)


def put(at: float, content: str = CAT, place: Place = A, **tags: str) -> Operation:
    return did("put", at, Shown(content, tags), place, request=f"put{at:g}")


def asked(operation: str, at: float, place: Place = A, **more: Any) -> Call:
    """A request of a delivery that took a tenth of a second."""
    fields: dict[str, Any] = {"function": "f", "process": 1, "invocation": "one", "status": 200, "code": ""}
    fields |= {"service": "OSS", "faults": (), "content": "", "etag": "", "detected": ""} | more
    return Call(at, at + 0.1, operation=operation, bucket="photos", key=place.key, **fields)


def detect(at: float, **more: Any) -> Call:
    return asked("DetectImageLabels", at, content="9:1", etag="E", detected="labels", **more)


def left(*operations: Operation, **more: Any) -> Evidence:
    """What is left of a storm in which all went well, where `more` does not say otherwise."""
    lines = [Line(f"{operation.request}/x", "labelled", "", 1) for operation in operations if operation.request]
    whole = Evidence(list(operations), {A: OURS}, {A.uri: LABELLED}, lines, [], [])
    return replace(whole, **more)


def judged(evidence: Evidence) -> Verdict:
    return Judge(evidence, expected).verdict()


def kinds(evidence: Evidence) -> list[str]:
    return [finding.kind for finding in judged(evidence).findings]


def test_a_storm_in_which_all_went_well_is_no_harm() -> None:
    assert kinds(left(put(1))) == []
    assert kinds(left(put(1, u="1"), objects={A: OURS | {"u": "1"}})) == []
    removed = did("delete", 2, None, request="delete")
    assert kinds(left(put(1), removed, objects={}, rows={})) == []


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ({}, "lost"),
        ({A.uri: Row(None, None, True)}, "lost"),
        ({A.uri: Row({"state": "labelled", "labels": [{"id": "imm:picdog"}]}, None, False)}, "stale"),
        ({A.uri: LABELLED, B.uri: LABELLED}, "removed"),
    ],
)
def test_an_object_or_a_row_that_is_not_as_the_picture_would_pass(rows: Mapping[str, Row], kind: str) -> None:
    assert kinds(left(put(1), rows=rows)) == [kind]


def test_a_row_that_says_why_there_are_no_labels_is_no_loss_and_is_counted() -> None:
    row = Row({"state": "parked", "reason": "budget", "labels": []}, None, False)
    verdict = judged(left(put(1), rows={A.uri: row}))
    assert not verdict.findings
    assert verdict.counts["rows without labels: parked, budget"] == 1


def test_tags_of_another_picture_or_none_would_pass() -> None:
    assert kinds(left(put(1), objects={A: {"label:imm:picdog": "imm"}})) == ["stale"]
    assert kinds(left(put(1), objects={A: {}})) == ["lost"]


def test_a_client_that_carried_old_tags_back_in_its_own_round_trip_would_count_as_our_harm() -> None:
    edit = did("tag", 5, Shown(CAT, {"u": "1"}), wrote={"u": "1"}, read={}, read_began=3)
    ours_between = [asked("GET object?tagging", 3.5), asked("PUT object?tagging", 4)]
    evidence = left(put(1), edit, objects={A: {"u": "1"}}, calls=ours_between)
    assert kinds(evidence) == []
    assert judged(evidence).counts["labels that a client's own write of tags undid"] == 1
    assert kinds(replace(evidence, calls=[])) == ["lost"]
    later = did(
        "batch", 8, Shown(CAT, {"u": "1", "b": "2"}), wrote={"u": "1", "b": "2"}, read={"u": "1"}, read_began=7.9
    )
    twice = left(put(1), edit, later, objects={A: {"u": "1", "b": "2"}}, calls=ours_between)
    assert kinds(twice) == []
    seen = replace(later, read=OURS | {"u": "1"})
    assert kinds(replace(twice, operations=[put(1), edit, seen])) == ["lost"]


def test_a_user_s_tag_that_is_lost_outside_the_round_trip_would_be_excused() -> None:
    trip = [asked("GET object?tagging", 3), asked("PUT object?tagging", 4)]
    lost = left(put(1, u="1"), did("tag", 3.5, Shown(CAT, {"u": "2"})), calls=trip)
    assert kinds(lost) == []
    assert judged(lost).counts["user tags harmed within the round trip"] == 1
    after = left(put(1, u="1"), did("tag", 4.2, Shown(CAT, {"u": "2"})), calls=trip)
    assert kinds(after) == ["tags"]
    slow = [asked("GET object?tagging", 3), asked("PUT object?tagging", 9)]
    assert kinds(replace(lost, calls=slow)) == ["tags"]
    stopped = [replace(slow[0], faults=("stop",)), slow[1]]
    assert kinds(replace(lost, calls=stopped)) == []
    before = left(put(1, u="1"), did("tag", 2.8, Shown(CAT, {"u": "2"})), calls=trip)
    assert kinds(before) == ["tags"]


def test_a_delivery_that_reads_the_row_between_reading_and_writing_the_tags_would_be_excused() -> None:
    row = Place("", row_of(A))
    read, write = asked("GET object?tagging", 3), asked("PUT object?tagging", 4)
    get = asked("GetRow", 3.3, row, service="Tablestore")
    lost = left(put(1, u="1"), did("tag", 3.2, Shown(CAT, {"u": "2"})), calls=[read, get, write])
    assert kinds(lost) == ["tags"]
    assert kinds(replace(lost, calls=[replace(get, began=2.5), read, write])) == []
    assert kinds(replace(lost, calls=[read, replace(get, key=row_of(B)), write])) == []
    assert kinds(replace(lost, calls=[read, replace(get, invocation="two"), write])) == []
    refused = asked("PutRow", 2.9, row, service="Tablestore", status=403, code="OTSConditionCheckFail")
    assert kinds(replace(lost, calls=[refused, read, get, write])) == []  # Another record of the event waits.


V = Place("oss://photos-versions", "a.jpg")


def versioned(*operations: Operation, **more: Any) -> Evidence:
    """What is left of a storm on a key of a bucket with versions, whose tags were read at 3 and written at 4."""
    trip = [
        replace(asked(name, at, V), bucket="photos-versions") for name, at in (("GET object?tagging", 3), (WRITE, 4))
    ]
    return left(*operations, objects={V: OURS}, rows={V.uri: LABELLED}, calls=trip, **more)


def test_harm_to_a_version_that_came_within_a_round_trip_on_an_older_one_would_be_excused() -> None:
    edit = did("tag", 3.5, Shown(CAT, {"u": "2"}), V)
    assert kinds(versioned(put(1, place=V, u="1"), edit)) == []
    assert kinds(versioned(put(1, place=V), put(3.5, place=V, u="1"))) == ["tags"]
    again = did("remove", 3.5, Shown(CAT, {"u": "1"}), V)
    assert kinds(versioned(put(1, place=V, u="1"), put(2, place=V), again)) == ["tags"]


def test_tags_of_an_older_version_that_were_harmed_within_the_round_trip_would_be_harm_when_it_shows_again() -> None:
    edit, newer = did("tag", 3.5, Shown(CAT, {"u": "2"}), V), put(5, place=V)
    again = did("remove", 6, Shown(CAT, {"u": "2"}), V, request="remove")
    assert kinds(versioned(put(1, place=V, u="1"), edit, newer, again)) == []


def test_a_tag_that_the_client_missed_later_and_wrote_again_would_be_forgotten() -> None:
    again = did("tag", 9, Shown(CAT, {"u": "2"}), lost={"u": "1"})
    assert kinds(left(put(1, u="1"), again, objects={A: OURS | {"u": "2"}})) == ["tags"]


def test_the_copy_of_an_object_whose_tags_were_harmed_within_the_round_trip_would_count_as_harm_of_its_own() -> None:
    source = put(3.5, place=B, u="1")
    copy = did("copy", 6, Shown(CAT, {"u": "1"}), source=B.key, request="copy")
    trip = [asked("GET object?tagging", 3, B), asked("PUT object?tagging", 4, B)]
    both = {A.uri: LABELLED, B.uri: LABELLED}
    evidence = left(source, copy, objects={A: OURS, B: OURS | {"u": "1"}}, rows=both, calls=trip)
    assert kinds(evidence) == []
    assert kinds(replace(evidence, calls=[])) == ["tags"]


def test_an_event_without_an_outcome_would_pass_unless_it_is_due() -> None:
    assert kinds(left(put(1), history=[])) == ["outcome"]
    letter = {"request_id": "e", "payload": '{"requestId": "put1"}', "error": {}}
    assert kinds(left(put(1), history=[], dead_letters=[letter])) == ["dead"]


def test_an_operation_that_failed_or_had_no_effect_would_be_taken_for_harm_of_the_functions() -> None:
    assert kinds(left(replace(put(1), error="refused", request=""), rows={})) == ["client"]
    assert kinds(left(put(1), objects={})) == ["client", "removed"]


def test_a_content_that_is_paid_twice_without_a_cause_would_pass() -> None:
    again = detect(9, invocation="two")
    assert kinds(left(put(1), calls=[detect(3), again])) == ["paid"]
    assert kinds(left(put(1), calls=[detect(3), replace(again, content="9:2")])) == []


HEAD = "HEAD object"
STORED = asked("UpdateRow", 3.2, Place("", "imagelabels_answers/cat"), service="Tablestore")
GOOD, RAISED, DIED = (Attempt(2, 5, ending) for ending in ("good", "raised", "died"))


def causes(calls: list[Call], attempt: Attempt = GOOD, *changes: Operation) -> Mapping[str, int]:
    """Judge two paid calls for a content at 3 and at 9. The first one was made in this attempt."""
    calls = [*calls, detect(9, invocation="two")]
    verdict = judged(left(put(0), *changes, calls=calls, attempts={"one": [attempt]}))
    assert [repeat.kind for repeat in verdict.repeats] == list(verdict.causes)
    assert bool(verdict.findings) == ("none" in verdict.causes)
    return verdict.causes


@pytest.mark.parametrize(
    ("calls", "attempt", "cause"),
    [
        ([detect(3, faults=("kill",))], DIED, "kill"),
        ([detect(3), asked(HEAD, 4, faults=("kill",))], DIED, "kill"),
        ([asked(HEAD, 2.9, B, faults=("kill",)), detect(3)], DIED, "kill"),
        ([detect(3), asked(HEAD, 4, faults=("stop",))], DIED, "stop"),
        ([detect(3)], DIED, "time is over"),
        ([detect(3, faults=("cut_after",))], GOOD, "lost reply"),
        ([replace(detect(3), ended=18.5)], GOOD, "lost reply"),
        ([detect(3), asked(HEAD, 4, faults=("expire",))], RAISED, "expire"),
    ],
)
def test_a_paid_call_beyond_the_first_would_be_told_without_its_cause(
    calls: list[Call], attempt: Attempt, cause: str
) -> None:
    assert causes(calls, attempt) == {cause: 1}


@pytest.mark.parametrize(
    ("calls", "attempt"),
    [
        ([asked(HEAD, 1, faults=("kill",)), detect(3)], GOOD),  # in an earlier attempt
        ([detect(3), asked(HEAD, 7, faults=("kill",))], GOOD),  # in a later attempt
        ([detect(3), asked(HEAD, 3.5, faults=("kill",), invocation="three")], GOOD),  # in another delivery
        ([detect(3), asked(HEAD, 4, faults=("stop",))], GOOD),  # The process went on.
        ([detect(3), asked(HEAD, 4, faults=("expire",))], GOOD),
        ([detect(3), asked("PUT object?tagging", 4, faults=("error",))], RAISED),
        ([detect(3), STORED, asked(HEAD, 4, faults=("kill",))], DIED),
        ([detect(3), STORED, asked(HEAD, 4, faults=("expire",))], RAISED),
    ],
)
def test_a_paid_call_beyond_the_first_would_be_excused_by_what_has_nothing_to_do_with_it(
    calls: list[Call], attempt: Attempt
) -> None:
    assert causes(calls, attempt) == {"none": 1}


def test_an_answer_that_another_record_of_the_event_stored_would_be_taken_for_that_of_a_delivery_that_died() -> None:
    other = asked("DetectImageLabels", 2.5, B, content="5:1", etag="F", detected="labels")
    assert causes([other, detect(3), STORED, asked(HEAD, 4, faults=("kill",))], DIED) == {"kill": 1}


def test_an_overwrite_would_excuse_a_paid_call_at_any_time() -> None:
    looks = [asked(HEAD, 2.5), detect(3), asked(HEAD, 3.2)]
    assert causes(looks, GOOD, put(3.1)) == {"overwrite": 1}
    assert causes(looks, GOOD, put(4.5)) == {"overwrite before the answer was confirmed": 1}
    assert causes(looks, GOOD, put(6)) == {"none": 1}
    assert causes(looks, RAISED, put(6)) == {"overwrite after a failure": 1}
    assert causes([*looks, STORED], DIED, put(6)) == {"overwrite after a failure": 1}
    assert causes(looks, RAISED, put(9.5)) == {"none": 1}
    assert causes(looks, RAISED, put(6, place=B)) == {"none": 1}


def test_a_content_that_the_detector_saw_in_place_of_the_one_it_was_asked_about_would_have_no_cause() -> None:
    look, again = asked(HEAD, 8.5, B, invocation="two"), detect(9, place=B, invocation="two")
    both = {A.uri: LABELLED, B.uri: LABELLED}
    evidence = left(put(0), put(7, place=B), objects={A: OURS, B: OURS}, rows=both, calls=[detect(3), look, again])
    evidence = replace(evidence, attempts={"one": [GOOD], "two": [Attempt(8, 10, "good")]})
    assert judged(evidence).causes == {"none": 1}
    overwritten = replace(evidence, operations=[*evidence.operations, put(8.7, place=B)])
    assert judged(overwritten).causes == {"overwrite before the second call": 1}
    by_etag = replace(again, operation="GET object?x-oss-process")
    assert judged(replace(overwritten, calls=[detect(3), look, by_etag])).causes == {"none": 1}
